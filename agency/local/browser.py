"""A person with a browser, for scripts: signs in, connects, disconnects, over real HTTP and through the pages' own forms.

Used by the demo's start, the walkthrough and tests. Knows pages by their forms, never by their looks, and no application code.
"""

import base64
import hmac
import struct
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx


class Unexpected(RuntimeError):
    """A page did not answer as a person would expect."""


@dataclass
class Form:
    """A form as the page shows it."""

    action: str
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)  # those that are not ticked


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._open = Form(action=a.get("action", ""), method=a.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is None or "name" not in a or "disabled" in a:
            return
        elif tag == "button":
            self._open.buttons.append((a["name"], a.get("value", "")))
        elif tag == "input" and (a.get("type") not in {"checkbox", "radio"} or "checked" in a):
            self._open.fields.append((a["name"], a.get("value", "on" if a.get("type") == "checkbox" else "")))
        elif a.get("type") == "checkbox":
            self._open.boxes.append((a["name"], a.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def forms_of(html: str) -> list[Form]:
    """All forms of a page."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def totp(secret: str, at: float | None = None) -> str:
    """The six digits that an authenticator app would show."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Browser:
    """One person's browser. Follows redirects as browsers do, keeps cookies, and holds no other state."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.http = httpx.Client(base_url=self.base_url, follow_redirects=True, timeout=60, trust_env=False)

    def close(self) -> None:
        """End."""
        self.http.close()

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """Open an address."""
        return self.http.get(path, **kwargs)

    def submit(self, page: httpx.Response, to: str = "", **values: Any) -> httpx.Response:
        """Fill in and send the form whose action contains `to`. A list sends the field several times, None leaves it out."""
        candidates = [f for f in forms_of(page.text) if to in urljoin(str(page.url), f.action)]
        if not candidates:
            raise Unexpected(f"{_place(page)} answered {page.status_code} and shows no form to {to or 'send'}.")
        form = candidates[0]
        data: dict[str, Any] = {}
        for name, value in form.fields:
            data.setdefault(name, []).append(value)
        for name, value in values.items():
            if value is None:
                data.pop(name, None)
            else:
                data[name] = value if isinstance(value, list) else [value]
        address = urljoin(str(page.url), form.action)
        headers = {"Origin": f"{page.url.scheme}://{page.url.netloc.decode()}", "Referer": str(page.url)}
        if form.method == "post":
            return self.http.post(address, data=data, headers=headers)
        return self.http.get(address, params=data)

    def sign_in(self, person: dict[str, Any]) -> httpx.Response:
        """With password, and with a code where one is asked for."""
        page = self.submit(self.get("/sign-in"), to="/sign-in", login=person["email"], password=person["password"])
        if "/two-factor" in str(page.url):
            if not person.get("totp_secret"):
                raise Unexpected("A second factor is asked for and this person has none.")
            page = self.submit(page, code=totp(person["totp_secret"]))
            if "/two-factor" in str(page.url):  # its half minute ended on the way: as a person does, type the next one
                page = self.submit(page, code=totp(person["totp_secret"]))
        if "/sign-in" in str(page.url) or "/two-factor" in str(page.url):
            raise Unexpected(f"Signing in as {person['email']} ended on {_place(page)}.")
        return page

    def act_in(self, workspace: str) -> None:
        """Switch to a workspace."""
        self.get("/settings/account", params={"workspace": workspace})

    def connect(self, account: str, *, without: tuple[str, ...] = (), answer: str = "allow") -> httpx.Response:
        """Press Connect and answer TikTok's page as the owner of `account`."""
        consent = self.submit(self.get("/settings/integrations"), to="/settings/integrations/connect")
        form = next((f for f in forms_of(consent.text) if any(name == "account" for name, _ in f.fields)), None)
        if form is None:
            raise Unexpected(f"No consent page; {_place(consent)} answered {consent.status_code}.")
        scopes = [value for name, value in form.fields if name == "scope" and value not in without]
        return self.submit(consent, account=account, scope=scopes, answer=answer)

    def link_ad_accounts(self, person: str, *named: str) -> httpx.Response:
        """Press Connect ad accounts, say yes on TikTok's page as `person`, and tick the ad accounts of these names; all without any."""
        consent = self.submit(self.get("/settings/integrations"), to="/settings/integrations/ad-accounts/connect")
        page = self.submit(consent, account=person, answer="allow")
        form = next((f for f in forms_of(page.text) if f.action.endswith("/ad-accounts")), None)
        if form is None:
            raise Unexpected(f"No ad accounts to choose from; {_place(page)} answered {page.status_code}.")
        ids = [value for name, value in form.boxes if name == "ad_account"]
        chosen = [value for value in ids if not named or any(name in _label_of(page.text, value) for name in named)]
        return self.submit(page, to="/ad-accounts", ad_account=chosen)


def _label_of(html: str, value: str) -> str:
    """The words beside a box."""
    return html.partition(f'value="{value}"')[2].partition("</label>")[0]


def _place(page: httpx.Response) -> str:
    return urlsplit(str(page.url)).path
