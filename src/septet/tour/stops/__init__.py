"""The stops of the tour in their order; each is one coroutine that does something and checks what came of it."""
