"""What goes wrong with an engine, as sentences for the person at the terminal."""


class EngineError(Exception):
    """An engine cannot start or be used; the message says why and how to mend it."""
