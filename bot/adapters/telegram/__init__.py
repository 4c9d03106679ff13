"""Telegram, and the only part of the project that has heard of it."""
