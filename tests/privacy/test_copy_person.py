"""A person's own copy: every row that a sweep finds about them, nobody else's, no secret; sealed, for a day, for them alone."""

import csv
import io
import json
import os
import zipfile
from datetime import timedelta

import psycopg
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.adapters import second_factors_of
from agency.keyring import key_refs
from agency.models import AuditRow, Invitation, Membership, Person, Session
from privacy import person_copies
from privacy.columns import COLUMNS
from privacy.models import PersonCopy, PersonCopyPart
from privacy.person_rows import NOT_DATA
from privacy.tasks import person_copies_due
from reports.models import Delivery, ExtraRecipient, StoppedMail, WeeklyReport
from tests.people import SEED, Cast, sign_in
from tests.privacy.canaries import canary, plant

# Ours, and nothing about the person: what is due, where a hash leads. They hold identifiers of rows, and are outside every copy.
_TECHNICAL = {"agency.DueWork", "agency.AddressBook"}


def everything_of(member: Membership, word: str, *, by: Person) -> None:
    """Rows of a person in a workspace: an account that they connected and worked on, and what leads to them by address alone."""
    person = member.person
    plant(member, word)
    now = clock.now()
    Invitation.objects.create(
        workspace_id=member.workspace_id,
        email=person.email.upper(),
        role="creator",
        purpose=word,
        invited_by=by,
        created_at=now,
        expires_at=now,
    )
    extra = ExtraRecipient.objects.create(workspace_id=member.workspace_id, email=person.email, added_by=by, asked_at=now, confirmed_at=now)
    report = WeeklyReport.objects.filter(workspace_id=member.workspace_id).order_by("-composed_at")[0]
    for values in ({"person": person}, {"extra": extra}):
        Delivery.objects.create(
            workspace_id=member.workspace_id, report=report, role="client_admin", state="sent", created_at=now, detail=word, **values
        )
    StoppedMail.objects.create(workspace_id=member.workspace_id, membership=member, stopped_at=now)


def swept(*words: str) -> set[tuple[str, str]]:
    """By plain SQL: every row of the database in which one of the words stands in any column."""
    found = set()
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        for model in apps.get_models():
            if model._meta.label in _TECHNICAL or model in NOT_DATA or model._meta.app_label == "keystore":
                continue
            table, pk = model._meta.db_table, model._meta.pk.column
            rows = superuser.execute(f'SELECT "{pk}"::text FROM "{table}" t WHERE t::text ~* %s', ["|".join(words)])
            found |= {(table, key) for (key,) in rows}
    return found


def downloaded(client: Client) -> zipfile.ZipFile:
    answer = client.get("/settings/account/copy/download")
    assert answer.status_code == 200, answer
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def told(file: zipfile.ZipFile) -> set[tuple[str, str]]:
    """Rows of a copy, by table and key."""
    keys = {model._meta.db_table: model._meta.pk.attname for model in apps.get_models()}
    found = set()
    for name in file.namelist():
        if name.startswith("json/") and name != "json/weekly_reports.json":
            table = name.removeprefix("json/").removesuffix(".json").removesuffix("_acts")
            found |= {(table, str(row[keys[table]])) for row in json.loads(file.read(name)) if keys[table] in row}
    return found


