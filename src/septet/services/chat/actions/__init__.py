"""The business verbs of chat, one file per noun."""
