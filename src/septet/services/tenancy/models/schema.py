"""The schema's metadata and column types."""

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import DeclarativeBase

from septet.kernel.postgres import service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata("tenancy")
    type_annotation_map = {str: Text}  # noqa: RUF012 - SQLAlchemy reads it from the class


Moment = DateTime(timezone=True)
