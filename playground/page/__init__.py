"""The browser page of the playground: both conversations side by side, people to be, a clock to move."""
