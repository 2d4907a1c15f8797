"""Logs on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from septet.kernel.wire import ShortText, Wire

Level = Literal["trace", "debug", "info", "warn", "error", "fatal"]
LEVELS: tuple[Level, ...] = ("trace", "debug", "info", "warn", "error", "fatal")
Days = Annotated[int, Field(ge=1, le=3650)]


class RejectionOut(Wire):
    """A line that was not taken."""

    index: int = Field(description="Its place in the request, counted from 0.")
    reason: str = Field(description="What is wrong with it.")


class LineOut(Wire):
    """One log line."""

    id: str = Field(description="The line's id.")
    timestamp: str = Field(description="When it happened, RFC 3339 in UTC with up to nanoseconds.")
    timestamp_from: Literal["line", "arrival"] = Field(
        description="`line` when the line says so, `arrival` when it does not and its arrival is taken instead."
    )
    received_at: str = Field(description="When it arrived.")
    level: Level = Field(description="Its level; `info` where the line says none.")
    service: str = Field(description="The service that wrote it.")
    host: str = Field(description="The machine it came from; empty when unknown.")
    trace_id: str = Field(description="Its trace; empty when unknown.")
    span_id: str = Field(description="Its span; empty when unknown.")
    message: str = Field(description="What it says.")
    attributes: dict[str, Any] = Field(description="All else that it says, as JSON.")
    raw: str = Field(description="The line as it came (masked where the organization wants it so).")
    highlights: list[tuple[int, int]] | None = Field(
        None, description="Where `message` matches `q`: start and end, in characters."
    )


class IngestAnswer(Wire):
    """What became of the lines of a request."""

    accepted: int = Field(description="Lines that are stored, or will be however the platform crashes.")
    rejected: int = Field(description="Lines that are not; accepted and rejected add up to those sent.")
    errors: list[RejectionOut] = Field(description="The rejected lines, at most the first 1,000.")
    derived: list[LineOut] | None = Field(None, description="With `dryRun=true`: what would be stored.")


class LinePage(Wire):
    """Lines, and whether they are all."""

    data: list[LineOut] = Field(description="The lines, in the order asked for.")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")
    partial: bool = Field(description="True when a budget was used up, so lines may be missing.")
    partial_reason: str | None = Field(None, description="Which budget, and how to ask for less.")


class ContextOut(Wire):
    """A line with its neighbours in time, of the same service and host."""

    before: list[LineOut] = Field(description="The lines before it, oldest first.")
    line: LineOut = Field(description="The line itself.")
    after: list[LineOut] = Field(description="The lines after it, oldest first.")
    partial: bool = Field(description="True when a budget was used up.")


class Bucket(Wire):
    """The lines of one step of time."""

    at: datetime = Field(description="Where the step begins.")
    count: int = Field(description="How many lines.")
    levels: dict[str, int] = Field(description="How many of each level.")


class HistogramOut(Wire):
    """Lines over time."""

    buckets: list[Bucket] = Field(description="Every step of the range, the empty ones too.")
    step_seconds: int = Field(description="The length of a step.")
    total: int = Field(description="Lines in all.")
    partial: bool = Field(description="True when a budget was used up, so counts are too small.")
    partial_reason: str | None = Field(None, description="Which budget, and how to ask for less.")


class FacetValue(Wire):
    """A value and how often it occurs."""

    value: str = Field(description="The value.")
    count: int = Field(description="How many lines have it.")


class FacetOut(Wire):
    """The most frequent values of a field."""

    field: str = Field(description="The field.")
    values: list[FacetValue] = Field(description="The values, most frequent first.")
    partial: bool = Field(description="True when a budget was used up, so counts are too small.")
    partial_reason: str | None = Field(None, description="Which budget, and how to ask for less.")


class ServiceOut(Wire):
    """A service that writes logs."""

    service: str = Field(description="Its name.")
    lines: int = Field(description="Lines stored.")
    bytes: int = Field(description="Their size as they came, in bytes.")
    stored_bytes: int = Field(description="About what they take on disk, in bytes.")
    first_at: datetime = Field(description="The time of its oldest line.")
    last_at: datetime = Field(description="The time of its newest line.")


class ServicesOut(Wire):
    """The services that write logs, and what they take."""

    data: list[ServiceOut] = Field(description="By name.")
    lines: int = Field(description="Lines stored in all.")
    bytes: int = Field(description="Their size as they came, in bytes.")
    stored_bytes: int = Field(description="About what they take on disk, in bytes.")
    waiting_bytes: int = Field(description="Bytes that are accepted and still wait in the queue.")
    partial: bool = Field(description="True when a budget was used up, so figures are too small.")


class RetentionIO(Wire):
    """How long lines are kept, counted from their arrival."""

    days: Days = Field(description="Days for every service that is not named.")
    per_service: dict[str, Days] = Field(default_factory=dict, description="Days for these services.", max_length=500)
    max_bytes: int | None = Field(
        None, ge=1_000_000, description="Bytes of lines to keep at most; the oldest arrivals go. Null: no limit."
    )
    max_bytes_per_service: dict[str, Annotated[int, Field(ge=1_000_000)]] = Field(
        default_factory=dict, description="The same for single services.", max_length=500
    )


class SearchQuery(Wire):
    """What to look for; the parameters of `GET /logs`."""

    service: list[str] = Field(default_factory=list, max_length=50, description="Any of these services.")
    level: list[Level] = Field(default_factory=list, description="Any of these levels.")
    min_level: Level | None = Field(None, description="This level and the worse ones.")
    q: str | None = Field(None, max_length=1000, description="Words to find in messages.")
    attributes: dict[str, list[str]] = Field(
        default_factory=dict, max_length=50, description="Conditions by attribute path, as in `attr.<path>=`."
    )


class SearchCreate(Wire):
    """A search to keep."""

    name: ShortText = Field(description="Its name, unique in the organization.")
    query: SearchQuery = Field(description="What it looks for.")


class SearchOut(SearchCreate):
    """A saved search."""

    id: UUID = Field(description="Its id.")
    created_at: datetime = Field(description="When it was saved.")


class AlertCreate(Wire):
    """Tell when more lines than a threshold match within a window."""

    name: ShortText = Field(description="Its name, unique in the organization.")
    query: SearchQuery | None = Field(None, description="What it counts; or name a saved search.")
    search_id: UUID | None = Field(None, description="The saved search whose lines it counts.")
    window_seconds: int = Field(300, ge=60, le=86_400, description="The window that is looked at, in seconds.")
    threshold: int = Field(0, ge=0, description="It fires when more lines than this match.")


class AlertOut(Wire):
    """An alert."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="Its name.")
    query: SearchQuery = Field(description="What it counts.")
    window_seconds: int = Field(description="The window that is looked at, in seconds.")
    threshold: int = Field(description="It fires when more lines than this match.")
    state: Literal["calm", "firing"] = Field(description="`firing` from when it fired until it is calm again.")
    fired_at: datetime | None = Field(description="When it last fired; null for never.")
    last_count: int = Field(description="The count at the last look.")
    created_at: datetime = Field(description="When it was made.")


