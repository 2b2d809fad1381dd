"""A passkey made of software: what a device does with the server's options, for tests without a browser."""

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.utils import websafe_decode, websafe_encode

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One credential of one person. `verifies=False` is a device that asks its owner for nothing."""

    def __init__(self, rp_id: str = "testserver", origin: str = "http://testserver", *, verifies: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.rp_id, self.origin = rp_id, origin
        self.flags = _PRESENT | (_VERIFIED if verifies else 0)
        self.handle = b""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to a registration."""
        asked = options["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        client = self._client("webauthn.create", asked["challenge"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor.encode(cose)
        data = self._data(self.flags | _ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._whole({"attestationObject": attestation, "clientDataJSON": client}, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> str:
        """The answer to a sign-in."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"authenticatorData": data, "clientDataJSON": client, "signature": signature, "userHandle": self.handle}
        return self._whole(parts, {})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + (0).to_bytes(4, "big")

    def _whole(self, parts: dict[str, bytes], extensions: dict[str, Any]) -> str:
        name = websafe_encode(self.id)
        response = {key: websafe_encode(value) for key, value in parts.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": extensions})
