"""The ways in: a terminal, Telegram."""
