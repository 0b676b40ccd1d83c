"""Talks to the operator: settings, wiring, running, mending. The only room that knows all the others."""
