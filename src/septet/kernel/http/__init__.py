"""HTTP as every service speaks it: problem documents, units of work, idempotency, cursors, ETags.

Endpoints import from here: `Router`, `RequestUow`, `PublicUow`, `Wire`, `Page`, `PageQuery`, `refusals`.
"""

from septet.kernel.http.dependencies import PublicUow, RequestUow, RestrictedTenantUow, TenantUow
from septet.kernel.http.guards import needs_feature
from septet.kernel.http.paging import Cursor, Page, PageQuery, moment
from septet.kernel.http.problems import refusals
from septet.kernel.http.routing import Router
from septet.kernel.versions import etag_of, require_match
from septet.kernel.wire import Wire

__all__ = [
    "Cursor",
    "Page",
    "PageQuery",
    "PublicUow",
    "RequestUow",
    "RestrictedTenantUow",
    "Router",
    "TenantUow",
    "Wire",
    "etag_of",
    "moment",
    "needs_feature",
    "refusals",
    "require_match",
]
