"""Firebase Cloud Messaging, HTTP v1: a service account's token, then one call a device.

Exercised against a local server that checks what Google documents; no message of the tests reaches Google.
"""

import asyncio
import base64
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from septet.services.notifications.webhooks.calling import Answer, Caller

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = timedelta(hours=1)


class Fcm:
    """One service account; its access token is kept until shortly before it expires."""

    def __init__(self, account_file: Path, base_url: str) -> None:
        self._account: dict[str, Any] = json.loads(account_file.read_text())
        self._base_url = base_url.rstrip("/")
        self._token: tuple[str, datetime] | None = None
        self._asking = asyncio.Lock()

    async def send(
        self, caller: Caller, device: str, message: dict[str, str | None], data: dict[str, str], ttl: int, now: datetime
    ) -> Answer:
        """`message` has title, body and link; `device` is the registration token."""
        try:
            token = await self._access_token(now)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, KeyError) as error:
            return Answer(None, {}, "", 0, f"no access token: {type(error).__name__}: {error}")
        body = {
            "message": {
                "token": device,
                "notification": {"title": message["title"], "body": message["body"]},
                "data": data,
                "android": {"ttl": f"{ttl}s"},
                "webpush": {"fcm_options": {"link": message["link"]}} if message["link"] else {},
            }
        }
        url = f"{self._base_url}/v1/projects/{self._account['project_id']}/messages:send"
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await caller.post(url, json.dumps(body).encode(), headers, now)

    async def _access_token(self, now: datetime) -> str:
        async with self._asking:
            if self._token is None or self._token[1] <= now:
                self._token = await self._ask_for_token(now)
            return self._token[0]

    async def _ask_for_token(self, now: datetime) -> tuple[str, datetime]:
        form = {"grant_type": GRANT, "assertion": self._assertion(now)}
        timeout = aiohttp.ClientTimeout(total=10)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self._account["token_uri"], data=form, raise_for_status=True) as response,
        ):
            answer = await response.json()
        return answer["access_token"], now + timedelta(seconds=int(answer["expires_in"]) - 60)

    def _assertion(self, now: datetime) -> str:
        """A JWT that the account's key signed (RFC 7523)."""
        key = serialization.load_pem_private_key(self._account["private_key"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        claims = {
            "iss": self._account["client_email"],
            "scope": SCOPE,
            "aud": self._account["token_uri"],
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        text = f"{_encode({'alg': 'RS256', 'typ': 'JWT'})}.{_encode(claims)}"
        signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def is_gone(answer: Answer) -> bool:
    """Google says UNREGISTERED (404) for a device that uninstalled the app."""
    return answer.status == 404 or (answer.status == 400 and "UNREGISTERED" in answer.body)
