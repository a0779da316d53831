"""Everything about Telegram: the owner's chat in front, `twitter_core` behind."""
