"""What Penumbra does: plain Python and pure libraries, no I/O, no platform, no framework."""
