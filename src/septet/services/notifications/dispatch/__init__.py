"""The dispatcher: takes due items out of the outbox, sends each through its channel, and settles what became of it."""
