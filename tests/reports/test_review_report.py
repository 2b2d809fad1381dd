"""Day, hour, review, holding and sending by hand: when a report goes, and to whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core import mail as outbox
from django.test import Client

from agency import clock, scope
from agency.models import AuditRow
from agency.outlets import mail
from integrations.models import Connection
from metrics.models import Account
from reports import actions, queries
from reports.models import Delivery, ExtraRecipient, ReportSchedule, ReportStep, ReviewCall, WeeklyReport
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.planting import utc
from tests.reports.reporting import W21, account_with_weeks, compose, next_at, seen_now, weeks_of
from tests.reports.test_compose_report import MIDWEEK
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
W22 = W21.after
DEFAULTS: dict[str, Any] = {
    "weekday": 0, "hour": 9, "time_zone": "America/Los_Angeles", "review": "none", "review_hours": 3, "holds_while_broken": False,
    "reply_to": "",
}  # fmt: skip
SLOT = utc(2026, 6, 1, 16)  # Monday 09:00 in Los Angeles, for week 22


@pytest.fixture
def begun(cast: Cast, at: At) -> Cast:
    """Brass Studio with its first report behind it."""
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W22.sunday, weeks=4)
    compose(cast.brass)
    work_off("delivery")
    outbox.outbox.clear()
    return cast


def staff(cast: Cast) -> Client:
    """The account manager's browser; a code of the second factor works once, so there is one for each test."""
    return vars(cast).setdefault("browser", None) or vars(cast).update(browser=sign_in(cast.manager)) or vars(cast)["browser"]


def set_(cast: Cast, **values: Any) -> None:
    answer = staff(cast).post("/reports/settings", DEFAULTS | values)
    assert answer.status_code == 302, answer.content.decode()


def work_at(cast: Cast, at: At, moment: datetime) -> None:
    """A sync, and whatever is due then."""
    at(moment)
    seen_now(cast.brass)
    work_off("report", "report_release", "delivery")


def report(cast: Cast) -> WeeklyReport:
    with scope.inside(cast.brass.pk):
        return WeeklyReport.objects.get(week=str(W22))


def mailed() -> list[str]:
    return sorted(m.to[0] for m in outbox.outbox)


BOTH = ["admin@brass.example", "viewer@brass.example"]

# day and hour


@pytest.mark.parametrize(
    ("weekday", "hour", "zone", "slot"),
    [
        (0, 9, "America/Los_Angeles", utc(2026, 6, 1, 16)),
        (2, 7, "Europe/Berlin", utc(2026, 6, 3, 5)),
        (6, 23, "Pacific/Auckland", utc(2026, 6, 7, 11)),
    ],
)
def test_the_report_goes_on_the_workspaces_day_at_its_hour_in_its_zone(
    begun: Cast, at: At, weekday: int, hour: int, zone: str, slot: datetime
) -> None:
    set_(begun, weekday=weekday, hour=hour, time_zone=zone)
    assert next_at(begun.brass) == slot
    work_at(begun, at, slot - timedelta(minutes=1))
    assert weeks_of(begun.brass) == ["2026-W21"]
    work_at(begun, at, slot)
    assert weeks_of(begun.brass) == ["2026-W21", "2026-W22"]
    assert mailed() == BOTH


@pytest.mark.parametrize(
    ("week", "weekday", "hour", "zone", "slot"),
    [
        ("2026-W12", 6, 2, "Europe/Berlin", utc(2026, 3, 29, 1)),  # 02:00 does not exist that Sunday
        ("2026-W42", 6, 2, "Europe/Berlin", utc(2026, 10, 25, 0)),  # 02:00 comes twice
        ("2026-W43", 0, 9, "Europe/Berlin", utc(2026, 10, 26, 8)),
        ("2026-W44", 0, 9, "America/Los_Angeles", utc(2026, 11, 2, 17)),  # the clock changed the day before
        ("2026-W53", 0, 9, "Pacific/Auckland", utc(2027, 1, 3, 20)),
        ("2025-W52", 0, 0, "UTC", utc(2025, 12, 29, 0)),
        ("2026-W01", 0, 23, "Pacific/Auckland", utc(2026, 1, 5, 10)),
    ],
)
def test_clock_changes_and_year_ends_move_no_slot_to_another_day(
    cast: Cast, week: str, weekday: int, hour: int, zone: str, slot: datetime
) -> None:
    cast.brass.time_zone = zone
    assert queries.slot_of(actions.Week.parse(week), ReportSchedule(weekday=weekday, hour=hour), cast.brass) == slot


