"""Who follows, when they are active and how posts were found equals what local TikTok tells, dated, and put together by weight."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agency import scope
from integrations.models import SyncRun
from integrations.tiktok.records import Audience
from metrics import audience_queries, audience_store
from metrics.audience_queries import together
from metrics.models import Account, AccountAudience, ActiveHours, PostAudience
from metrics.subject_queries import everything
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.metrics.planting import a_call, plant_account, plant_post
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)


def told(ages: tuple | None) -> Audience:
    return Audience(ages=ages, genders=None, countries=None, cities=None)


def test_a_sync_keeps_what_tiktok_tells_and_a_second_one_adds_nothing(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        kept = AccountAudience.objects.get()
        for kind in audience_queries.KINDS:
            assert sum(part for _, part in getattr(kept, kind)) == pytest.approx(1)
        assert {name for name, _ in kept.genders} == {"Female", "Male", "Other"}
        hours = list(ActiveHours.objects.order_by("date"))
        assert len(hours) >= 10
        assert all(len(h.counts) == 24 and None not in h.counts for h in hours)
        posts = PostAudience.objects.select_related("post")
        assert posts.count() >= 10
        assert all(sum(part for _, part in p.sources) == pytest.approx(1) for p in posts if p.sources)
        assert sum(bool(p.sources) for p in posts) >= 10
        account = Account.objects.get()
        assert set(account.posts.filter(watch_through_rate__isnull=False)) <= {p.post for p in posts}
        before = (AccountAudience.objects.count(), ActiveHours.objects.count(), PostAudience.objects.count())
        SyncRun.objects.filter(kind=SyncRun.Kind.AUDIENCE).update(due_at=NOW)
    client.post(f"/settings/integrations/{account.connection_id}/refresh")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        assert (AccountAudience.objects.count(), ActiveHours.objects.count(), PostAudience.objects.count()) == before
    page = client.get("/performance/audience?days=28").content.decode()
    assert "For You" in page
    assert "Female" in page


def test_a_change_is_a_row_of_its_day_and_sameness_is_none(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
        call = a_call(account).pk
        first = told((("18-24", 0.6), ("25-34", 0.4)))
        assert audience_store.keep_audience(account, first, call_id=call, now=NOW)
        assert not audience_store.keep_audience(account, first, call_id=call, now=NOW + timedelta(days=1))
        assert audience_store.keep_audience(account, told((("18-24", 0.5), ("25-34", 0.5))), call_id=call, now=NOW + timedelta(days=2))
        assert not audience_store.keep_audience(account, told(None), call_id=call, now=NOW + timedelta(days=3)), "fewer than 100 followers"
        assert list(AccountAudience.objects.order_by("date").values_list("date", flat=True)) == [date(2026, 5, 27), date(2026, 5, 29)]
        assert audience_queries.audience(everything(cast.viewer).workspace()).kinds["ages"].parts == (("18-24", 0.5), ("25-34", 0.5))


def test_accounts_are_put_together_by_followers_and_posts_by_views(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        for handle, followers, part in (("a", 900, 1.0), ("b", 100, 0.0)):
            account = plant_account(cast.admin, handle)
            Account.objects.filter(pk=account.pk).update(followers_count=followers)
            shares = (("Female", part), ("Male", 1 - part))
            audience = Audience(ages=None, genders=shares, countries=None, cities=None)
            audience_store.keep_audience(account, audience, call_id=a_call(account).pk, now=NOW)
            post = plant_post(account, NOW - timedelta(days=4), views=followers * 2)
            PostAudience.objects.create(
                workspace=cast.brass, post=post, date=date(2026, 5, 24), sources=[["Search", 1 - part], ["For You", part]],
                call=a_call(account), seen_at=NOW,
            )  # fmt: skip
        subject = everything(cast.viewer).workspace()
        found = audience_queries.audience(subject).kinds["genders"]
        assert found.parts == (("Female", pytest.approx(0.9)), ("Male", pytest.approx(0.1)))
        assert (found.weight, found.of) == (1000, 2)
        of_posts = audience_queries.sources(subject, (date(2026, 5, 18), date(2026, 5, 24)))
        assert dict(of_posts.parts) == {"For You": pytest.approx(0.9), "Search": pytest.approx(0.1)}
        assert audience_queries.sources(subject, (date(2026, 5, 24), date(2026, 5, 24))).parts == ()


def test_what_one_did_not_tell_is_left_out_of_both_sides() -> None:
    assert together([([["A", 0.5], ["B", 0.5]], 100), (None, 900), ([["A", None], ["B", 1.0]], 50), ([["A", 1.0]], 0)]).weight == 100
    assert together([]).parts == ()
