"""The business verbs of logs: what organizations configure, and what the rest of the platform may ask."""
