"""Pictures that TikTok's answers point to: the one fetch whose address comes from outside.

Owns which addresses are asked at all. Fetches from the hosts it is given only, follows nowhere, sends no token and no cookie, connects to
the address that was looked at, and takes so many bytes in so much time. What the bytes are is not its matter.

Addresses: `profile_image` of https://business-api.tiktok.com/portal/docs?id=1739670079387649, `avatar_url` of
https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info. They are signed and run out after hours or days.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore
import httpx

from integrations.tiktok.deadline import PooledTransport, all_within
from integrations.tiktok.errors import NotUnderstood, TryLater

_HEADERS = {"Accept": "image/webp,image/png,image/jpeg", "Accept-Encoding": "identity", "User-Agent": "picture-fetch"}
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpx.TransportError)


@dataclass(frozen=True)
class Rules:
    """What may be fetched: `hosts` by name, or by ".example.com" everything below it; https and public addresses only, unless not."""

    hosts: tuple[str, ...]
    is_https_only: bool = True
    is_public_only: bool = True
    most_bytes: int = 2 * 1024 * 1024
    seconds: float = 10.0

    def allow(self, url: str) -> bool:
        """Whether the address is of a form and a host that is asked. The port is the usual one where only https is."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.scheme not in ("https",) + (() if self.is_https_only else ("http",)) or parts.username is not None:
            return False
        if self.is_https_only and port not in (None, 443):
            return False
        if not url.isascii() or any(c <= " " or c in '\\"' for c in url):  # what two readers might take for two addresses
            return False
        return any(host.endswith(name) if name.startswith(".") else host == name for name in self.hosts)

    def may_connect(self, address: str) -> bool:
        """Whether an address that the host's name leads to is connected to."""
        return not self.is_public_only or is_public(address)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet. One that hides another in itself counts as that one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if ip in ipaddress.ip_network("64:ff9b::/96"):  # an IPv4 address behind a translator
            return is_public(str(ipaddress.IPv4Address(ip.packed[-4:])))
    return ip.is_global and not ip.is_multicast


def identity(url: str) -> bytes:
    """What stays the same while the picture does: neither the host, of which TikTok has many, nor the signature."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = url
    return hashlib.sha256(path.encode()).digest()


def fetch(url: str, *, rules: Rules) -> bytes:
    """The bytes behind an address that TikTok gave. It is tried once.

    Raises NotUnderstood when the address is not asked, or answers anything but one picture of a bearable size: asking again would not help.
    Raises TryLater when there was no answer or a failure of the other side.
    """
    if not rules.allow(url):
        raise NotUnderstood(sentence="TikTok named a picture at an address that is not asked.")
    transport = PooledTransport(max_connections=1, keepalive_seconds=0, may_connect=rules.may_connect)
    client = httpx.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=rules.seconds)
    try:
        with all_within(rules.seconds), client, client.stream("GET", url, headers=_HEADERS) as answer:
            return _read(answer, rules)
    except _BROKEN as error:
        raise TryLater(sentence=f"A picture did not come: {type(error).__name__}.") from None


def _read(answer: httpx.Response, rules: Rules) -> bytes:
    if answer.status_code == 429 or answer.status_code >= 500:
        raise TryLater(sentence=f"A picture did not come: status {answer.status_code}.")
    kind, length = answer.headers.get("content-type", ""), answer.headers.get("content-length", "")
    if answer.status_code != 200 or not kind.startswith("image/") or answer.headers.get("content-encoding", "identity") != "identity":
        raise NotUnderstood(sentence=f"What should be a picture is none: status {answer.status_code}.")
    if length.isdecimal() and int(length) > rules.most_bytes:
        raise NotUnderstood(sentence="A picture is too large.")
    data = bytearray()
    for piece in answer.iter_raw():
        data += piece
        if len(data) > rules.most_bytes:
            raise NotUnderstood(sentence="A picture is too large.")
    if length.isdecimal() and len(data) != int(length):
        raise TryLater(sentence="A picture broke off.")
    return bytes(data)
