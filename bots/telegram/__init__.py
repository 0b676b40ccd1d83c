"""Penumbra on Telegram, spoken through python-telegram-bot."""
