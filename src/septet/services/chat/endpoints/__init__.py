"""HTTP: every operation of the gateway, and those that need no connection."""
