"""Production starts with safe values only. Each check runs `manage.py check` in a process of its own, as a deployment does."""

import os
import subprocess
import sys

import pytest

from agency.local.home import PROJECT

SAFE = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "jD4mQ9xZ2vB7nK1pR6tW3yU8sA5fG0hLcEoIqXzMbNvTrPwYk-d7Hu",
    "APP_URL": "https://app.agency.example",
    "TIKTOK_REDIRECT_URI": "https://www.agency.example/tiktok/auth/callback",
    "TIKTOK_APP_SECRET": "an app secret",
    "DATABASE_URL": "postgresql://platform_app:one@database.example:5432/platform",
    "DATABASE_OWNER_URL": "postgresql://platform_owner:two@database.example:5432/platform",
    "DATABASE_PRIVACY_URL": "postgresql://platform_privacy:five@database.example:5432/platform",
    "KEYSTORE_URL": "postgresql://platform_keys:three@keys.example:5432/keystore",
    "CACHE_URL": "rediss://cache.example:6379/1",
    "BROKER_URL": "rediss://broker.example:6379/0",
    "EMAIL_URL": "ses://us-east-1",
    "KEY_SERVICE": "aws-kms:arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab?region=us-east-1",
    "BEHIND_TLS_EDGE": "yes",
}
# What somebody might set, and the check that must stop it.
UNSAFE = (
    ({"CLOCK_FILE": "clock.json"}, "agency.E002"),
    ({"MAIL_FOLDER": "mails"}, "agency.E003"),
    ({"APP_URL": "http://app.agency.example"}, "agency.E004"),
    ({"TIKTOK_REDIRECT_URI": "http://www.agency.example/tiktok/auth/callback"}, "agency.E005"),
    ({"SECRET_KEY": "short"}, "agency.E006"),
    ({"SECRET_KEY": "x" * 60}, "agency.E006"),
    ({"DATABASE_URL": "postgresql://platform_owner:two@database.example:5432/platform"}, "agency.E007"),
    ({"DATABASE_URL": "postgresql://postgres:x@database.example:5432/platform"}, "agency.E007"),
    ({"KEYSTORE_URL": "postgresql://platform_keys:three@database.example:5432/platform"}, "agency.E009"),
    ({"TIKTOK_BUSINESS_BASE": "http://sandbox.example:8100"}, "agency.E010"),
    ({"TIKTOK_AUTH_BASE": "http://sandbox.example:8100"}, "agency.E010"),
    ({"TIKTOK_DEVELOPERS_BASE": "http://sandbox.example:8100"}, "agency.E010"),
    ({"EXTRA_HOSTS": "*"}, "agency.E011"),
    ({"EXTRA_HOSTS": ".agency.example"}, "agency.E011"),
    ({"KEY_SERVICE": "aws-kms:alias/without-a-region"}, "agency.E012"),
    ({"KEY_SERVICE": "file:beside/the/code"}, "agency.E012"),
    ({"KEY_SERVICE": "vault:somewhere"}, "agency.E012"),
    ({"TIKTOK_PICTURE_HOSTS": ".tiktokcdn.com,.com"}, "agency.E014"),
    ({"TIKTOK_PICTURE_HOSTS": "localhost"}, "agency.E014"),
)
NO_DEFAULT = (
    "SECRET_KEY", "APP_URL", "TIKTOK_APP_SECRET", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_PRIVACY_URL", "KEYSTORE_URL",
    "CACHE_URL", "BROKER_URL",
    "EMAIL_URL", "KEY_SERVICE",
)  # fmt: skip


def check(values: dict[str, str], *options: str) -> tuple[int, str]:
    """`manage.py check` with these settings and nothing of the tests' environment."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if name in os.environ}
    answer = subprocess.run(
        [sys.executable, "manage.py", "check", *options], cwd=PROJECT, env=inherited | values, capture_output=True, text=True, check=False
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_safe_values_start_without_a_warning() -> None:
    code, said = check(SAFE, "--deploy", "--fail-level", "WARNING")
    assert code == 0, said
    assert "no issues" in said


@pytest.mark.parametrize("change, number", UNSAFE, ids=lambda v: next(iter(v.items())) if isinstance(v, dict) else v)
def test_an_unsafe_value_stops_production(change: dict[str, str], number: str) -> None:
    code, said = check(SAFE | change)
    assert code != 0, said
    assert f"({number})" in said
    assert "HINT:" in said
    assert "Traceback" not in said
    for secret in (SAFE["SECRET_KEY"], SAFE["TIKTOK_APP_SECRET"], ":two@", ":three@"):
        assert secret not in said


@pytest.mark.parametrize("name", NO_DEFAULT)
def test_a_setting_without_a_default_has_to_be_set(name: str) -> None:
    code, said = check({k: v for k, v in SAFE.items() if k != name})
    assert code != 0
    assert f"{name} is not set" in said


@pytest.mark.parametrize("environment", ["", "prod", "Production", "staging"])
def test_an_environment_that_is_none_is_refused(environment: str) -> None:
    code, said = check(SAFE | {"ENVIRONMENT": environment})
    assert code != 0
    assert "ENVIRONMENT must be one of production, demo, test" in said


def test_without_a_word_it_is_production() -> None:
    code, said = check({k: v for k, v in SAFE.items() if k not in {"ENVIRONMENT", "SECRET_KEY"}} | {"SECRET_KEY": "short"})
    assert code != 0
    assert "(agency.E006)" in said


@pytest.mark.parametrize(
    "change, word",
    [
        ({"DATABASE_URL": "sqlite:///platform.db"}, "Only PostgreSQL is supported"),
        ({"DATABASE_URL": "postgresql://platform_app@database.example"}, "DATABASE_URL must look like"),
        ({"EMAIL_URL": "sendmail:"}, "EMAIL_URL must look like"),
        ({"DATABASE_POOL_SIZE": "many"}, "DATABASE_POOL_SIZE must be a whole number"),
        ({"BEHIND_TLS_EDGE": "maybe"}, "BEHIND_TLS_EDGE must be one of"),
        ({"TIKTOK_PKCE": "md5"}, "TIKTOK_PKCE must be one of"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(change: dict[str, str], word: str) -> None:
    code, said = check(SAFE | change)
    assert code != 0
    assert word in said


def test_the_laptop_may_do_what_production_may_not() -> None:
    laptop = SAFE | {"ENVIRONMENT": "demo", "CLOCK_FILE": "clock.json", "MAIL_FOLDER": "mails", "APP_URL": "http://127.0.0.1:8000"}
    code, said = check(laptop)
    assert code == 0, said
