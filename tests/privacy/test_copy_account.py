"""A copy of everything about an account: all of its rows, nobody else's, sealed, for a day, to whoever asked and proves who they are."""

import csv
import io
import json
import os
import zipfile
from datetime import timedelta

import psycopg
import time_machine
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.keyring import key_refs
from agency.models import AuditRow
from integrations.models import Connection
from privacy import archives, holdings
from privacy.models import ArchivePart, DataArchive
from tests.people import Cast, sign_in
from tests.privacy.canaries import canary, plant
from tests.work import work_off


def asked(client: Client, account: Connection) -> str:
    answer = client.post(f"/settings/integrations/{account.pk}/archive")
    assert answer.status_code == 302
    return answer.headers["Location"]


def downloaded(client: Client, where: str) -> zipfile.ZipFile:
    answer = client.get(where + "/download")
    assert answer.status_code == 200, answer
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_it_holds_every_row_of_the_account_and_nobody_elses(committed: Cast) -> None:
    cast, word, other = committed, canary(), canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
        plant(cast.admin, other)
    with scope.inside(cast.moon.pk):
        elsewhere = canary()
        plant(cast.moon_admin, elsewhere)
    client = sign_in(cast.admin)
    where = asked(client, account)
    assert asked(client, account) == where, "asked twice, made once"
    assert "being put together" in client.get(where).content.decode()
    assert client.get(where + "/download").status_code == 404
    mail.outbox.clear()
    work_off("archive")
    (letter,) = mail.outbox
    assert letter.to == [cast.admin.person.email]
    assert where in letter.body
    assert "The copy is ready." in client.get(where).content.decode()
    file = downloaded(client, where)
    assert file.testzip() is None
    everything = b"".join(file.read(name) for name in file.namelist()).decode()
    assert word in everything
    assert other not in everything
    assert elsewhere not in everything
    with scope.inside(cast.brass.pk):
        there: dict[type, set[str]] = {}
        for rows in holdings.rows_of(account):
            if rows.model not in archives.NOT_DATA:
                there.setdefault(rows.model, set()).update(map(str, rows.values_list("pk", flat=True)))
        assert len(file.namelist()) == len(set(file.namelist()))
        for model, keys in there.items():
            name = model._meta.db_table
            held = json.loads(file.read(f"json/{name}.json"))
            assert {str(r[model._meta.pk.attname]) for r in held} == keys, name
            assert held, f"{name} was planted"
            lines = list(csv.DictReader(io.StringIO(file.read(f"csv/{name}.csv").decode("utf-8-sig"))))
            assert len(lines) == len(held)
        assert AuditRow.objects.filter(verb="archive.downloaded").count() == 1
    schema = json.loads(file.read("schema.json"))
    assert "caption" in schema["tables"]["metrics_post"]["columns"]
    assert "Everything held about" in file.read("index.html").decode()
    assert "token_sealed" not in everything
    assert [r["week"] for r in json.loads(file.read("json/weekly_reports.json"))], "its part of the reports"


def test_it_lies_sealed_and_is_destroyed_after_a_day(committed: Cast) -> None:
    cast, word = committed, canary()
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, word)
    client = sign_in(cast.admin)
    where = asked(client, account)
    work_off("archive")
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        (held,) = superuser.execute("SELECT string_agg(sealed, ''::bytea) FROM privacy_archivepart").fetchone()
    assert len(held) > 5000
    assert b"PK\x03\x04" not in held
    assert word.encode() not in held
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)):
        work_off("archive")
    with scope.inside(cast.brass.pk):
        assert not ArchivePart.objects.exists()
        assert DataArchive.objects.get().state == "expired"
    assert key_refs("archive:") == []
    assert "was destroyed" in client.get(where).content.decode()
    assert client.get(where + "/download").status_code == 404
    assert asked(client, account) != where, "a new one can be had"


def test_it_is_given_to_whoever_asked_and_only_after_proving_who_they_are(committed: Cast) -> None:
    cast = committed
    with scope.inside(cast.brass.pk):
        account = plant(cast.admin, canary())
    client = sign_in(cast.admin)
    where = asked(client, account)
    work_off("archive")
    for stranger, code in ((cast.manager, 404), (cast.viewer, 403), (cast.creator, 404), (cast.moon_admin, 404)):
        assert sign_in(stranger).get(where + "/download").status_code == code, stranger.role
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = client.get(where + "/download")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/again")
