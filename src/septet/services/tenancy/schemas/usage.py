"""Usage on the wire."""

from datetime import date
from typing import Literal

from pydantic import Field

from septet.kernel.wire import Wire


class DayOfUsage(Wire):
    """What was used on a day."""

    day: date = Field(description="The day (UTC).")
    used: dict[str, int] = Field(
        description="By metric: seats and links there were; messages, notifications, checks and logBytes that came."
    )


class QuotaOut(Wire):
    """What the plan allows of a metric."""

    metric: str = Field(description="The metric.")
    used: int = Field(description="Used today by now.")
    limit: int = Field(description="What the plan allows, a day for what is spent.")
    enforcement: Literal["soft", "hard"] = Field(description="`soft` only warns, `hard` refuses more.")


class UsageOut(Wire):
    """What an organization uses."""

    data: list[DayOfUsage] = Field(description="The newest day first; days without usage are left out.")
    quotas: list[QuotaOut] = Field(description="Today's usage beside the plan.")
