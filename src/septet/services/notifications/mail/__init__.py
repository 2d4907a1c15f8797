"""E-mail: the message, its DKIM signature, and the servers that take it."""
