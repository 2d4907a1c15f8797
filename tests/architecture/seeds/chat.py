"""A row in every table of chat: a private room, a message with everything on it, and the body it had before."""

from tests.architecture.seeds import SECRET
from tests.platform import Organization, Platform, created


async def seed(platform: Platform, organization: Organization) -> None:
    client = organization.client
    room = created(await client.post("/rooms", json={"name": SECRET, "topic": SECRET, "visibility": "private"}))
    created(await client.post("/rooms", json={"name": f"public {SECRET}", "tellsJoins": True}))
    link = {"url": f"https://example.com/{SECRET}", "name": SECRET}
    body = {"clientMessageId": SECRET, "body": f"{SECRET} @room", "attachments": [link]}
    message = created(await client.post(f"/rooms/{room['id']}/messages", json=body))
    answer = {"clientMessageId": f"answer {SECRET}", "body": SECRET, "replyTo": message["id"]}
    created(await client.post(f"/rooms/{room['id']}/messages", json=answer))
    for method, path, sent in (
        ("PATCH", f"/messages/{message['id']}", {"body": f"{SECRET} edited"}),
        ("PUT", f"/messages/{message['id']}/reactions/{SECRET}", None),
        ("PUT", f"/messages/{message['id']}/pin", None),
        ("POST", f"/rooms/{room['id']}/read", {"seq": 1}),
        ("PUT", "/presence", {"status": "online"}),
    ):
        changed = await client.request(method, path, json=sent)
        assert changed.status_code == 200, changed.text
    await platform.jobs_done()
