"""The schema's metadata and column types."""

from sqlalchemy import DateTime
from sqlalchemy.orm import DeclarativeBase

from septet.kernel.postgres import service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("tenancy")


Moment = DateTime(timezone=True)
