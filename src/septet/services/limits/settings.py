"""Settings of the limits service (`SEPTET_LIMITS_…`)."""

from pydantic import Field

from septet.kernel.config import ServiceSettings


class LimitsSettings(ServiceSettings, service="limits"):
    patience_ms: int = Field(
        200, ge=2, le=1000, description="Milliseconds Valkey may take before each rule's onFailure decides instead."
    )
    most_rules: int = Field(200, ge=1, le=2000, description="Largest number of rules of one organization.")
    recorded_series: int = Field(
        50_000,
        ge=100,
        description="Distinct route and user pairs recorded per second and process; the rest is recorded without user.",
    )
    warn_percent: int = Field(
        80, ge=0, le=100, description="Part of a limit in use that is told as limits.nearly_reached; 0: never."
    )
