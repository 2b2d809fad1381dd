"""The parts of a week beside its organic figures: Spark Ads, brands, creators, and accounts that are missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from agency import clock, scope
from agency.models import Brand
from agency.roles import Role
from community.models import Aim
from integrations.models import AdAccount, Connection
from metrics.models import Account, Mention
from reports import blocks, composition, content, emails, presentation, queries
from reports.content import Comments, Content
from reports.models import Credit
from tests.community.planting import a_post, keep, told
from tests.metrics.planting import a_call, days_from, plant_account, plant_days, plant_post
from tests.people import Cast, member, sign_in
from tests.reports.conftest import At
from tests.reports.planting import plant_ad, plant_ad_account, utc
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK
from tests.reports.test_week_files import text_of

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def composed(cast: Cast) -> Content:
    with scope.inside(cast.brass.pk):
        return composition.compose(cast.brass, W21, now=clock.now())


def rows(what: Content, block: int = 0) -> dict[str, tuple[str, str]]:
    return {r.label: (r.value, r.delta.text if r.delta else "") for r in blocks.paid_blocks(what)[block].rows}


# Spark Ads


def test_without_an_advertiser_account_the_report_says_so(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    what = presentation.shown(composed(cast))
    assert (what.paid, what.paid_note) == ((), "No advertiser account is linked.")


def test_spark_ads_of_the_seven_dates_are_added_up_and_other_ads_and_days_are_not(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    before, after = W21.monday - timedelta(days=1), W21.sunday + timedelta(days=1)
    with scope.inside(cast.brass.pk):
        ads = plant_ad_account(cast.admin)
        plant_ad(ads, W21.days, post="71", impressions=1000, clicks=20, spend=Decimal("10"))
        plant_ad(ads, W21.days[:1], post="72", impressions=500, clicks=5, spend=Decimal("1.005"))
        plant_ad(ads, W21.days, impressions=77_777)  # shows no post
        plant_ad(ads, (before, after), post="73", impressions=50_000)
        plant_ad(ads, W21.before.days, post="71", impressions=500, clicks=10, spend=Decimal("6"))
    what = composed(cast)
    assert rows(what) == {
        "Boosted posts": ("2", "0"),  # 71 and 73 the week before
        "Impressions": ("7,500", "−86.0%"),
        "CTR": ("1.93%", "+1.77 pp"),
        "CPM (USD)": ("$9.47", "+874.0%"),
    }
    assert (what.paid[0].clicks, what.paid[0].spend) == (145, "71.01")
    assert blocks.paid_blocks(what)[0].note == "Days of Los Angeles time."


def test_a_lower_cost_is_the_better_one(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        ads = plant_ad_account(cast.admin)
        plant_ad(ads, W21.days, post="71", spend=Decimal("9"))
        plant_ad(ads, W21.before.days, post="71", spend=Decimal("10"))
    cpm = blocks.paid_blocks(composed(cast))[0].rows[3]
    assert (cpm.value, cpm.delta.text, cpm.delta.tone, cpm.delta.arrow) == ("$9.00", "−10.0%", "better", "down")


def test_ad_accounts_of_one_currency_are_one_block_and_currencies_are_never_added(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        for name, currency, spend in (("One", "USD", "10"), ("Two", "USD", "30"), ("Three", "EUR", "5")):
            plant_ad(plant_ad_account(cast.admin, name, currency=currency), W21.days, post=name, spend=Decimal(spend))
    what = composed(cast)
    assert [p.currency for p in what.paid] == ["EUR", "USD"]
    assert rows(what, 0)["CPM (EUR)"][0] == "€5.00"
    assert rows(what, 1)["CPM (USD)"][0] == "$20.00"
    assert blocks.paid_blocks(what)[1].note.startswith("One, Two. ")


def test_days_that_had_not_ended_for_the_ad_account_are_not_compared_and_may_still_rise(cast: Cast, at: At) -> None:
    at(utc(2026, 5, 25, 9))  # Monday 02:00 in Los Angeles: Sunday has ended two hours ago, and TikTok follows by eleven
    with scope.inside(cast.brass.pk):
        ads = plant_ad_account(cast.admin)
        plant_ad(ads, W21.days, post="71", impressions=100)
        plant_ad(ads, W21.before.days, post="71", impressions=100)
    what = composed(cast)
    assert (what.paid[0].impressions, what.paid[0].days_alike, what.paid[0].impressions_before) == (700, 6, 600)
    assert rows(what)["Impressions"] == ("700", "0.0%")
    assert blocks.paid_blocks(what)[0].note == "Days of Los Angeles time. Compared on the first 6 days. Figures may still rise."
    at(utc(2026, 5, 25, 18))
    with scope.inside(cast.brass.pk):
        AdAccount.objects.update(figures_seen_at=clock.now())
    assert (composed(cast).paid[0].days_alike, composed(cast).paid[0].may_still_rise) == (7, False)


def test_a_figure_that_tiktok_left_out_is_a_dash_and_never_a_low_sum(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        ads = plant_ad_account(cast.admin)
        plant_ad(ads, W21.days, post="71")
        plant_ad(ads, W21.days[:1], post="72", impressions=None, clicks=None)
    assert rows(composed(cast))["Impressions"] == ("–", "")
    assert rows(composed(cast))["CPM (USD)"] == ("–", "")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"figures_from": None}, "ads_not_read"),
        ({"figures_from": date(2026, 5, 20)}, "ads_not_read"),
        ({"figures_seen_at": utc(2026, 5, 18, 3)}, "ads_not_read"),
        ({"state": AdAccount.State.LOST}, "ads_lost"),
    ],
)
def test_an_ad_account_without_this_weeks_figures_is_named(cast: Cast, at: At, values: dict, why: str) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        plant_ad(plant_ad_account(cast.admin, "Late ads", **values), W21.days, post="71")
    what = composed(cast)
    assert what.paid == ()
    assert [(m.account, m.why) for m in what.missing_accounts] == [("Late ads", why)]
    assert presentation.shown(what).paid_note == "TikTok has not delivered paid figures yet."
    assert "Late ads is not in the paid figures" in presentation.shown(what).missing[0]


def test_an_unlinked_ad_account_is_neither_shown_nor_missed(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        plant_ad(plant_ad_account(cast.admin, state=AdAccount.State.UNLINKED), W21.days, post="71")
    what = composed(cast)
    assert (what.paid, what.missing_accounts) == ((), ())


# brands


def test_brands_stand_side_by_side_where_there_are_several(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, "a", last=W21.sunday)
    with scope.inside(cast.brass.pk):
        one, two = (Brand.objects.create(workspace=cast.brass, name=name) for name in ("Velvet Fox", "Moontide"))
        Account.objects.update(brand=one)
    assert composed(cast).brands == ()
    with scope.inside(cast.brass.pk):
        other = plant_account(cast.admin, "b")
        Account.objects.filter(pk=other.pk).update(brand=two)
        plant_days(other, days_from(W21.before.monday, 14), video_views=10)
        plant_account(cast.admin, "c")
    table = blocks.brands(composed(cast))
    assert table is not None
    assert [(line.name, line.detail, line.cells[1].value, line.cells[2].value) for line in table.lines] == [
        ("Moontide", "@b", "70", "0.0%"),
        ("Velvet Fox", "@a", "700", "0.0%"),
        ("Without a brand", "@c", "–", "–"),
    ]


# creators


def test_a_post_concerns_who_published_it_and_whom_staff_credited(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    guest = member(cast.brass, "guest@people.example", Role.CREATOR)
    member(cast.brass, "idle@people.example", Role.CREATOR)
    brand_account = account_with_weeks(cast.admin, "brass", last=W21.sunday)
    with scope.inside(cast.brass.pk):
        own = plant_account(cast.creator, "mine")
        plant_post(own, utc(2026, 5, 19), caption="Mine", views=300, likes=20, comments=5, shares=5)
        plant_post(own, utc(2026, 5, 25), caption="Next week", views=900)
        shared = plant_post(brand_account, utc(2026, 5, 20), caption="Together", views=500)
        plant_post(brand_account, utc(2026, 5, 21), caption="Alone", views=1)
        for creator in (guest, cast.creator):
            Credit.objects.create(workspace=cast.brass, post=shared, creator=creator, credited_by=cast.manager.person, credited_at=MIDWEEK)
    table = blocks.creators(composed(cast))
    assert table is not None
    assert [(line.name, line.detail, *[c.value for c in line.cells]) for line in table.lines] == [
        ("Creator", "credited, on @brass", "1", "500", "1.0%"),
        ("Guest", "credited, on @brass", "1", "500", "1.0%"),
        ("Creator", "published by @mine", "1", "300", "10.0%"),
    ]


def test_a_credited_creator_gets_and_reads_the_report(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    guest = member(cast.brass, "guest@people.example", Role.CREATOR)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        post = plant_post(account, utc(2026, 5, 20))
        assert guest not in queries.recipients(cast.brass, W21)
        Credit.objects.create(workspace=cast.brass, post=post, creator=guest, credited_by=cast.manager.person, credited_at=MIDWEEK)
        assert guest in queries.recipients(cast.brass, W21)
    compose(cast.brass)
    with scope.inside(cast.brass.pk):
        assert [r.week for r in queries.visible_reports(guest)] == ["2026-W21"]
        assert not queries.visible_reports(cast.creator).exists()


# mentions


def test_public_posts_of_the_week_that_mention_the_accounts_are_counted_and_nobody_is_named(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    assert composed(cast).mentions is None  # never read
    days = (utc(2026, 5, 17, 23, 59), utc(2026, 5, 18), utc(2026, 5, 24, 23, 59), utc(2026, 5, 25))
    with scope.inside(cast.brass.pk):
        Account.objects.update(mentions_whole_at=MIDWEEK)
        for n, moment in enumerate(days):
            for kind in Mention.Kind:
                Mention.objects.create(
                    workspace=cast.brass, account=account, kind=kind, tiktok_id=str(n), created_at=moment, author="somebody", text="words",
                    views=100, call=a_call(account), first_seen_at=MIDWEEK, seen_at=MIDWEEK,
                )  # fmt: skip
    what = composed(cast)
    assert presentation.shown(what).mentions == "2 public posts mentioned the accounts, with 200 views."
    assert "somebody" not in str(what.as_json())
    assert "words" not in str(what.as_json())


# comments


def test_comments_of_the_week_and_answers_to_them_are_counted_and_nobody_is_named(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    assert composed(cast).comments is None  # never read
    with scope.inside(cast.brass.pk):
        asked = (utc(2026, 5, 17, 23, 59), utc(2026, 5, 18), utc(2026, 5, 20), utc(2026, 5, 24, 23, 59), utc(2026, 5, 25))
        post = a_post(cast.admin)
        keep(post, *(told("words", at=moment, by="somebody", comment_id=str(n)) for n, moment in enumerate(asked)))
        keep(post, told("soon", at=utc(2026, 5, 18, 1), own=True, parent="1", comment_id="11"))
        keep(post, told("late", at=utc(2026, 5, 25, 12), own=True, parent="2", comment_id="21"))
        plant_account(cast.admin, "left", state=Connection.State.DISCONNECTED, state_since=utc(2026, 5, 18))
        keep(a_post(cast.admin, "left"), told("not counted", at=utc(2026, 5, 20), comment_id="9"))
    what = composed(cast)
    assert what.comments == Comments(3, 2, 1, round(Aim.AT_FIRST.total_seconds()), round((3600 + 5.5 * 86_400) / 2))
    rows = {row.label: (row.value, row.note) for row in presentation.shown(what).comments}
    assert (rows["Comments"], rows["Answered"], rows["First answer, median"]) == (("3", ""), ("2", "66.7%"), ("2.8 days", ""))
    assert "somebody" not in str(what.as_json())
    assert "words" not in str(what.as_json())
    compose(cast.brass)
    page, csv = (sign_in(cast.admin).get(f"/reports/2026-W21{form}").content.decode() for form in ("", "/csv"))
    assert "First answer, median" in page
    assert "Comments,2026-W21,Answered within the aim,count,1" in csv
    pdf = sign_in(cast.viewer).get("/reports/2026-W21/pdf").content
    assert "Answered 2 66.7%" in text_of(pdf)
    with scope.inside(cast.brass.pk):
        letter = emails.weekly_report(composed(cast), queries.addressee_of(cast.viewer))
    assert "First answer, median        2.8 days" in letter.text
    assert "First answer, median" in letter.html
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(handle="brassorbit3").update(scopes_granted=["user.insights"])
    assert composed(cast).comments is None  # no longer granted: no line, not a zero


# accounts that left


def test_an_account_that_was_disconnected_in_or_after_the_week_is_named_and_an_older_one_is_not(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, "here", last=W21.sunday)
    with scope.inside(cast.brass.pk):
        for handle, since in (("left", utc(2026, 5, 18)), ("long_gone", utc(2026, 5, 17, 23, 59))):
            plant_account(cast.admin, handle, state=Connection.State.DISCONNECTED, state_since=since)
    assert presentation.shown(composed(cast)).missing == ("@left is not in these figures: it was disconnected.",)


# versions


def test_a_report_that_was_frozen_before_these_parts_existed_still_opens(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    old = composed(cast).as_json()
    for later in ("version", "paid", "brands", "creators", "mentions", "comments"):
        del old[later]
    what = content.from_json(old)
    assert what.version == 1
    shown = presentation.shown(what)
    assert (shown.paid, shown.brands, shown.creators, shown.mentions, shown.comments) == ((), None, None, "", ())
    assert shown.title == "Week 21 · Brass Studio · May 18 – May 24"
