"""A passkey authenticator in software: what a phone or a security key does, with a P-256 key (WebAuthn, CTAP2)."""

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one passkey. `origin` is the page that asks; a counter is kept as hardware does."""

    def __init__(self, origin: str, host: str) -> None:
        self.origin, self.host = origin, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.counter = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer registration options."""
        client_data = self._client_data("webauthn.create", options["challenge"])
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + self._cose_key()
        auth_data = self._auth_data(PRESENT | VERIFIED | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": auth_data})
        return self._credential(clientDataJSON=client_data, attestationObject=attestation)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer authentication options."""
        self.counter += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        auth_data = self._auth_data(PRESENT | VERIFIED)
        signed = auth_data + hashlib.sha256(client_data).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._credential(clientDataJSON=client_data, authenticatorData=auth_data, signature=signature)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _auth_data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _cose_key(self) -> bytes:
        public = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)})

    def _credential(self, **response: bytes) -> dict[str, Any]:
        encoded = bytes_to_base64url(self.id)
        answer = {name: bytes_to_base64url(value) for name, value in response.items()}
        return {"id": encoded, "rawId": encoded, "type": "public-key", "response": answer}
