"""A row in every table of limits, a recorded denial and a held slot."""

from septet.services.limits.limiter import limiter_of
from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created


async def seed(platform: Platform, organization: Organization) -> None:
    rule = {
        "name": SECRET,
        "scope": "route",
        "route": f"/{SECRET}",
        "algorithm": "gcra",
        "limit": 1,
        "windowMs": 60_000,
    }
    created(await organization.client.post("/limits/rules", json=rule))
    slots = {"name": f"{SECRET} slots", "scope": "tenant", "algorithm": "concurrency", "limit": 1}
    created(await organization.client.post("/limits/rules", json=slots))
    key = await platform.api_key(organization, "limits:check")
    check = {"apiKey": key, "route": f"/{SECRET}", "userId": SECRET}
    for allowed in (True, False):
        answer = await platform.client().post("/check", json=check)
        assert answer.json()["allowed"] is allowed, answer.text
    lease = await platform.client().post("/leases", json={"apiKey": key, "resource": SECRET, "ttlMs": 3_600_000})
    assert lease.json()["allowed"], lease.text
    await limiter_of(platform.runtime).recorder.flush()
