"""The business verbs of links."""