def test_settings_that_make_no_sense_are_refused_in_words_and_nothing_changes(begun: Cast) -> None:
    client = staff(begun)
    for wrong in ({"hour": 24}, {"weekday": 7}, {"time_zone": "Mars/Base"}, {"review": "maybe"}, {"review_hours": 99}, {"reply_to": "x"}):
        answer = client.post("/reports/settings", DEFAULTS | wrong)
        assert answer.status_code == 422, wrong
        assert "Please check what is marked." in answer.content.decode()
    assert next_at(begun.brass) == SLOT


def test_answers_go_where_the_workspace_wants_them(begun: Cast, at: At) -> None:
    set_(begun, reply_to="team@brass.example")
    work_at(begun, at, SLOT)
    assert {m.reply_to[0] for m in outbox.outbox} == {"team@brass.example"}


# review


def test_a_reviewed_report_is_written_before_its_hour_and_goes_at_it(begun: Cast, at: At) -> None:
    set_(begun, review="send")
    work_at(begun, at, SLOT - timedelta(hours=3))
    assert report(begun).released_at is None
    assert mailed() == []
    work_at(begun, at, SLOT)
    assert report(begun).released_at == SLOT
    assert mailed() == BOTH
    work_at(begun, at, SLOT + timedelta(hours=1))
    assert mailed() == BOTH


def test_until_it_goes_only_reviewers_see_it(begun: Cast, at: At) -> None:
    set_(begun, review="send")
    work_at(begun, at, SLOT - timedelta(hours=2))
    page = staff(begun).get("/reports/2026-W22").content.decode()
    assert "Not sent yet" in page
    assert "It goes 2026-06-01 16:00 UTC." in page
    for who in (begun.admin, begun.viewer):
        client = sign_in(who)
        assert client.get("/reports/2026-W22").status_code == 404
        assert client.get("/reports/2026-W22/pdf").status_code == 404
        assert "2026-W22" not in client.get("/reports").content.decode()


def test_a_report_that_needs_approval_waits_for_it(begun: Cast, at: At) -> None:
    set_(begun, review="hold")
    work_at(begun, at, SLOT - timedelta(hours=1))
    work_at(begun, at, SLOT + timedelta(hours=5))
    assert mailed() == []
    assert staff(begun).post("/reports/2026-W22/approve").status_code == 302
    work_off("delivery")
    assert mailed() == BOTH
    with scope.inside(begun.brass.pk):
        kinds = list(ReportStep.objects.order_by("at", "kind").values_list("kind", "person_id"))
    assert kinds == [("released", None), ("approved", begun.manager.person_id), ("released", begun.manager.person_id)]


def test_approved_before_its_hour_it_goes_at_its_hour_and_not_before(begun: Cast, at: At) -> None:
    set_(begun, review="hold")
    work_at(begun, at, SLOT - timedelta(hours=2))
    staff(begun).post("/reports/2026-W22/approve")
    work_at(begun, at, SLOT - timedelta(minutes=1))
    assert mailed() == []
    work_at(begun, at, SLOT)
    assert mailed() == BOTH


def test_held_back_it_does_not_go_at_its_hour(begun: Cast, at: At) -> None:
    set_(begun, review="send")
    work_at(begun, at, SLOT - timedelta(hours=2))
    client = staff(begun)
    client.post("/reports/2026-W22/hold")
    work_at(begun, at, SLOT + timedelta(hours=1))
    assert mailed() == []
    client.post("/reports/2026-W22/send")
    client.post("/reports/2026-W22/send")
    work_off("delivery")
    assert mailed() == BOTH


def test_a_client_cannot_approve_hold_or_send(begun: Cast, at: At) -> None:
    client = sign_in(begun.admin)
    for what in ("approve", "hold", "send", "credits"):
        assert client.post(f"/reports/2026-W21/{what}").status_code == 403
    assert client.post("/reports/settings/send").status_code == 403


