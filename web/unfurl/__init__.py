"""Asks a page what it is: guarded transport, limits, reading, and a preview at the end."""
