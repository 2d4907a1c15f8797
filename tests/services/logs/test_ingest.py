"""Lines come in in many forms, and every one is stored as it came, or rejected with a reason."""

import json
import sys

from tests.platform import Organization
from tests.services.logs.lines import send, stored

if sys.version_info >= (3, 14):
    pass
else:
    pass


async def test_a_json_line_is_derived_and_kept_as_it_came(organization: Organization) -> None:
    line = {
        "timestamp": "2026-05-01T10:00:00.123456789Z",
        "level": "WARNING",
        "service": "checkout",
        "message": "payment failed: żółć",
        "orderId": 17,
        "http": {"status": 502},
    }
    assert await send(organization.client, line) == {"accepted": 1, "rejected": 0, "errors": []}
    (found,) = await stored(organization.client, 1)
    assert found["timestamp"] == "2026-05-01T10:00:00.123456789Z"
    assert (found["level"], found["service"], found["message"]) == ("warn", "checkout", "payment failed: żółć")
    assert found["attributes"] == {"orderId": 17, "http": {"status": 502}}
    assert json.loads(found["raw"]) == line
