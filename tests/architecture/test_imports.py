"""The import contract holds, and each part of it notices when somebody breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agency.local.home import PROJECT

PACKAGES = ("agency", "integrations", "metrics", "campaigns", "community", "reports", "privacy", "tiktok_sandbox")
_INSIDE = "Inside an app: urls > views > tasks > sync > actions > queries > models"
# Contract, file, the line that breaks it.
PLANTED = (
    ("Floors: an app uses only those below it", "agency/queries.py", "import integrations.models"),
    ("Floors: an app uses only those below it", "integrations/sync.py", "from metrics import store"),
    ("Floors: an app uses only those below it", "metrics/tasks.py", "from reports import actions"),
    ("Floors: an app uses only those below it", "reports/tasks.py", "from privacy import register"),
    ("The TikTok client knows no Django", "integrations/tiktok/oauth.py", "from django.conf import settings"),
    ("The TikTok client knows no Django", "integrations/tiktok/accounts.py", "from integrations.models import Connection"),
    ("The sandbox imports nothing of the platform", "tiktok_sandbox/sandbox.py", "from integrations.tiktok import records"),
    ("The platform imports nothing of the sandbox", "integrations/gateway.py", "import tiktok_sandbox.sandbox"),
    (_INSIDE, "integrations/queries.py", "from integrations import actions"),
    (_INSIDE, "reports/actions.py", "from reports import views"),
    ("HTTP to TikTok only through the transport", "metrics/sync.py", "import httpx"),
    ("HTTP to TikTok only through the transport", "integrations/tiktok/accounts.py", "import requests"),
    ("Ciphers and keys only in sealing", "integrations/vault.py", "from cryptography.fernet import Fernet"),
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the contract, where planting does no harm."""
    folder = tmp_path_factory.mktemp("contract")
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, str]:
    """What the gate runs."""
    answer = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_the_contract_holds(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize("contract, file, line", PLANTED)
def test_a_planted_import_is_found(copy: Path, contract: str, file: str, line: str) -> None:
    path = copy / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        code, said = lint(copy)
    finally:
        path.write_text(before)
    assert code != 0, f"{line} in {file} went through"
    assert f"{contract} BROKEN" in said, said


def test_every_app_is_a_floor() -> None:
    """An app that no contract names would be free of all of them."""
    apps = {p.parent.name for p in PROJECT.glob("*/__init__.py")} - {"tests"}
    assert apps == set(PACKAGES)
