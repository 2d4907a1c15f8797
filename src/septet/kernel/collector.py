"""How often Python's garbage collector looks for cycles: rarely.

Left alone it looks after every 700 new objects: a tenth of a start was spent looking through modules that stay, and
half of a request with a thousand parts.
"""

import gc

NEW_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def collect_rarely() -> None:
    """For this process and those forked from it; the earlier it is called, the more it saves."""
    gc.set_threshold(NEW_OBJECTS_BETWEEN_COLLECTIONS, 20, 50)


def spare_the_last() -> None:
    """At the end of a process: the interpreter's own last collection took 1.5 s, and the system takes all back."""
    gc.freeze()
