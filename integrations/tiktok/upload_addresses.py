"""Which addresses for uploads are TikTok's own. An answer names them, and an answer could name anything: our own network included.

Knows hosts only; sends nothing.
"""

import re
from urllib.parse import urlsplit

from agency.secret import Secret


def parts_of_upload(address: Secret, *, developers: str) -> tuple[str, str, Secret] | None:
    """Base, path and query of the address; None when it is not on the host of TikTok for Developers or on a sister of it.

    `open.tiktokapis.com` and `open-upload.tiktokapis.com` are sisters. A bare IP address or a name without a domain has none.
    """
    text = address.reveal()
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        return None
    try:
        given, own = urlsplit(text), urlsplit(developers)
        same_origin = (given.scheme, given.netloc) == (own.scheme, own.netloc)
        is_sister = given.port == own.port and _is_sister(given.hostname or "", own.hostname or "")
    except ValueError:
        return None
    if given.scheme != own.scheme or "@" in given.netloc or given.fragment or not (same_origin or is_sister):
        return None
    return f"{given.scheme}://{given.netloc}", given.path, Secret(given.query)


def _is_sister(host: str, own: str) -> bool:
    """Under the same domain. What ends in digits is an IP address, and its neighbours are strangers."""
    domain = own.partition(".")[2]
    return "." in domain and domain.rpartition(".")[2].isalpha() and host.endswith(f".{domain}")
