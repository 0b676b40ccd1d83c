"""Talks HTTP, in and out."""
