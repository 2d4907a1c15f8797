"""Settings of the tenancy service (`SEPTET_TENANCY_…`)."""

from pydantic import Field

from septet.kernel.config import ServiceSettings


class TenancySettings(ServiceSettings, service="tenancy"):
    session_idle_hours: int = Field(24 * 14, ge=1, description="Hours without use after which a session ends.")
    session_absolute_hours: int = Field(24 * 90, ge=1, description="Hours after which a session ends in any case.")
    argon2_memory_kib: int = Field(19_456, ge=8, description="Memory of one password hash, in KiB (OWASP: 19456).")
    argon2_iterations: int = Field(2, ge=1, description="Passes of one password hash (OWASP: 2).")
