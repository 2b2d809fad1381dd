"""Looking for a secret in everything: as text, hex, base64 at any offset, URL-encoded, and inside what packs it.

Owns the forms and the places; never knows where a secret comes from.
"""

import base64
import binascii
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.stack.ground import Ground

_BYTEA = re.compile(rb"\\\\?x((?:[0-9a-f]{2}){8,})")
_PACKED = re.compile(rb"(?<![\w-])\.(eJ[\w-]{20,})")  # a compressed Django session: a dot, then base64 of zlib


def forms(secret: bytes) -> set[bytes]:
    """Every way in which these bytes may stand somewhere."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    text = secret.decode("utf-8", "replace")
    found |= {quote(text, safe="").encode(), quote_plus(text, safe="").encode(), quote(text).encode()}
    for offset in range(3):
        # Only the part of base64 that does not depend on the neighbours.
        inner = base64.b64encode(b"\0" * offset + secret)[(0, 2, 3)[offset] :].rstrip(b"=")
        whole = len(inner) if (offset + len(secret)) % 3 == 0 else len(inner) - 1
        found |= {inner[:whole], inner[:whole].translate(bytes.maketrans(b"+/", b"-_"))}
    assert all(len(form) >= 8 for form in found), "too short to mean anything"
    return found


class Search:
    """Secrets by name, looked for in one pass."""

    def __init__(self, secrets: Iterable[tuple[str, bytes]]) -> None:
        self.names: dict[bytes, str] = {}
        for name, secret in secrets:
            for form in forms(secret):
                self.names.setdefault(form, name)

    def hits(self, content: bytes) -> set[str]:
        """Names of what stands in there."""
        content = content.rstrip(b"\0")
        return {name for form, name in self.names.items() if form in content}


def unpacked(dump: bytes) -> bytes:
    """A dump with every bytea value and every compressed session opened, behind each other."""
    parts = [binascii.unhexlify(m[1]) for m in _BYTEA.finditer(dump)]
    for found in _PACKED.finditer(dump):
        packed = found[1].split(b":")[0]
        parts.append(zlib.decompress(base64.urlsafe_b64decode(packed + b"=" * (-len(packed) % 4))))
    return b"\n".join(parts)


def dump(ground: Ground, database: str, url_name: str, *options: str) -> bytes:
    """A database in plain SQL, as the role of that address sees it."""
    postgres = ground.stack.servers.postgres
    assert postgres is not None
    url = ground.environment[url_name].rsplit("/", 1)[0] + f"/{database}"
    command = [str(postgres.programs / "pg_dump"), "--inserts", *options, url]
    answer = subprocess.run(command, capture_output=True, check=False, **postgres.account.options())
    assert answer.returncode == 0, answer.stderr.decode()
    return answer.stdout


def valkey_content(ground: Ground) -> bytes:
    """Every key with its value, of all three databases."""
    found = [item for name in ("BROKER_URL", "CACHE_URL", "RATE_URL") for item in _content(ground, name)]
    return b"\n".join(found)


def _content(ground: Ground, name: str) -> Iterator[bytes]:
    with ground.valkey(name) as client:
        readers = {
            b"string": client.get,
            b"list": lambda key: client.lrange(key, 0, -1),
            b"hash": client.hgetall,
            b"set": client.smembers,
            b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        }
        for key in client.scan_iter():
            kind = client.type(key)
            value = readers[kind](key) if kind in readers else b""  # it may have been taken meanwhile
            yield key
            yield value if isinstance(value, bytes) else repr(value).encode()


def mails(folder: Path) -> bytes:
    """Every mail with its parts decoded."""
    parts = []
    for path in folder.glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts += [str(message.items()).encode(), *(p.get_payload(decode=True) or b"" for p in message.walk())]
    return b"\n".join(parts)


def files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below, the servers' data and write-ahead logs included."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                try:
                    yield path, path.read_bytes()
                except FileNotFoundError:  # a server's working file that is gone again
                    continue