# holding while a source is broken


def break_second(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_account(cast.admin, "second", state=Connection.State.BROKEN, broken_reason="TikTok ended the access.")


def test_a_broken_account_holds_the_report_where_that_is_wished_and_reconnecting_lets_it_go(begun: Cast, at: At) -> None:
    set_(begun, holds_while_broken=True)
    break_second(begun)
    work_at(begun, at, SLOT)
    assert mailed() == []
    with scope.inside(begun.brass.pk):
        Connection.objects.filter(handle="second").update(state=Connection.State.LIVE)
        Account.objects.update(posts_seen_at=clock.now())
    work_at(begun, at, SLOT + timedelta(minutes=11))
    assert mailed() == BOTH


def test_a_broken_account_holds_it_for_two_days_at_most(begun: Cast, at: At) -> None:
    set_(begun, holds_while_broken=True)
    break_second(begun)
    for hours in (0, 24, 47):
        work_at(begun, at, SLOT + timedelta(hours=hours))
        assert mailed() == []
    work_at(begun, at, SLOT + timedelta(hours=48))
    assert mailed() == BOTH
    assert "needs to be reconnected" in outbox.outbox[0].body


def test_otherwise_it_goes_on_time_and_names_the_account(begun: Cast, at: At) -> None:
    break_second(begun)
    work_at(begun, at, SLOT)
    assert mailed() == BOTH


# by hand


def test_send_now_writes_the_next_week_once_and_its_hour_sends_nothing_more(begun: Cast, at: At) -> None:
    at(SLOT - timedelta(hours=8))
    client = staff(begun)
    assert client.post("/reports/settings/send").headers["Location"] == "/reports/2026-W22"
    assert client.post("/reports/settings/send").headers["Location"] == "/reports/settings"
    work_off("delivery")
    assert mailed() == BOTH
    work_at(begun, at, SLOT + timedelta(hours=1))
    assert mailed() == BOTH
    assert next_at(begun.brass) == SLOT + timedelta(days=7)


def test_a_week_that_still_runs_cannot_be_sent(begun: Cast, at: At) -> None:
    at(utc(2026, 5, 31, 23, 59))
    answer = staff(begun).post("/reports/settings/send", follow=True)
    assert "The next week is not over yet" in answer.content.decode()
    assert weeks_of(begun.brass) == ["2026-W21"]


def test_a_test_goes_to_whoever_asks_and_to_nobody_else_and_leaves_no_report(begun: Cast) -> None:
    answer = sign_in(begun.admin).post("/reports/settings/test", follow=True)
    assert "A test of week 21 was sent to admin@brass.example." in answer.content.decode()
    assert mailed() == ["admin@brass.example"]
    (letter,) = outbox.outbox
    assert letter.subject.startswith("Test: Week 21 · Brass Studio")
    assert "List-Unsubscribe" not in letter.extra_headers
    assert "This is a test that you asked for. Nobody else got it." in letter.body
    with scope.inside(begun.brass.pk):
        assert Delivery.objects.count() == 2


def test_a_sixth_test_within_an_hour_waits(begun: Cast) -> None:
    client = sign_in(begun.admin)
    for _ in range(5):
        assert "A test of week 21 was sent" in client.post("/reports/settings/test", follow=True).content.decode()
    assert "5 tests an hour are enough. Try again later." in client.post("/reports/settings/test", follow=True).content.decode()
    assert len(mailed()) == 5


def test_who_came_since_gets_a_sent_report_and_nobody_gets_it_twice(begun: Cast) -> None:
    with scope.inside(begun.brass.pk):
        Delivery.objects.filter(person=begun.viewer.person).delete()
    client = staff(begun)
    client.post("/reports/2026-W21/send")
    client.post("/reports/2026-W21/send")
    work_off("delivery")
    assert mailed() == ["viewer@brass.example"]


# extra addresses


def extra(cast: Cast) -> ExtraRecipient:
    with scope.inside(cast.brass.pk):
        return ExtraRecipient.objects.get()


def link_in(body: str, word: str) -> str:
    return next(line for line in body.splitlines() if word in line).split("http://testserver")[1].strip()


def ask_(cast: Cast, email: str = "Boss@Client.example") -> None:
    assert sign_in(cast.admin).post("/reports/settings/recipients", {"email": email}).status_code == 302
    work_off("confirm_mail")


def test_an_extra_address_gets_nothing_before_it_said_yes(begun: Cast, at: At, client: Any) -> None:
    ask_(begun)
    assert mailed() == ["boss@client.example"]
    confirm = link_in(outbox.outbox[0].body, "/email/confirm/")
    outbox.outbox.clear()
    assert client.get(confirm).status_code == 200
    work_at(begun, at, SLOT)
    assert mailed() == BOTH
    outbox.outbox.clear()
    assert "You get the weekly reports" in client.post(confirm).content.decode()
    staff(begun).post("/reports/2026-W22/send")
    work_off("delivery")
    assert mailed() == ["boss@client.example"]
    body = outbox.outbox[0].body
    assert "because you confirmed that you want the reports of Brass Studio" in body
    assert "The full report" not in body
    stop = link_in(body, "/email/stop/")
    assert client.post(stop).status_code == 200
    assert extra(begun).stopped_at is not None


def test_a_confirmation_link_holds_for_a_week_and_is_asked_again_after_a_day(begun: Cast, at: At, client: Any) -> None:
    ask_(begun)
    confirm = link_in(outbox.outbox[0].body, "/email/confirm/")
    at(clock.now() + timedelta(days=7, seconds=1))
    assert "This link no longer holds" in client.post(confirm).content.decode()
    assert extra(begun).confirmed_at is None
    browser, again = sign_in(begun.admin), f"/reports/settings/recipients/{extra(begun).pk}/ask"
    browser.post(again)
    assert "less than a day ago" in browser.post(again, follow=True).content.decode()
    work_off("confirm_mail")
    assert len(outbox.outbox) == 2
    assert "You get the weekly reports" in client.post(confirm).content.decode()


def test_an_address_that_was_removed_gets_nothing_and_its_links_are_dead(begun: Cast, at: At, client: Any) -> None:
    ask_(begun)
    confirm = link_in(outbox.outbox[0].body, "/email/confirm/")
    client.post(confirm)
    work_at(begun, at, SLOT - timedelta(minutes=1))
    sign_in(begun.admin).post(f"/reports/settings/recipients/{extra(begun).pk}/remove")
    outbox.outbox.clear()
    work_at(begun, at, SLOT)
    assert mailed() == BOTH
    assert client.post(confirm).status_code == 404


@pytest.mark.parametrize("email", ["admin@brass.example", "no address", "", "boss@client.example"])
def test_an_address_that_cannot_be_added_is_refused_in_words(begun: Cast, email: str) -> None:
    ask_(begun)
    answer = sign_in(begun.admin).post("/reports/settings/recipients", {"email": email})
    assert answer.status_code == 422
    with scope.inside(begun.brass.pk):
        assert ExtraRecipient.objects.count() == 1


def test_what_is_done_about_reports_is_on_the_audit_log(begun: Cast, at: At) -> None:
    ask_(begun)
    set_(begun, review="send")
    work_at(begun, at, SLOT - timedelta(hours=1))
    client = staff(begun)
    client.post("/reports/2026-W22/hold")
    client.post("/reports/2026-W22/approve")
    client.post("/reports/2026-W22/send")
    with scope.inside(begun.brass.pk):
        verbs = {row.verb: row.person_id for row in AuditRow.objects.filter(verb__startswith="report")}
    assert verbs["report_recipient.asked"] == begun.admin.person_id
    for verb in ("report_schedule.changed", "report.held", "report.approved", "report.released"):
        assert verbs[verb] == begun.manager.person_id


def test_creators_are_credited_by_staff_and_the_credit_can_be_taken_back(begun: Cast) -> None:
    with scope.inside(begun.brass.pk):
        post = plant_post(Account.objects.get(), utc(2026, 5, 20), caption="Together")
    client, form = staff(begun), {"post": str(post.pk), "creator": str(begun.creator.pk)}
    assert "Credited to Creator" in client.post("/reports/2026-W21/credits", form, follow=True).content.decode()
    assert sign_in(begun.creator).get("/reports/2026-W21").status_code == 200
    for wrong in ({"post": str(post.pk), "creator": str(begun.viewer.pk)}, {"post": "x", "creator": "y"}, {}):
        assert client.post("/reports/2026-W21/credits", wrong).status_code in {302, 404}
    with scope.inside(begun.brass.pk):
        (made,) = queries.credits_of([post])
    client.post(f"/reports/credits/{made.pk}/remove")
    assert sign_in(begun.creator).get("/reports/2026-W21").status_code == 404


# calling reviewers


def called_at(cast: Cast, at: At, moment: datetime) -> list[Any]:
    work_at(cast, at, moment)
    work_off("review_mail")
    return [m for m in outbox.outbox if "review" in m.subject]


def test_reviewers_are_called_once_with_the_hour_at_which_it_goes_by_itself(begun: Cast, at: At) -> None:
    set_(begun, review="send")
    (letter,) = called_at(begun, at, SLOT - timedelta(hours=3))
    assert letter.to == ["manager@agency.example"]
    assert letter.subject == "Brass Studio: the report of week 22 waits for your review"
    assert "It goes by itself on Monday, Jun 1, 09:00 PDT." in letter.body
    assert "/reports/2026-W22?workspace=brass" in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter.extra_headers["Message-ID"].endswith(f"@{live_settings.MAIL_DOMAIN}>")
    assert len(called_at(begun, at, SLOT - timedelta(hours=2))) == 1


def test_where_it_holds_the_mail_says_that_nothing_goes_without_a_word(begun: Cast, at: At) -> None:
    set_(begun, review="hold")
    (letter,) = called_at(begun, at, SLOT - timedelta(hours=3))
    said = " ".join(letter.body.split())
    assert "It goes to nobody until somebody approves it or sends it. It is planned for Monday, Jun 1, 09:00 PDT" in said
    assert "by itself" not in said


def test_nobody_is_called_for_a_report_without_review_or_one_that_somebody_decided_on(begun: Cast, at: At) -> None:
    assert called_at(begun, at, SLOT) == []
    set_(begun, review="send")
    work_at(begun, at, SLOT + timedelta(days=7, hours=-3))
    assert staff(begun).post("/reports/2026-W23/hold").status_code == 302
    work_off("review_mail")
    assert [m for m in outbox.outbox if "review" in m.subject] == []
    with scope.inside(begun.brass.pk):
        assert [c.outcome for c in ReviewCall.objects.all()] == ["needless"]


def test_a_mail_server_that_is_down_delays_the_call_and_not_past_the_hour(begun: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str | None] = []

    def down(message: mail.Message, *, message_id: str | None = None) -> None:
        ids.append(message_id)
        raise mail.TryAgain("busy")

    set_(begun, review="send")
    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", down)
        for hours in (3, 2, 0):
            work_at(begun, at, SLOT - timedelta(hours=hours))
            work_off("review_mail")
    assert (len(ids), len(set(ids))) == (2, 1), "the same message again, and none about a report that has gone"
    with scope.inside(begun.brass.pk):
        assert [c.outcome for c in ReviewCall.objects.all()] == ["needless"]


def test_one_click_stops_these_mails_and_no_others(begun: Cast, at: At) -> None:
    set_(begun, review="send")
    (letter,) = called_at(begun, at, SLOT - timedelta(hours=3))
    link = letter.extra_headers["List-Unsubscribe"].strip("<>").removeprefix(live_settings.APP_URL)
    page = Client(enforce_csrf_checks=True).get(link).content.decode()
    assert page.count("<button") == 1
    stopped = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
    assert "no more mails about reports that wait for a review" in stopped.content.decode()
    assert len(called_at(begun, at, SLOT + timedelta(days=7, hours=-3))) == 1, "the one from before"
    Client().post(link, {"again": "1"})
    assert len(called_at(begun, at, SLOT + timedelta(days=14, hours=-3))) == 2
    with scope.inside(begun.brass.pk):
        verbs = set(AuditRow.objects.filter(verb__startswith="review_mail.").values_list("verb", flat=True))
    assert verbs == {"review_mail.sent", "review_mail.stopped", "review_mail.resumed"}
