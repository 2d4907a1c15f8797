"""The business verbs of limits."""
