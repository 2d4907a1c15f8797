"""Logs' refusals."""

from septet.kernel.errors import BodyTooLarge, MalformedBody, NotFound, Problem


class QueueFull(Problem):
    """The queue's byte limit is reached; ClickHouse is slower than what comes in."""

    status, code, title = 429, "log_queue_full", "The log queue is full"

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"More is waiting for storage than {setting} allows. Nothing of this request was taken; send it again.",
            headers={"Retry-After": "2"},
        )


class IngestBodyTooLarge(BodyTooLarge):
    def __init__(self, setting: str, limit: int) -> None:
        super().__init__(f"The body is larger than {setting} allows ({limit} bytes); send smaller batches.")


class UnreadableEncoding(MalformedBody):
    code, title = "unreadable_encoding", "The body cannot be decompressed"


class BadSearch(Problem):
    status, code, title = 400, "bad_search", "The search cannot be understood"


class LineNotFound(NotFound):
    code, title = "line_not_found", "No such log line"


class SearchNotFound(NotFound):
    code, title = "search_not_found", "No such saved search"


class AlertNotFound(NotFound):
    code, title = "alert_not_found", "No such alert"


class MaskNotFound(NotFound):
    code, title = "mask_not_found", "No such masking rule"


class DeadLetterNotFound(NotFound):
    code, title = "dead_letter_not_found", "No such dead letter"


class NameTaken(Problem):
    status, code, title = 409, "name_taken", "The name is taken"


class LineRejected(Problem):
    """For protocols that cannot say which lines were rejected; like Loki's own, it must not be repeated."""

    status, code, title = 400, "line_rejected", "Some lines were rejected"
