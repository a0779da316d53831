"""Every word that the bot says in the chat. Pure: nothing that an owner reads stands elsewhere."""
