"""A few sites of our own, to have something to share where there is no internet."""
