"""Drives TikTok for Developers from tests, over HTTP only. Holds no expectations."""

from hashlib import sha256
from typing import Any

import httpx

from tests.tiktok_sandbox.driver import VERIFIER, Driver

CLIENT_KEY = "aw7sandbox0login"
SECRET = "demo-only-login-secret-not-valid-at-tiktok"
REDIRECT_URI = "http://127.0.0.1:8000/tiktok/login/callback/"
SCOPES = "user.info.basic,user.info.profile,user.info.stats,video.list,video.publish,video.upload"


class LoginKit:
    def __init__(self, sandbox: Driver) -> None:
        self.sandbox, self.http = sandbox, sandbox.http
        self.token: dict[str, Any] = {}

    def grant(self, account: str = "brassorbit3", scopes: list[str] | None = None) -> dict[str, Any]:
        self.token = self.sandbox.control("grant", {"account": account, "flow": "login_kit", "scopes": scopes})
        return self.token

    def consent(self, **changes: Any) -> httpx.Response:
        query = {
            "client_key": CLIENT_KEY,
            "scope": SCOPES,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "state": "s1",
            "code_challenge": sha256(VERIFIER.encode()).hexdigest(),
            "code_challenge_method": "S256",
            **changes,
        }
        return self.http.get("/v2/auth/authorize/", params={name: value for name, value in query.items() if value is not None})

    def code(self, account: str = "brassorbit3", **changes: Any) -> str:
        self.sandbox.control("consent", {"account": account, "auto": True})
        return dict(httpx.URL(self.consent(**changes).headers["location"]).params)["code"]

    def oauth(self, name: str = "token", **form: Any) -> httpx.Response:
        form = {"client_key": CLIENT_KEY, "client_secret": SECRET, **form}
        return self.http.post(f"/v2/oauth/{name}/", data={key: value for key, value in form.items() if value is not None})

    def exchange(self, code: str, **changes: Any) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        return self.oauth(**{**form, **changes})

    def refresh(self, token: str) -> httpx.Response:
        return self.oauth(grant_type="refresh_token", refresh_token=token)

    def get(self, path: str, token: str | None = None, **query: str) -> httpx.Response:
        return self.http.get(f"/v2{path}", params=query, headers=self._headers(token))

    def post(self, path: str, body: dict[str, Any] | None = None, token: str | None = None, **query: str) -> httpx.Response:
        return self.http.post(f"/v2{path}", json={} if body is None else body, params=query, headers=self._headers(token))

    def _headers(self, token: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token or self.token['access_token']}"}
