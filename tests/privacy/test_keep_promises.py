"""Each promise is broken on purpose, and its line turns red; what nobody could look at does not count as kept."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from django.conf import settings as conf
from django.core import mail

from agency import audit, clock, scope
from agency.keyring import data_key
from agency.models import Guess, Membership
from integrations.models import ApiCall, Connection, ConsentRequest, connection_key_ref
from privacy import keeping, promises, publication
from privacy.models import Correction, DeletionRequest, DeletionRun, Incident, PromiseCheck
from privacy.tasks import look_at_promises
from tests.people import Cast
from tests.privacy.canaries import canary, plant


def superuser(sql: str) -> None:
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(sql)


def _account(cast: Cast, **values: Any) -> Connection:
    account = plant(cast.admin, canary())
    Connection.objects.filter(pk=account.pk).update(**values)
    return account


def overdue_account(cast: Cast) -> None:
    _account(cast, delete_data_on=clock.today() - timedelta(days=1))


def overdue_request(cast: Cast) -> None:
    DeletionRequest.objects.create(
        workspace=cast.brass, reference="LT-AAAA-AA", source="zone", state="scheduled", account_id=cast.brass.pk, generation=1,
        created_at=clock.now() - timedelta(days=31), due_at=clock.now() - timedelta(days=1),
    )  # fmt: skip


def overdue_correction(cast: Cast) -> None:
    Correction.objects.create(
        workspace=cast.brass, reference="LT-AAAA-AD", said="x", asked_at=clock.now() - timedelta(days=31),
        due_at=clock.now() - timedelta(days=1),
    )  # fmt: skip


def run_without_certificate(cast: Cast) -> None:
    DeletionRun.objects.create(
        workspace=cast.brass, reference="LT-AAAA-AB", cause="disconnect", state="done", due_at=clock.now(), scheduled_at=clock.now()
    )


def address_that_stayed(cast: Cast) -> None:
    DeletionRequest.objects.create(
        workspace=cast.brass, reference="LT-AAAA-AC", source="mail", state="done", generation=1, contact="a@b.example",
        created_at=clock.now(), due_at=clock.now(), done_at=clock.now() - timedelta(days=2),
    )  # fmt: skip


def key_that_stayed(cast: Cast) -> None:
    account = _account(cast, disconnected_at=clock.now() - timedelta(hours=1), delete_data_on=None)
    data_key(connection_key_ref(account.pk, 1), create=True)


def old_revocation(cast: Cast) -> None:
    _account(cast, delete_data_on=None)  # its planted revocation is from long ago


def token_in_clear(cast: Cast) -> None:
    _account(cast, state="live", delete_data_on=None, access_token_sealed=b"act.plainly-readable")


def scope_without_use(cast: Cast) -> None:
    ConsentRequest.objects.create(
        workspace=cast.brass, person=cast.admin.person, browser_hash=b"x", scopes_asked=["dm.read"], redirect_uri="x",
        started_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip


def staff_without_factor(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.manager.pk).update(last_seen_at=clock.now())
    superuser("DELETE FROM mfa_authenticator")


def old_tries(cast: Cast) -> None:
    Guess.objects.create(keyed_hash=b"x" * 32, at=clock.now() - timedelta(hours=4))


def old_backup(cast: Cast) -> None:
    Path(conf.BACKUP_FOLDER, f"backup-{clock.now() - timedelta(days=36):%Y%m%dT%H%M%SZ}.sealed").touch()


def refused_call(cast: Cast) -> None:
    account = _account(cast, delete_data_on=None)
    ApiCall.objects.filter(connection=account).update(code=40100, called_at=clock.now())


BREAKS: dict[str, Callable[[Cast], None]] = {
    "window": overdue_account,
    "requests": overdue_request,
    "corrections": overdue_correction,
    "proof": run_without_certificate,
    "nobody": address_that_stayed,
    "keys": key_that_stayed,
    "revoked": old_revocation,
    "sealed": token_in_clear,
    "scopes": scope_without_use,
    "second_factor": staff_without_factor,
    "terms": old_tries,
    "backups": old_backup,
    "limits": refused_call,
}
BY_HAND = {
    "walls": ("ALTER TABLE metrics_post NO FORCE ROW LEVEL SECURITY", "ALTER TABLE metrics_post FORCE ROW LEVEL SECURITY"),
    "log_kept": ("GRANT DELETE ON agency_auditrow TO platform_app", "REVOKE DELETE ON agency_auditrow FROM platform_app"),
    "log_whole": (
        """ALTER TABLE agency_auditrow DISABLE TRIGGER USER; UPDATE agency_auditrow SET purpose = 'another';
        ALTER TABLE agency_auditrow ENABLE TRIGGER USER""",
        "SELECT 1",
    ),
}


def looked() -> dict[str, str]:
    keeping.look_at_all(now_even_if_looked=True)
    return {s.promise.key: s.result for s in keeping.standings()}


def test_every_commitment_of_the_public_pages_has_a_check_or_somebody_who_looks() -> None:
    titles = {fact.name for fact in publication.COMMITMENTS}
    assert titles == set(promises.BEHIND) | set(promises.BY_PEOPLE)
    assert not set(promises.BEHIND) & set(promises.BY_PEOPLE)
    assert {key for keys in promises.BEHIND.values() for key in keys} <= set(promises.PROMISES)


def test_every_promise_is_broken_here() -> None:
    assert set(BREAKS) | set(BY_HAND) == set(promises.PROMISES)


def test_each_one_broken_turns_red_and_the_privacy_team_is_told_once(committed: Cast, settings: Any, tmp_path: Path) -> None:
    settings.DATABASE_BACKUP_URL, settings.BACKUP_FOLDER = os.environ["DATABASE_BACKUP_URL"], str(tmp_path)
    (tmp_path / f"backup-{clock.now():%Y%m%dT%H%M%SZ}.sealed").touch()
    with scope.inside(committed.brass.pk):
        audit.record("workspace.created", committed.brass, by=None)
    assert set(looked().values()) == {"kept"}, looked()
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        for breaks in BREAKS.values():
            with scope.inside(committed.brass.pk):
                breaks(committed)
        for undo, _ in BY_HAND.values():
            superuser(undo)
        try:
            found = looked()
        finally:
            for _, mend in BY_HAND.values():
                superuser(mend)
        assert {key for key in found if found[key] != "broken"} == set()
        mail.outbox.clear()
        assert look_at_promises() == len(found)
        assert look_at_promises() == 0
    (letter,) = mail.outbox
    assert f"{len(found)} promises are not kept" in letter.subject
    assert Incident.objects.filter(closed_at=None).count() == len(found)
    assert keeping.standings()[0].marks[-1].result == "broken"


def test_a_promise_is_looked_at_again_within_five_minutes(committed: Cast) -> None:
    keeping.look_at_all()
    with scope.inside(committed.brass.pk):
        overdue_request(committed)
    with time_machine.travel(clock.now() + timedelta(minutes=4, seconds=59)):
        keeping.look_at_all()
        assert {s.promise.key: s.result for s in keeping.standings()}["requests"] == "broken"
        assert Incident.objects.get().promise == "requests"
        DeletionRequest.objects.using("privacy").all().delete()
    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        keeping.look_at_all()
        incident = Incident.objects.get()
    assert incident.mended_at is not None
    assert incident.closed_at is None, "somebody says what it was"
    assert keeping.close_incident(incident, by=committed.manager.person, what="Planted by a test")


def test_what_could_not_be_looked_at_is_not_kept(committed: Cast, settings: Any) -> None:
    settings.DATABASE_BACKUP_URL = settings.BACKUP_FOLDER = ""
    found = looked()
    assert {key for key in found if found[key] == "unknown"} == {"log_whole", "backups"}
    assert {key for key in found if found[key] == "kept"} == set(promises.PROMISES) - {"log_whole", "backups"}
    with time_machine.travel(clock.now() + timedelta(hours=3)):
        assert {s.result for s in keeping.standings()} == {"unknown"}, "nobody looked for hours"


def test_a_quiet_day_is_one_row(committed: Cast) -> None:
    for _ in range(3):
        keeping.look_at_all(now_even_if_looked=True)
    assert PromiseCheck.objects.count() == len(promises.PROMISES)
