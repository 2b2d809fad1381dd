"""Drives a sandbox process from tests, over HTTP only. Holds no expectations."""

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.tiktok_sandbox.described import Watcher

API = "/open_api/v1.3"
APP_ID = "7600593971684835329"
SECRET = "demo-only-app-secret-not-valid-at-tiktok"
REDIRECT_URI = "http://127.0.0.1:8000/tiktok/auth/callback"
VERIFIER = "dev-platform.test_verifier~0123456789ABCDEFabcdef"
EVERYTHING = (
    "user.info.basic,user.info.username,user.info.profile,user.info.stats,user.account.type,user.insights,video.list,video.insights"
)


def start_process(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start the program on a free port and wait for its ready line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tiktok_sandbox", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    if not line.startswith("ready "):
        raise RuntimeError(f"the sandbox did not start: {line}{process.stderr.read()}")
    return process, line.split()[1]


def stop_process(process: subprocess.Popen[str]) -> int:
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    return process.returncode


def client_of(base: str) -> httpx.Client:
    """A client that refuses every answer which the sandbox does not document."""
    return httpx.Client(base_url=base, timeout=10, event_hooks={"response": [Watcher(base)]})


@contextmanager
def running(*arguments: str):
    process, base = start_process(*arguments)
    try:
        with client_of(base) as http:
            yield Driver(http)
    finally:
        stop_process(process)


@dataclass
class Token:
    access: str
    refresh: str
    open_id: str
    scopes: set[str]


@dataclass
class Driver:
    http: httpx.Client
    token: Token | None = field(default=None)

    @property
    def base(self) -> str:
        return str(self.http.base_url)

    # control plane

    def control(self, name: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        answer = self.http.get(f"/__control__/{name}", params=query) if body is None else self.http.post(f"/__control__/{name}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def grant(self, account: str = "brassorbit3", scopes: list[str] | None = None) -> Token:
        self.token = token_from(self.control("grant", {"account": account, "flow": "account", "scopes": scopes}))
        return self.token

    def world(self, account: str) -> dict[str, Any]:
        return self.control("world", account=account)["accounts"][0]

    # consent

    def consent_query(self, **changes: str | None) -> dict[str, str]:
        query = {
            "client_key": APP_ID,
            "scope": EVERYTHING,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "state": "st-ate_123~",
            "code_challenge": sha256(VERIFIER.encode()).hexdigest(),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**query, **changes}.items() if value is not None}

    def open_consent(self, **changes: str | None) -> httpx.Response:
        return self.http.get("/v2/auth/authorize/", params=self.consent_query(**changes))

    def answer_consent(
        self, *, account: str = "brassorbit3", ticked: str = EVERYTHING, answer: str = "allow", **changes: str | None
    ) -> dict[str, str]:
        form = {"account": account, "scope": ticked.split(","), "answer": answer}
        response = self.http.post("/v2/auth/authorize/", params=self.consent_query(**changes), data=form)
        assert response.status_code == 302, response.text
        return redirect_values(response)

    # API

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.http.post(API + path, json=body)
        assert answer.status_code == 200
        return answer.json()

    def exchange(self, code: str, **changes: Any) -> dict[str, Any]:
        body = {
            "client_id": APP_ID,
            "client_secret": SECRET,
            "grant_type": "authorization_code",
            "auth_code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.post("/tt_user/oauth2/token/", **{name: value for name, value in body.items() if value is not None})

    def refresh(self, token: str, **changes: Any) -> dict[str, Any]:
        body = {"client_id": APP_ID, "client_secret": SECRET, "grant_type": "refresh_token", "refresh_token": token, **changes}
        return self.post("/tt_user/oauth2/refresh_token/", **body)

    def revoke(self, access: str) -> dict[str, Any]:
        return self.post("/tt_user/oauth2/revoke/", client_id=APP_ID, client_secret=SECRET, access_token=access)

    def get(self, path: str, *, access: str | None = None, **query: Any) -> dict[str, Any]:
        """A read with the current token. Arrays and objects go out as JSON text."""
        assert self.token is not None
        values = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        answer = self.http.get(
            API + path, params={"business_id": self.token.open_id, **values}, headers={"Access-Token": access or self.token.access}
        )
        assert answer.status_code == 200
        return answer.json()

    def profile(self, *fields: str, **query: Any) -> dict[str, Any]:
        answer = self.get("/business/get/", fields=list(fields), **query)
        assert answer["code"] == 0, answer
        return answer["data"]

    def posts(self, *fields: str, **query: Any) -> list[dict[str, Any]]:
        """Every post, page by page until TikTok says that there is no more."""
        found, cursor = [], {}
        while True:
            answer = self.get("/business/video/list/", fields=["item_id", *fields], **{"max_count": 20, **query}, **cursor)
            assert answer["code"] == 0, answer
            found += answer["data"]["videos"]
            if not answer["data"]["has_more"]:
                return found
            cursor = {"cursor": answer["data"]["cursor"]}


def token_from(answer: dict[str, Any]) -> Token:
    assert answer["code"] == 0, answer
    data = answer["data"]
    return Token(data["access_token"], data["refresh_token"], data["open_id"], set(data["scope"].split(",")))


def redirect_values(response: httpx.Response) -> dict[str, str]:
    address = urlsplit(response.headers["location"])
    assert address._replace(query="").geturl() == REDIRECT_URI
    return {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
