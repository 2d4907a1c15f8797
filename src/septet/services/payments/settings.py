"""Settings of the payments service (`SEPTET_PAYMENTS_…`)."""

from uuid import UUID

from pydantic import Field, SecretStr

from septet.kernel.config import CommaList, HttpUrl, ServiceSettings


class PaymentsSettings(ServiceSettings, service="payments"):
    provider_url: HttpUrl | None = Field(
        None, description="URL of Stripe's API, or of what speaks it; unset: the fake provider on SEPTET_PROVIDER_PORT."
    )
    provider_key: SecretStr = Field(SecretStr("sk_test_septet"), description="API key at the provider.")
    provider_timeout_seconds: float = Field(
        10.0, gt=0, le=80, description="How long an answer of the provider is waited for, in seconds."
    )
    provider_retries: int = Field(
        2,
        ge=0,
        le=10,
        description="How often a request to the provider is repeated before its outcome is unknown.",
    )
    operator_organization: UUID = Field(
        UUID(int=0),
        description="Organization that gets what organizations pay for their plans, and sees it among its payments; "
        "unless set, nobody's.",
    )
    webhook_url: HttpUrl | None = Field(
        None, description="Where the provider sends events; unset: SEPTET_PUBLIC_URL followed by /payments/webhook."
    )
    webhook_secrets: CommaList = Field(
        (), description="Signing secrets that are valid beside the registered endpoint's own, separated by commas."
    )
    webhook_register: bool = Field(
        True, description="Register our webhook endpoint at the provider; false where that is done by hand."
    )
    webhook_tolerance_seconds: int = Field(
        300, ge=1, le=3600, description="Oldest signature of an event that is believed, in seconds."
    )
    recovery_seconds: float = Field(
        15.0,
        ge=1,
        le=3600,
        description="Age at which the worker takes up an operation without an outcome, in seconds.",
    )
    late_after_seconds: int = Field(
        3600,
        ge=1,
        description="Reconciliation: booked this much later than at the provider counts as late, in seconds.",
    )