def test_it_holds_every_row_that_a_sweep_finds_and_nobody_elses(committed: Cast) -> None:
    cast, word, others, elsewhere = committed, canary(), canary(), canary()
    with scope.inside(cast.moon.pk):
        there = Membership.objects.create(workspace=cast.moon, person=cast.admin.person, role="creator", created_at=clock.now())
        everything_of(there, elsewhere, by=cast.moon_admin.person)
        Membership.objects.filter(pk=there.pk).update(ended_at=clock.now())  # left since
    with scope.inside(cast.brass.pk):
        everything_of(cast.viewer, others, by=cast.admin.person)
        everything_of(cast.admin, word, by=cast.viewer.person)
    with second_factors_of(cast.admin.person):
        TOTP.activate(cast.admin.person, SEED)
    with second_factors_of(cast.viewer.person):
        TOTP.activate(cast.viewer.person, SEED)
    viewer, client = sign_in(cast.viewer), sign_in(cast.admin)
    assert "You have not asked for a copy yet" in client.get("/settings/account/copy").content.decode()
    for _ in range(2):  # asked twice, made once
        assert client.post("/settings/account/copy").headers["Location"] == "/settings/account/copy"
    assert client.get("/settings/account/copy/download").status_code == 404
    mail.outbox.clear()
    person_copies_due()
    person_copies_due()
    (notice,) = mail.outbox
    assert notice.to == [cast.admin.person.email]
    assert "/settings/account/copy" in notice.body
    assert viewer.get("/settings/account/copy/download").status_code == 404, "a copy is its person's alone"

    file = downloaded(client)
    person = cast.admin.person
    expected = swept(str(person.pk), str(cast.admin.pk), str(there.pk), rf"(^|[^a-z0-9.]){person.email}")
    late = {("agency_session", s) for s in Session.objects.filter(person=person).values_list("pk", flat=True)}
    assert len({table for table, _ in expected}) > 15
    have = told(file)
    # Sessions are told without their keys, and the rows about the download itself came after the copy.
    newer = {("agency_auditrow", str(pk)) for pk in newest_audit_rows(cast, file)}
    assert expected - have - late - newer == set()
    by_way_of = {("reports_delivery", str(d)) for d in deliveries_by_address(cast, person)}
    assert have - expected - by_way_of == set()
    assert by_way_of <= have

    everything = "".join(file.read(name).decode() for name in file.namelist())
    assert word in everything and elsewhere in everything, "what they wrote, in a workspace that they left too"
    assert others not in everything
    assert str(cast.viewer.person_id) not in everything
    assert cast.viewer.person.email not in everything
    notes = json.loads(file.read("json/community_note.json"))
    assert {note["text"] for note in notes} == {word, elsewhere}
    reports = json.loads(file.read("json/weekly_reports.json"))
    assert [(line["workspace_id"], f"@{elsewhere}" in str(line["sent_as"])) for line in reports] == [(str(cast.moon.pk), True)], (
        "what reports said about their account where they were a creator; a client's account is the client's"
    )
    connected = file.read("json/integrations_connection_acts.json").decode()
    assert word not in connected, "an account that they connected is told by its identifier alone"
    assert len(json.loads(file.read("json/agency_session.json"))) == 1
    for model in apps.get_models():
        name = f"json/{model._meta.db_table}.json"
        if name in file.namelist():
            rows = list(csv.DictReader(io.TextIOWrapper(file.open(name.replace("json", "csv")), "utf-8-sig")))
            assert len(rows) == len(json.loads(file.read(name)))
            assert not set(COLUMNS[model._meta.label].sealed.split()) & set(rows[0] if rows else ())
    schema = json.loads(file.read("schema.json"))
    assert {f"json/{table}.json" for table in schema["tables"]} == {n for n in file.namelist() if n.startswith("json/")}
    assert person.email in file.read("index.html").decode()
    assert all(secret not in everything for secret in (SEED, person.password, client.session.session_key))
    assert Authenticator.objects.get(user=person).data["secret"] not in everything


def newest_audit_rows(cast: Cast, file: zipfile.ZipFile) -> list[int]:
    """Rows written since the copy was made."""
    last = max(row["id"] for row in json.loads(file.read("json/agency_auditrow.json")))
    with scope.inside(cast.brass.pk):
        return list(AuditRow.objects.filter(pk__gt=last).values_list("pk", flat=True))


def deliveries_by_address(cast: Cast, person: Person) -> list[object]:
    found: list[object] = []
    for workspace in (cast.brass, cast.moon):
        with scope.inside(workspace.pk):
            found += Delivery.objects.filter(extra__email=person.email).values_list("pk", flat=True)
    return found


def test_it_is_sealed_lives_a_day_and_asks_who_one_is(committed: Cast) -> None:
    client = sign_in(committed.newcomer)  # a member of nothing
    client.post("/settings/account/copy")
    person_copies_due()
    copy = PersonCopy.objects.get(person=committed.newcomer)
    assert copy.state == "ready"
    sealed = b"".join(bytes(part.sealed) for part in PersonCopyPart.objects.filter(copy=copy))
    assert sealed and b"PK\x03\x04" not in sealed and committed.newcomer.email.encode() not in sealed
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=True):
        for answer in (client.get("/settings/account/copy/download"), client.get("/settings/account/copy")):
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/sign-in/again?next=%2Fsettings%2Faccount%2Fcopy%2Fdownload")
            else:
                assert "The copy is ready" in answer.content.decode()
        assert client.get("/settings/account/copy/download").status_code == 302
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        again = sign_in(committed.newcomer)
        person_copies_due()
        assert key_refs(copy.key_ref) == []
        assert not PersonCopyPart.objects.exists()
        assert again.get("/settings/account/copy/download").status_code == 404
        assert "Ask for a copy" in again.get("/settings/account/copy").content.decode()
        again.post("/settings/account/copy")
        assert PersonCopy.objects.filter(person=committed.newcomer, state="waiting").count() == 1


def test_a_worker_that_dies_leaves_nothing_half_and_another_begins_anew(committed: Cast) -> None:
    copy = person_copies.ask(committed.newcomer, by=None)
    (claimed,) = person_copies.claim_due()
    assert person_copies.claim_due() == [], "nobody else takes it meanwhile"
    PersonCopyPart.objects.create(copy=copy, number=0, sealed=b"half of it")
    PersonCopyPart.objects.create(copy=copy, number=7, sealed=b"more of it")
    with time_machine.travel(clock.now() + person_copies.LEASE + timedelta(seconds=1), tick=True):
        person_copies_due()
    copy.refresh_from_db()
    assert copy.state == "ready" and copy.told_at is not None
    whole = zipfile.ZipFile(io.BytesIO(b"".join(person_copies.read(copy))))
    assert whole.testzip() is None
    assert claimed.pk == copy.pk
