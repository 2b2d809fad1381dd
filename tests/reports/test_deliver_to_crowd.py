"""Many recipients, two beats, and workers that die at eleven points: everybody gets exactly one message.

A message that was accepted and not yet noted when its worker died comes again under the same Message-ID, which mail programs show once.
A short sample here; `CHAOS=long` takes 500 recipients.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from agency import audit, clock, jobs, scope
from agency.models import DueWork, Membership, Person
from agency.outlets import mail, suppression
from agency.roles import Role
from reports import actions, addressees, composition, delivering, emails, sending, tasks
from reports.models import Delivery
from reports.queries import Addressee
from tests.people import Cast
from tests.reports.conftest import At
from tests.reports.reporting import W21, account_with_weeks, report_is_due, seen_now, weeks_of
from tests.reports.test_compose_report import MIDWEEK

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
CROWD = 500 if os.environ.get("CHAOS") == "long" else 60


class KilledHere(BaseException):
    """No handler of ours catches it, as none catches a kill."""


def crowd(cast: Cast, size: int) -> None:
    people = Person.objects.bulk_create(Person(email=f"reader{n}@brass.example", name=f"Reader {n}", password="!") for n in range(size))
    with scope.inside(cast.brass.pk):
        Membership.objects.bulk_create(
            Membership(workspace=cast.brass, person=p, role=Role.CLIENT_VIEWER.value, created_at=clock.now()) for p in people
        )


class Killer:
    """Dies once, in the n-th call of a function: before it, or after it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, holder: Any, name: str, *, at_call: int, after: bool) -> None:
        self.honest, self.left, self.after, self.died = getattr(holder, name), at_call, after, False
        monkeypatch.setattr(holder, name, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.after:
            self.died = True
            raise KilledHere
        answer = self.honest(*args, **kwargs)
        if self.left == 0:
            self.died = True
            raise KilledHere
        return answer


def handing_over(monkeypatch: pytest.MonkeyPatch, *, at_call: int, after: bool) -> Killer:
    """Dies around handing a message over: `after` is between acceptance and the note of it."""
    killer = Killer(monkeypatch, mail.Line, "send", at_call=at_call, after=after)
    monkeypatch.setattr(mail.Line, "send", lambda *args, **kwargs: killer(*args, **kwargs))  # noqa: PLW0108 - a function is bound to its object
    return killer


POINTS: dict[str, Callable[[pytest.MonkeyPatch], Killer]] = {
    "before the report is written": lambda m: Killer(m, actions, "_write", at_call=1, after=False),
    "after it was written and before that is saved": lambda m: Killer(m, actions, "_write", at_call=1, after=True),
    "while deliveries are made": lambda m: Killer(m, actions, "_delivery", at_call=7, after=True),
    "when deliveries are made and their work is not": lambda m: Killer(m, jobs, "put_all", at_call=1, after=False),
    "before a mail is claimed": lambda m: Killer(m, delivering, "claim_delivery", at_call=2, after=False),
    "after a mail was claimed": lambda m: Killer(m, delivering, "claim_delivery", at_call=2, after=True),
    "while it is drawn": lambda m: Killer(m, emails, "weekly_report", at_call=2, after=False),
    "before it is handed over": lambda m: handing_over(m, at_call=2, after=False),
    "after it was accepted": lambda m: handing_over(m, at_call=2, after=True),
    "before it is noted": lambda m: Killer(m, delivering, "end_delivery", at_call=2, after=False),
    "while it is noted": lambda m: Killer(m, audit, "record", at_call=2, after=True),
}


def two_beats(*, share: int = 0) -> None:
    """Both sweep at the same moment, and workers take the handfuls; a worker that dies leaves the rest of its handful."""
    sweeps = [jobs.claim_due("report"), jobs.claim_due("report")]
    for claim in (c for sweep in sweeps for c in sweep):
        worker(lambda claim=claim: tasks.compose_some(claims=[claim.message()]))
    handfuls = []
    for _ in range(2):
        claims = jobs.claim_due("delivery", limit=share or tasks.CLAIMED_AT_ONCE)
        handfuls += [claims[i : i + tasks.MAILS_A_MESSAGE] for i in range(0, len(claims), tasks.MAILS_A_MESSAGE)]
    for handful in handfuls:
        messages = [c.message() for c in handful]
        worker(lambda messages=messages: sending.deliver(messages))
        worker(lambda messages=messages: sending.deliver(messages))  # the broker delivered the message twice


def worker(do: Callable[[], None]) -> None:
    with suppress(KilledHere):  # on its way out it rolls back what was not committed, as the database does
        do()


def handful_of(cast: Cast, at: At) -> list[jobs.Claim]:
    """Claims on the mails of a report to two people."""
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    seen_now(cast.brass)
    report_is_due(cast.brass)
    (due,) = jobs.claim_due("report")
    tasks.compose_some(claims=[due.message()])
    claims = jobs.claim_due("delivery")
    assert len(claims) == 2
    return claims


def test_everybody_gets_one_message_whatever_dies(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    crowd(cast, CROWD)
    seen_now(cast.brass)
    report_is_due(cast.brass)
    killers = {}
    for point, plant in POINTS.items():
        with monkeypatch.context() as deadly:
            killers[point] = plant(deadly)
            two_beats(share=CROWD // 15)  # so that there is somebody left for each of the points
        at(clock.now() + jobs.LEASE + timedelta(seconds=1))
    for _ in range(4):
        two_beats()
        at(clock.now() + jobs.LEASE + timedelta(seconds=1))
    assert [p for p, k in killers.items() if not k.died] == []
    everybody = {"admin@brass.example", "viewer@brass.example", *(f"reader{n}@brass.example" for n in range(CROWD))}
    ids: dict[str, Counter[str]] = defaultdict(Counter)
    for letter in outbox.outbox:
        ids[letter.to[0]][letter.extra_headers["Message-ID"]] += 1
    assert set(ids) == everybody
    assert [to for to, seen in ids.items() if len(seen) != 1] == []
    repeated = sum(sum(seen.values()) - 1 for seen in ids.values())
    assert repeated <= 3  # accepted and not noted: three of the points
    with scope.inside(cast.brass.pk):
        assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT}
        assert Delivery.objects.count() == len(everybody)


def test_a_worker_that_was_frozen_sends_nothing_when_it_wakes(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = handful_of(cast, at)
    honest = emails.weekly_report

    def frozen(*args: Any, **kwargs: Any) -> mail.Message:
        """Stands still while drawing; meanwhile its lease ends and another worker sends everything."""
        monkeypatch.setattr(emails, "weekly_report", honest)
        at(clock.now() + jobs.LEASE + timedelta(seconds=1))
        sending.deliver([c.message() for c in jobs.claim_due("delivery")])
        return honest(*args, **kwargs)

    monkeypatch.setattr(emails, "weekly_report", frozen)
    sending.deliver([c.message() for c in claims])
    assert sorted(m.to[0] for m in outbox.outbox) == ["admin@brass.example", "viewer@brass.example"]


def test_who_stops_while_a_mail_is_drawn_gets_none(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """All mails of a handful were looked at, and then one of their readers stops them."""
    claims = handful_of(cast, at)
    honest = emails.Edition.to

    def stopping(edition: emails.Edition, reader: Addressee, delivery: Delivery) -> mail.Message:
        if reader.email.startswith("viewer"):
            with scope.inside(cast.brass.pk):
                addressees.stop_mail(reader)
        return honest(edition, reader, delivery)

    monkeypatch.setattr(emails.Edition, "to", stopping)
    sending.deliver([c.message() for c in claims])
    assert [m.to[0] for m in outbox.outbox] == ["admin@brass.example"]
    with scope.inside(cast.brass.pk):
        assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT, Delivery.State.STOPPED}
    assert not DueWork.objects.filter(kind="delivery").exists()


def test_behind_a_slow_mail_server_everybody_is_looked_at_anew(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever leaves the workspace while the mails before theirs take long gets none."""
    claims = handful_of(cast, at)
    honest, passed, left = mail.Line.send, [0.0], []
    monkeypatch.setattr(clock, "monotonic", lambda: passed[0])

    def slow(line: mail.Line, message: mail.Message, **how: Any) -> None:
        honest(line, message, **how)
        passed[0] += sending.LOOKED_AT_SECONDS + 1
        with scope.inside(cast.brass.pk):
            left.extend(Membership.objects.filter(role__in=[Role.CLIENT_ADMIN, Role.CLIENT_VIEWER]).exclude(person__email=message.to))
            Membership.objects.filter(pk__in=[m.pk for m in left]).update(role=Role.REVIEWER)

    monkeypatch.setattr(mail.Line, "send", slow)
    sending.deliver([c.message() for c in claims])
    assert len(outbox.outbox) == len(left) == 1
    with scope.inside(cast.brass.pk):
        assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT, Delivery.State.GIVEN_UP}


def test_one_report_that_cannot_be_composed_holds_up_no_other(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(MIDWEEK)
    for admin, handle in ((cast.admin, "brassorbit3"), (cast.moon_admin, "velvetfoxlab")):
        account_with_weeks(admin, handle, last=W21.sunday)
        seen_now(admin.workspace)
        report_is_due(admin.workspace)
    claims = sorted(jobs.claim_due("report"), key=lambda claim: claim.workspace_id != cast.brass.pk)
    assert len(claims) == 2
    honest, called = composition.compose, []
    monkeypatch.setattr(composition, "compose", lambda space, *a, **k: 1 / 0 if space.pk == cast.brass.pk else honest(space, *a, **k))
    monkeypatch.setattr(jobs, "nudge", called.append)
    tasks.compose_some(claims=[c.message() for c in claims])
    assert (weeks_of(cast.brass), weeks_of(cast.moon_admin.workspace)) == ([], ["2026-W21"])
    assert called == ["delivery"]
    monkeypatch.setattr(composition, "compose", honest)
    at(clock.now() + jobs.LEASE + timedelta(seconds=1))
    tasks.compose_some(claims=[c.message() for c in jobs.claim_due("report")])
    assert weeks_of(cast.brass) == ["2026-W21"]


def test_one_report_that_cannot_be_drawn_holds_up_no_other(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = handful_of(cast, at)
    honest = suppression.hash_of
    monkeypatch.setattr(suppression, "hash_of", lambda email: 1 / 0 if email.startswith("admin") else honest(email))
    sending.deliver([c.message() for c in claims])
    assert [m.to[0] for m in outbox.outbox] == ["viewer@brass.example"]
    monkeypatch.setattr(suppression, "hash_of", honest)
    at(clock.now() + timedelta(minutes=1))
    sending.deliver([c.message() for c in jobs.claim_due("delivery")])
    assert sorted(m.to[0] for m in outbox.outbox) == ["admin@brass.example", "viewer@brass.example"]