class MaskCreate(Wire):
    """Something to hide in every line before it is stored: a known kind, or a regular expression."""

    name: ShortText = Field(description="Its name, unique in the organization.")
    kind: Literal["card", "email", "token"] | None = Field(None, description="A known kind of secret.")
    pattern: str | None = Field(None, min_length=1, max_length=500, description="Or a regular expression (RE2).")
    # Inside a JSON line it must leave the JSON whole, and a backslash would mean something to RE2.
    replacement: str | None = Field(
        None,
        max_length=100,
        pattern=r'^[^"\\\x00-\x1f]*$',
        description='What to put there instead; no `"`, backslash or control character.',
    )


class MaskOut(Wire):
    """A masking rule."""

    id: UUID = Field(description="Its id.")
    name: str = Field(description="Its name.")
    pattern: str = Field(description="The regular expression (RE2).")
    replacement: str = Field(description="What is put there instead.")
    created_at: datetime = Field(description="When it was made.")


class DeadLetterOut(Wire):
    """A request that ClickHouse refused for good."""

    id: str = Field(description="Its id.")
    received_at: datetime = Field(description="When it arrived.")
    service: str = Field(description="The service it was sent for.")
    lines: int = Field(description="How many lines it has.")
    bytes: int = Field(description="Their size in bytes.")
    fault: str = Field(description="Why it was refused.")
    beginning: str = Field(description="The first 2,000 characters of its lines.")


class DeadLetters(Wire):
    """Requests that wait for somebody to look at them."""

    data: list[DeadLetterOut] = Field(description="Oldest first.")
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one.")
