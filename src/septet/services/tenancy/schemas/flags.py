"""Feature flags on the wire."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, JsonValue, StringConstraints

from septet.kernel.wire import Json, Moment, Wire

FlagKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
TargetingKey = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FeatureOut(Wire):
    """A flag's value for the caller."""

    key: str = Field(description="The flag.")
    value: Any = Field(description="Boolean, number, string or JSON.")
    reason: str = Field(description="STATIC, TARGETING_MATCH, SPLIT, DISABLED or DEFAULT (OpenFeature).")
    variant: str = Field(description="on, off, own, or the plan that decides.")
    because: str = Field(description="The reason in words.")
    description: str = Field(description="What the flag is for.")


class FlagPut(Wire):
    """A flag of the organization."""

    description: str = Field("", max_length=1000, description="What it is for.")
    enabled: bool = Field(True, description="False: everybody gets `offValue`.")
    value: JsonValue = Field(True, description="What those get for whom it is on: boolean, number, string or JSON.")
    off_value: JsonValue = Field(False, description="What the others get; of the same type.")
    percentage: Decimal = Field(
        Decimal(100), ge=0, le=100, decimal_places=3, description="For how many users it is on, in percent."
    )
    starts_at: Moment | None = Field(None, description="Until then everybody gets `offValue`.")
    ends_at: Moment | None = Field(None, description="From then on everybody gets `offValue`.")


class FlagOverrideOut(Wire):
    """One user's value."""

    targeting_key: str = Field(description="The user's id, or what the application calls them.")
    value: Any = Field(description="Their value.")


class FlagOut(Wire):
    """A flag of the organization."""

    key: str = Field(description="The flag.")
    description: str = Field(description="What it is for.")
    enabled: bool = Field(description="False: everybody gets `offValue`.")
    value: Any = Field(description="What those get for whom it is on.")
    off_value: Any = Field(description="What the others get.")
    percentage: float = Field(description="For how many users it is on, in percent.")
    starts_at: datetime | None = Field(description="When it begins.")
    ends_at: datetime | None = Field(description="When it ends.")
    set_by: str = Field(description="tenant, or operator for an override of the plan.")
    updated_at: datetime = Field(description="When it was last changed.")
    overrides: list[FlagOverrideOut] = Field(description="The values of single users.")


class FlagOverridePut(Wire):
    """One user's value."""

    value: JsonValue = Field(description="Of the flag's type; null is none.")


class OfrepRequest(Wire):
    """OpenFeature's evaluation context; a client without one sends `{}`."""

    context: Json | None = Field(None, description="`targetingKey` names the user; other entries are accepted.")


class OfrepEvaluation(Wire):
    """A successful evaluation (OFREP)."""

    key: str = Field(description="The flag.")
    value: Any = Field(description="Its value.")
    reason: str = Field(description="STATIC, TARGETING_MATCH, SPLIT, DISABLED or DEFAULT.")
    variant: str = Field(description="Which of its values it is.")
    metadata: Json = Field(description="`because`: the reason in words.")


class OfrepBulk(Wire):
    """All evaluations (OFREP)."""

    flags: list[OfrepEvaluation] = Field(description="One a flag.")
