"""Settings of the tenancy service (`SEPTET_TENANCY_…`)."""

from pydantic import Field, SecretStr

from septet.kernel.config import CommaList, HttpUrl, ServiceSettings


class TenancySettings(ServiceSettings, service="tenancy"):
    session_idle_hours: int = Field(24 * 14, ge=1, description="Hours without use after which a session ends.")
    session_absolute_hours: int = Field(24 * 90, ge=1, description="Hours after which a session ends in any case.")
    argon2_memory_kib: int = Field(19_456, ge=8, description="Memory of one password hash, in KiB (OWASP: 19456).")
    argon2_iterations: int = Field(2, ge=1, description="Passes of one password hash (OWASP: 2).")
    password_reset_minutes: int = Field(30, ge=1, description="Minutes for which a password reset link works.")
    email_verification_hours: int = Field(48, ge=1, description="Hours for which an e-mail verification link works.")
    attempts_per_account: int = Field(
        10, ge=1, description="Failed log-ins, codes or reset requests of one account in 15 minutes."
    )
    attempts_per_address: int = Field(
        300, ge=1, description="Failed log-ins, codes or reset requests from one IP address in 15 minutes."
    )
    invitation_days: int = Field(7, ge=1, description="Days for which an invitation may be accepted.")
    deletion_grace_days: int = Field(14, ge=0, description="Days for which a deleted organization can be restored.")
    trial_days: int = Field(14, ge=1, description="Days of a trial of a paid plan.")
    invoice_due_days: int = Field(1, ge=0, description="Days after which an unpaid invoice is past due.")
    dns_servers: CommaList = Field(
        (), description="Name servers that prove domains, as address or address:port; empty: the system's."
    )
    oidc_issuer: HttpUrl | None = Field(None, description="Issuer URL of an OpenID Connect provider to sign in with.")
    oidc_client_id: str = Field("", description="Client id at that provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at that provider.")
