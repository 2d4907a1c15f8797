"""The statuses of a project's tasks: each has a category, by which the platform knows what is done."""

from typing import Literal, get_args

Category = Literal["backlog", "unstarted", "started", "completed", "canceled"]
CATEGORIES: tuple[str, ...] = get_args(Category)
DONE = "completed"
CLOSED = (DONE, "canceled")

DEFAULT_STATUSES: list[dict[str, str]] = [
    {"key": "backlog", "name": "Backlog", "category": "backlog"},
    {"key": "todo", "name": "To do", "category": "unstarted"},
    {"key": "in_progress", "name": "In progress", "category": "started"},
    {"key": "done", "name": "Done", "category": "completed"},
    {"key": "canceled", "name": "Canceled", "category": "canceled"},
]


def first_status(statuses: list[dict[str, str]]) -> str:
    """What a new task has: the first that is ready to be started, else the first of all."""
    ready = [status for status in statuses if status["category"] == "unstarted"]
    return (ready or statuses)[0]["key"]


def category_of(statuses: list[dict[str, str]], key: str) -> str | None:
    """None when there is no such status."""
    return next((status["category"] for status in statuses if status["key"] == key), None)
