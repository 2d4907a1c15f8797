"""What an organization used on a day (UTC)."""

from datetime import date

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from septet.kernel.postgres import TenantOwned
from septet.services.tenancy.models.organizations import of_organization
from septet.services.tenancy.models.schema import Base


class Usage(TenantOwned, Base):
    """`told_percent`: the share of the quota of which the organization was last told; 0 for nothing yet."""

    __tablename__ = "usage"
    __table_args__ = (of_organization(),)

    day: Mapped[date] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(Text, primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)
    told_percent: Mapped[int]
