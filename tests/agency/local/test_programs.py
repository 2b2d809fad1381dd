"""The commands of the parts."""

from pathlib import Path
from urllib.parse import urlsplit

from django.urls import resolve

from agency.local import programs
from tiktok_sandbox.options import Options, parse


def options_of_sandbox(**changed: str) -> Options:
    """What local TikTok understands of the command that starts it."""
    environment = {
        "CLOCK_FILE": "clock.json",
        "APP_URL": "http://127.0.0.1:8000",
        "TIKTOK_APP_ID": "1",
        "TIKTOK_APP_SECRET": "secret",
        "TIKTOK_LOGIN_KEY": "2",
        "TIKTOK_LOGIN_SECRET": "another secret",
        "TIKTOK_REDIRECT_URI": "http://127.0.0.1/x",
    }
    command = programs.sandbox(8100, Path("folder"), environment | changed).command
    return parse(command[command.index("tiktok_sandbox") + 1 :])


def test_a_secret_that_begins_with_a_dash_reaches_the_sandbox_whole() -> None:
    assert options_of_sandbox(TIKTOK_APP_SECRET="-q7").app.secret == "-q7"


def test_the_sandbox_sends_its_events_to_the_platform() -> None:
    address = urlsplit(options_of_sandbox(APP_URL="http://127.0.0.1:8123").webhook_url or "")
    assert address.netloc == "127.0.0.1:8123"
    assert resolve(address.path).url_name == "webhooks"
