"""Talks to chat platforms: reads what they send, asks core, answers in their words. The two bots never meet."""
