"""The file of secrets for tests: every flow's tokens and codes stand in it, whatever the dialect and the kind of body."""

import json
from pathlib import Path

from tests.tiktok_sandbox import advertising, login_kit
from tests.tiktok_sandbox.driver import SECRET, VERIFIER, running


def test_secrets_of_every_flow_are_written_down(tmp_path: Path) -> None:
    file = tmp_path / "revealed.jsonl"
    with running("--reveal-secrets-to", str(file)) as sandbox:
        code = sandbox.answer_consent(state="st-account")["code"]
        account = sandbox.exchange(code)["data"]

        portal_code = advertising.answer_portal(sandbox, state="st-advertiser")["auth_code"]
        advertiser = advertising.exchange(sandbox, portal_code)["data"]

        login = login_kit.LoginKit(sandbox)
        login_code = login.code(state="st-login")
        token = login.exchange(login_code).json()
        renewed = login.refresh(token["refresh_token"]).json()
        granted = login.grant()["access_token"]
        login.get("/user/info/", granted, fields="open_id")
        ended = login.grant("moontideco2")["access_token"]
        login.oauth("revoke", token=ended)
        upload = sandbox.http.put("/video/", params={"upload_id": "1", "upload_token": "made-up"}, content=b"&a=b" * 500)
        assert upload.status_code == 404
        nested = sandbox.http.post("/v2/oauth/token/", content=b"[" * 100_000)
        assert nested.status_code == 200

    revealed = {tuple(json.loads(line).values()) for line in file.read_text().splitlines()}
    assert {
        ("state", "st-account"),
        ("auth_code", code),
        ("code_verifier", VERIFIER),
        ("client_secret", SECRET),
        ("access_token", account["access_token"]),
        ("refresh_token", account["refresh_token"]),
        ("state", "st-advertiser"),
        ("auth_code", portal_code),
        ("secret", SECRET),
        ("access_token", advertiser["access_token"]),
        ("state", "st-login"),
        ("auth_code", login_code),
        ("client_secret", login_kit.SECRET),
        ("access_token", token["access_token"]),
        ("refresh_token", token["refresh_token"]),
        ("access_token", renewed["access_token"]),
        ("refresh_token", renewed["refresh_token"]),
        ("access_token", granted),
        ("access_token", ended),
        ("upload_token", "made-up"),
    } == revealed
