"""An organization's feature flags, and the values that single users get."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from septet.kernel.postgres import TenantOwned
from septet.services.tenancy.models.organizations import of_organization
from septet.services.tenancy.models.schema import Base, Moment


class Flag(TenantOwned, Base):
    """`set_by` is `operator` where it overrides what the plan says."""

    __tablename__ = "flags"
    __table_args__ = (of_organization(),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    description: Mapped[str]
    enabled: Mapped[bool]
    value: Mapped[Any] = mapped_column(JSONB)
    off_value: Mapped[Any] = mapped_column(JSONB)
    percentage: Mapped[Decimal] = mapped_column(Numeric(6, 3))
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    set_by: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(Moment)


class FlagOverride(TenantOwned, Base):
    __tablename__ = "flag_overrides"
    __table_args__ = (
        of_organization(),
        ForeignKeyConstraint(["tenant_id", "key"], [Flag.tenant_id, Flag.key], ondelete="CASCADE"),
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    targeting_key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
