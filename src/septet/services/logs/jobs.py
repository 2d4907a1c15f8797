"""What logs do by the clock: retention once an hour, alerts once a minute."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from septet.kernel.jobs import job, schedule
from septet.kernel.uow import UnitOfWork
from septet.services.logs import retention, store
from septet.services.logs.events import LogAlertFired
from septet.services.logs.models import Alert
from septet.services.logs.schemas import SearchQuery
from septet.services.logs.search.export import matching
from septet.services.logs.search.filters import Filter
