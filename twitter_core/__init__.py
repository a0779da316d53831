"""Everything about X, and nothing of Telegram."""
