"""A local X and a local Telegram, for trying Telex and for testing it.

Speaks plain HTTP on loopback and imports nothing of the code that it tests.
"""
