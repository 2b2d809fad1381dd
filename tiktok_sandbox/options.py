"""What the command line can say. Defaults are demo values and valid nowhere else."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

APP_ID = "7600593971684835329"
APP_NAME = "Logic Target Agency Platform"
SECRET = "demo-only-app-secret-not-valid-at-tiktok"  # noqa: S105  an invented value for a pretended service
REDIRECT_URI = "http://127.0.0.1:8000/tiktok/auth/callback"
LOGIN_KEY = "aw7sandbox0login"
LOGIN_SECRET = "demo-only-login-secret-not-valid-at-tiktok"  # noqa: S105
LOGIN_REDIRECT_URI = "http://127.0.0.1:8000/tiktok/login/callback/"


@dataclass(frozen=True, slots=True)
class App:
    """An application, as its developer portal would hold it. The sandbox knows one in each of TikTok's two portals."""

    app_id: str = APP_ID
    client_key: str = APP_ID
    name: str = APP_NAME
    secret: str = SECRET
    redirect_uris: tuple[str, ...] = (REDIRECT_URI,)


@dataclass(frozen=True, slots=True)
class Options:
    port: int
    host: str = "127.0.0.1"
    seed: int = 1
    app: App = App()
    login: App = App(LOGIN_KEY, LOGIN_KEY, APP_NAME, LOGIN_SECRET, (LOGIN_REDIRECT_URI,))
    webhook_url: str | None = None
    clock_file: Path | None = None
    state_file: Path | None = None
    require_pkce: bool = False
    strict_rotation: bool = True
    reveal_secrets_to: Path | None = None


def parse(arguments: list[str] | None = None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m tiktok_sandbox", description="A local server that imitates TikTok's API for Business with invented accounts."
    )
    parser.add_argument("--port", type=_port, required=True, help="port to listen on; 0 takes a free one, named in the ready line")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which invented world (default: %(default)s)")
    parser.add_argument("--app-id", default=APP_ID, help="app id, which is also the client_key of the TikTok-account flow")
    parser.add_argument("--app-name", default=APP_NAME, help="name on the consent page")
    parser.add_argument("--client-key", help="client_key in the portal (default: the app id); another one is that of Login Kit")
    parser.add_argument("--secret", default=SECRET, help="app secret (default: a demo value)")
    parser.add_argument("--redirect-uri", action="append", help=f"registered redirect URI, repeatable (default: {REDIRECT_URI})")
    parser.add_argument("--login-client-key", help=f"client key of the app at TikTok for Developers (default: {LOGIN_KEY})")
    parser.add_argument("--login-secret", default=LOGIN_SECRET, help="its secret (default: a demo value)")
    parser.add_argument("--login-redirect-uri", action="append", help=f"its redirect URI, repeatable (default: {LOGIN_REDIRECT_URI})")
    parser.add_argument("--webhook-url", type=_web_address, help="where events are sent")
    parser.add_argument("--clock-file", type=Path, help='JSON file kept at {"offset_seconds": ...} for programs that follow the clock')
    parser.add_argument("--state-file", type=Path, help="keeps consents, anchor week and clock over a restart")
    parser.add_argument("--require-pkce", action="store_true", help="refuse consent links without a challenge")
    parser.add_argument("--no-strict-rotation", action="store_true", help="a used refresh token keeps working")
    parser.add_argument("--reveal-secrets-to", type=Path, help="file to write every code, token, verifier and state into, for tests")
    given = parser.parse_args(arguments)
    login_key = given.login_client_key or (LOGIN_KEY if given.client_key in {None, given.app_id} else given.client_key)
    if login_key == given.app_id:
        parser.error("--login-client-key: the two apps need different keys, the consent page tells them apart by it")
    return Options(
        port=given.port,
        host=given.host,
        seed=given.seed,
        app=App(given.app_id, given.client_key or given.app_id, given.app_name, given.secret, tuple(given.redirect_uri or [REDIRECT_URI])),
        login=App(login_key, login_key, given.app_name, given.login_secret, tuple(given.login_redirect_uri or [LOGIN_REDIRECT_URI])),
        webhook_url=given.webhook_url,
        clock_file=given.clock_file,
        state_file=given.state_file,
        require_pkce=given.require_pkce,
        strict_rotation=not given.no_strict_rotation,
        reveal_secrets_to=given.reveal_secrets_to,
    )


def is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise argparse.ArgumentTypeError("an http or https address is needed")
    return text
