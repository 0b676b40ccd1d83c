"""Talks to the database. Rows never leave this room; core's nouns come in and go out."""
