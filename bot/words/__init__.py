"""Every sentence that the bot says in the chat. Pure.

The labels of a card's buttons are fixed, and stand beside what they do, in `bot.card`.
"""
