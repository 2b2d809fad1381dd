"""The commands of the parts."""

from pathlib import Path

from agency.local import programs
from tiktok_sandbox.options import parse


def test_a_secret_that_begins_with_a_dash_reaches_the_sandbox_whole() -> None:
    environment = {
        "CLOCK_FILE": "clock.json",
        "TIKTOK_APP_ID": "1",
        "TIKTOK_APP_SECRET": "-q7",
        "TIKTOK_REDIRECT_URI": "http://127.0.0.1/x",
    }
    command = programs.sandbox(8100, Path("folder"), environment).command
    assert parse(command[command.index("tiktok_sandbox") + 1 :]).app.secret == "-q7"
