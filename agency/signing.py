"""The installation's signature under what others must be able to verify without us: Ed25519, with a public key that is published.

The private key is never stored: it is derived from a data key of the keyring whenever something is signed.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from agency.keyring import data_key

_KEY = "signing"


def sign(document: bytes, *, purpose: str) -> bytes:
    """64 bytes over the document. Each purpose has a key of its own. Talks to the key service: call it outside a transaction."""
    return _private(purpose).sign(document)


def public_key_pem(*, purpose: str) -> str:
    """The public key as PEM, as `openssl` reads it."""
    return _private(purpose).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(*, purpose: str) -> str:
    """A short name of the public key: the first 16 bytes of its SHA-256, in hex."""
    raw = _private(purpose).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:32]


def _private(purpose: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hmac.digest(data_key(_KEY, create=True), purpose.encode(), hashlib.sha256))
