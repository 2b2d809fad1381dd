"""Unusual days, and that whatever comes up in a while reaches a person as one mail, and never more than a few a day."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.test import Client

from agency import clock, jobs, scope
from agency.models import DueWork
from agency.outlets import mail
from integrations import actions, letters
from integrations.models import Connection, Letter, Notice
from metrics import unusual
from metrics.models import Account, AccountDay
from tests.metrics.planting import days_from, plant_account, plant_days
from tests.people import Cast
from tests.reports.conftest import At
from tests.reports.planting import utc
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOON = utc(2026, 5, 28, 12)  # Monday 25 is final since midnight
MONDAY = date(2026, 5, 25)
TOLD = ["admin@brass.example", "manager@agency.example", "reviewer@tiktok.example"]


def told() -> list[str]:
    return sorted(m.to[0] for m in outbox.outbox)


def to_admin() -> list[outbox.EmailMessage]:
    return [m for m in outbox.outbox if m.to == [TOLD[0]]]


def account_with(cast: Cast, at: At, views: int, *, handle: str = "brassorbit3", usual: int = 4000, weeks: int = 9) -> Account:
    """An account of long standing whose last final Monday had so many views."""
    at(utc(2026, 1, 1))
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, handle)
        at(NOON)
        plant_days(account, days_from(MONDAY - timedelta(days=7 * weeks - 1), 7 * weeks - 1), video_views=usual)
        plant_days(account, [MONDAY], video_views=views)
    return account


def look(account: Account) -> None:
    """What a sync leaves behind that brought a final day."""
    jobs.put("unusual_day", account.connection_id, workspace_id=account.workspace_id, at=clock.now())
    work_off("unusual_day")


def breaks(account: Account) -> None:
    with scope.inside(account.workspace_id):
        assert actions.mark_broken(Connection.objects.get(pk=account.connection_id), reason="Access was ended.")
    work_off("connection_lost_mail")


def letters_leave(at: At, moment: datetime) -> None:
    at(moment)
    work_off("notice")


# the rule


@pytest.mark.parametrize(
    ("views", "before", "is_unusual"),
    [
        (12_000, [4000] * 8, True),
        (12_000, [4000] * 4, False),  # too little is known
        (5_900, [4000] * 8, False),  # less than half as much again
        (1_900, [4000] * 8, True),
        (900, [0] * 8, False),  # nobody cares
        (1_000, [0] * 8, True),
        (12_000, [1000, 9000, 3000, 8000, 2000, 7000, 1500, 6000], False),  # it goes up and down every week
        (12_000, [4000] * 6 + [90_000] * 2, True),  # two strange weeks do not hide the next
    ],
)
def test_a_day_is_unusual_far_from_the_median_of_its_weekday(views: int, before: list[int], is_unusual: bool) -> None:
    assert (unusual.judge(MONDAY, views, before) is not None) is is_unusual


def test_it_is_told_once_with_what_is_usual_to_those_who_look_after_the_account(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 12_000)
    look(account)
    assert told() == []
    letters_leave(at, NOON + letters.COLLECTS)
    assert told() == TOLD
    (letter,) = to_admin()
    assert letter.subject == "@brassorbit3: 12,000 views on Monday, May 25, 2026"
    said = " ".join(letter.body.split())
    assert "more than usual (+200.0%): the 8 Mondays before it had a median of 4,000 views. The day is final." in said
    assert f"/performance?workspace=brass&of=account-{account.connection_id}&from=2026-05-25&to=2026-05-25" in said
    for hours in (1, 30):
        at(NOON + timedelta(hours=hours))
        look(account)
        letters_leave(at, NOON + timedelta(hours=hours + 3))
    assert told() == TOLD, "once"
    with scope.inside(cast.brass.pk):
        assert (Notice.objects.count(), Account.objects.get().judged_until) == (0, MONDAY)


def test_a_day_that_may_still_rise_or_is_the_accounts_history_is_not_judged(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 4000)
    with scope.inside(cast.brass.pk):
        plant_days(account, [MONDAY + timedelta(days=1)], video_views=50_000)
    look(account)
    at(utc(2026, 5, 28, 23, 59))
    look(account)
    with scope.inside(cast.brass.pk):
        assert not Notice.objects.exists()
    at(utc(2026, 5, 29))  # final from this moment on
    look(account)
    with scope.inside(cast.brass.pk):
        assert {n.day for n in Notice.objects.all()} == {date(2026, 5, 26)}
        Account.objects.update(judged_until=None)
        Notice.objects.all().delete()
        Connection.objects.update(connected_at=utc(2026, 5, 29, 1))
    at(utc(2026, 5, 29, 2))
    look(account)
    with scope.inside(cast.brass.pk):
        assert not Notice.objects.exists(), "it was final before anybody connected the account"


def test_a_day_that_comes_late_is_judged_when_it_comes(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 12_000)
    with scope.inside(cast.brass.pk):
        AccountDay.objects.filter(date=MONDAY).update(video_views=None)
    look(account)
    with scope.inside(cast.brass.pk):
        assert Account.objects.get().judged_until == MONDAY - timedelta(days=1)
        AccountDay.objects.filter(date=MONDAY).update(video_views=12_000)
    at(NOON + timedelta(days=1))
    look(account)
    with scope.inside(cast.brass.pk):
        assert Notice.objects.count() == 3


def test_what_tiktok_corrected_before_the_mail_left_is_not_told(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 12_000)
    look(account)
    with scope.inside(cast.brass.pk):
        AccountDay.objects.filter(date=MONDAY).update(video_views=4100)
    letters_leave(at, NOON + timedelta(hours=1))
    assert told() == []
    with scope.inside(cast.brass.pk):
        assert (Notice.objects.count(), Letter.objects.count()) == (0, 0)
    assert not DueWork.objects.filter(kind="notice").exists()


# together


def test_what_comes_up_in_a_while_is_one_mail_for_each_person(cast: Cast, at: At) -> None:
    first = account_with(cast, at, 12_000)
    second = account_with(cast, at, 4000, handle="second")
    third = account_with(cast, at, 4000, handle="third")
    look(first)
    at(NOON + timedelta(minutes=3))
    breaks(second)
    at(NOON + timedelta(minutes=6))
    breaks(third)
    letters_leave(at, NOON + letters.COLLECTS)
    assert told() == TOLD
    (letter,) = to_admin()
    assert letter.subject == "3 things to know about Brass Studio"
    for words in ("@second needs to be reconnected", "@third needs to be reconnected", "Access was ended.", "12,000 views on Monday"):
        assert words in letter.body
    html = str(letter.alternatives[0][0])
    assert html.count("/settings/integrations?workspace=brass") == 2


def test_what_comes_up_after_a_mail_waits_for_the_next_and_there_are_never_more_than_four_a_day(cast: Cast, at: At) -> None:
    accounts = [account_with(cast, at, 4000, handle=f"a{n}") for n in range(12)]
    for n, account in enumerate(accounts):  # one every twenty minutes
        at(NOON + timedelta(minutes=20 * n))
        breaks(account)
        work_off("notice")
        at(NOON + timedelta(minutes=20 * n + 10))
        work_off("notice")
    for hours in range(5, 24):
        letters_leave(at, NOON + timedelta(hours=hours))
    sent = len(to_admin())
    assert sent == letters.MOST_A_DAY
    letters_leave(at, NOON + timedelta(hours=25))
    assert len(to_admin()) == sent + 1, "what was too much for one day comes the next"
    said = " ".join(m.body for m in to_admin())
    assert all(f"@a{n} needs" in said or f"Reconnect @a{n}" in said or f"@a{n} " in said for n in range(12)), "nothing is lost"
    with scope.inside(cast.brass.pk):
        assert not Notice.objects.exists()


def test_a_worker_that_dies_after_the_server_took_it_sends_the_same_mail_again_and_the_next_trouble_another(
    cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[str, str | None, str]] = []
    first, second = account_with(cast, at, 12_000), account_with(cast, at, 4000, handle="second")
    look(first)

    def taken_but_not_heard(message: mail.Message, *, message_id: str | None = None) -> None:
        taken.append((message.to, message_id, message.text))
        raise mail.TryAgain("the answer was lost")

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", taken_but_not_heard)
        letters_leave(at, NOON + letters.COLLECTS)
        breaks(second)
        letters_leave(at, NOON + timedelta(minutes=20))
    mine = [(ref, text) for to, ref, text in taken if to == TOLD[0]]
    assert len(mine) == 2
    assert mine[0] == mine[1], "the same Message-ID, and the same text although something came up meanwhile"
    letters_leave(at, NOON + timedelta(minutes=40))
    letters_leave(at, NOON + timedelta(minutes=101))
    assert [m.extra_headers["Message-ID"] == mine[0][0] for m in to_admin()] == [True, False]
    assert "@second" in to_admin()[1].body


def test_one_click_stops_unusual_days_and_not_that_a_connection_needs_somebody(cast: Cast, at: At) -> None:
    account, other = account_with(cast, at, 12_000), account_with(cast, at, 12_000, handle="other")
    look(account)
    letters_leave(at, NOON + letters.COLLECTS)
    (letter,) = to_admin()
    link = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(settings.APP_URL)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "no more mails about unusual days" in Client(enforce_csrf_checks=True).post(link).content.decode()
    look(other)
    breaks(account)
    letters_leave(at, NOON + timedelta(hours=3))
    last = to_admin()[-1]
    assert ("@brassorbit3" in last.subject, "unusual" in last.body, "List-Unsubscribe" in last.extra_headers) == (True, False, False)
    assert "2 things" in [m for m in outbox.outbox if m.to == [TOLD[1]]][-1].subject


def test_a_creator_hears_of_no_account_but_their_own_and_another_workspace_of_nothing(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 12_000)
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=account.connection_id).update(connected_by=cast.creator.person)
    look(account)
    letters_leave(at, NOON + letters.COLLECTS)
    assert "admin@moontide.example" not in told()
    mine = [m for m in outbox.outbox if m.to == [cast.creator.person.email]]
    assert len(mine) == 1
    assert "/performance/posts?workspace=brass" in mine[0].body
    outbox.outbox.clear()
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=account.connection_id).update(connected_by=cast.admin.person)
        Account.objects.update(judged_until=None)
    at(NOON + timedelta(hours=2))
    look(account)
    letters_leave(at, NOON + timedelta(hours=3))
    assert cast.creator.person.email not in told()


def test_letters_that_waited_from_before_they_were_brought_together_still_leave(cast: Cast, at: At) -> None:
    account = account_with(cast, at, 12_000)
    look(account)
    with scope.inside(cast.brass.pk):
        notices = list(Notice.objects.values_list("pk", flat=True))
    DueWork.objects.filter(kind="notice").delete()
    for pk in notices:
        jobs.put("notice", UUID(str(pk)), workspace_id=cast.brass.pk, at=clock.now())
    work_off("notice")
    letters_leave(at, NOON + letters.COLLECTS)
    assert told() == TOLD
