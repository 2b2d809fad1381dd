"""Mentions: all that TikTok lists is here once with its origin, and what it lists no more loses its words."""

import json
from datetime import timedelta
from typing import Any

import pytest

from agency import clock, scope
from integrations.models import ApiCall, Connection, SyncRun, WebhookEvent
from metrics import mention_queries, mention_store
from metrics.models import Account, Mention
from reports.models import WeeklyReport
from tests.integrations.connecting import connect, only_connection
from tests.integrations.deliveries import deliver, event
from tests.integrations.steering import again, make_due, mend, spoil, step, tokens
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
KIND = SyncRun.Kind.MENTIONS
POSTS, COMMENTS = "/business/mention/video/list/", "/business/mention/comment/list/"


def listed(tiktok: LocalTikTok, connection: Connection, path: str, name: str) -> dict[str, dict[str, Any]]:
    """Everything that TikTok lists, asked for without our client."""
    found: dict[str, dict[str, Any]] = {}
    cursor, has_more = 0, True
    while has_more:
        query = {"business_id": connection.tiktok_open_id, "number_of_days": 90, "max_count": 20, "cursor": cursor}
        answer = tiktok.http.get(f"/open_api/v1.3{path}", params=query, headers={"Access-Token": tokens(connection)[0]}).json()
        found |= {row["item_id" if name == "videos" else "comment_id"]: row for row in answer["data"][name]}
        cursor, has_more = answer["data"]["cursor"], answer["data"]["has_more"]
    return found


def asked(tiktok: LocalTikTok) -> int:
    return sum("/business/mention/" in entry["endpoint"] for entry in tiktok.log())


def kept(connection: Connection, kind: str) -> dict[str, Mention]:
    with scope.inside(connection.workspace_id):
        return {m.tiktok_id: m for m in Mention.objects.filter(kind=kind)}


@pytest.fixture
def connected(cast: Cast, tiktok: LocalTikTok) -> Connection:
    """Brass Studio's account, connected a moment ago and not yet synced."""
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    return only_connection(cast.admin)


@pytest.fixture
def read(connected: Connection, tiktok: LocalTikTok) -> Connection:
    """Brass Studio's account, wholly synced."""
    work_off("sync")
    assert step(connected, KIND).state == "done"
    return again(connected)


def test_what_is_kept_equals_what_tiktok_lists_and_knows_its_call(read: Connection, tiktok: LocalTikTok) -> None:
    for kind, path, name, words in (("post", POSTS, "videos", "caption"), ("comment", COMMENTS, "comments", "comment_text")):
        true, mine = listed(tiktok, read, path, name), kept(read, kind)
        assert len(true) > 20
        assert set(mine) == set(true)
        for tiktok_id, row in true.items():
            assert mine[tiktok_id].text == row[words]
            assert mine[tiktok_id].tiktok_item_id == row["item_id"]
            assert mine[tiktok_id].link == row["video_link"]
    with scope.inside(read.workspace_id):
        origins = dict(Mention.objects.values_list("kind", "call__endpoint").distinct())
        assert origins == {"post": POSTS, "comment": COMMENTS}
        assert ApiCall.objects.filter(endpoint=POSTS).exclude(tiktok_request_id="").exists()
    assert step(read, KIND).done_count == len(kept(read, "post")) + len(kept(read, "comment"))


def test_a_look_at_the_heads_costs_two_calls_and_a_day_later_everything_is_read_again(read: Connection, tiktok: LocalTikTok) -> None:
    before = asked(tiktok)
    make_due("sync", read)
    work_off("sync")
    assert asked(tiktok) - before == 2
    tiktok.advance(25 * 3600)
    before = asked(tiktok)
    work_off("sync")
    assert asked(tiktok) - before > 2
    assert set(kept(read, "post")) >= set(listed(tiktok, again(read), POSTS, "videos"))


def test_what_tiktok_lists_no_more_loses_its_words_and_keeps_its_counters(read: Connection, tiktok: LocalTikTok) -> None:
    with scope.inside(read.workspace_id):
        example = Mention.objects.filter(kind="post").first()
        for number, days in enumerate((5, 92)):
            example.pk, example.tiktok_id = None, f"75000000000000000{number}"
            example._state.adding = True
            example.created_at, example.views = clock.now() - timedelta(days=days), 77
            example.save()
    tiktok.advance(25 * 3600)
    work_off("sync")
    rows = kept(read, "post")
    for tiktok_id in ("750000000000000000", "750000000000000001"):
        gone = rows.pop(tiktok_id)
        assert (gone.author, gone.text, gone.link, gone.views) == ("", "", "", 77)
        assert gone.gone_at is not None
    there = listed(tiktok, again(read), POSTS, "videos")
    assert all(rows[tiktok_id].text for tiktok_id in there)


def test_where_tiktok_lists_only_the_first_thousand_older_ones_are_not_judged(read: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    with scope.inside(read.workspace_id):
        account, now = Account.objects.get(), clock.now()
        Mention.objects.filter(kind="comment").update(seen_at=now + timedelta(minutes=1))
        posts = Mention.objects.filter(kind="post").order_by("created_at")
        monkeypatch.setattr(mention_store, "MOST_LISTED", 10)
        newest = list(posts.order_by("-created_at").values_list("pk", flat=True)[:10])
        Mention.objects.filter(pk__in=newest).update(seen_at=now + timedelta(minutes=1))
        missing = newest[4]
        Mention.objects.filter(pk=missing).update(seen_at=account.mentions_seen_at - timedelta(days=1))
        Mention.objects.filter(pk=posts.exclude(pk__in=newest).last().pk).update(seen_at=now + timedelta(minutes=1))  # the tenth
        assert mention_store.let_go(account, begun_at=now + timedelta(seconds=30), now=now) == 1
        assert Mention.objects.get(gone_at__isnull=False).pk == missing


def test_one_that_comes_back_has_its_words_again(read: Connection, tiktok: LocalTikTok) -> None:
    with scope.inside(read.workspace_id):
        Mention.objects.update(text="", author="", link="", gone_at=clock.now())
    tiktok.advance(25 * 3600)
    work_off("sync")
    there = listed(tiktok, again(read), POSTS, "videos")
    assert all(m.text and m.gone_at is None for m in kept(read, "post").values() if m.tiktok_id in there)


def test_an_interrupted_reading_goes_on_where_it_was(connected: Connection, tiktok: LocalTikTok) -> None:
    before = set(listed(tiktok, connected, COMMENTS, "comments"))
    spoil(tiktok, COMMENTS, "status", value=500, times=None, skip=1)
    work_off("sync")
    run = step(connected, KIND)
    assert (run.state, run.cursor is not None) == ("failed", True)
    pages = asked(tiktok)
    mend(tiktok)
    tiktok.advance(3700)
    work_off("sync")
    assert step(connected, KIND).state == "done"
    # What came in that hour is for the next look at the heads, and what is more than ninety days old now is listed no more.
    assert set(kept(connected, "comment")) >= before & set(listed(tiktok, again(connected), COMMENTS, "comments"))
    assert sum(POSTS in e["endpoint"] for e in tiktok.log()[pages:]) <= 20, "the posts before were not asked for again by us"


@pytest.mark.parametrize("change", ["CREATE", "EDIT", "PRIVACY_CHANGE"])
def test_tiktoks_word_about_a_mention_has_everything_read_again_now(read: Connection, tiktok: LocalTikTok, change: str) -> None:
    before = asked(tiktok)
    tiktok.advance(60)
    content = {"type_of_event": change, "mention_type": "VIDEO_MENTION", "video_id": 7500000000000000077, "video_create_time": 1767313000}
    assert deliver(event(read.tiktok_open_id, "brand.mention.event", content=json.dumps(content))).status_code == 200
    work_off("sync")
    assert asked(tiktok) - before > 2
    with scope.inside(read.workspace_id):
        assert WebhookEvent.objects.get().state == "done"
    before = asked(tiktok)
    make_due("sync", read)
    work_off("sync")
    assert asked(tiktok) - before == 2, "once"


def test_without_the_scope_it_is_skipped_and_said_and_a_period_has_no_figure(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3", scopes=["user.info.basic", "video.list"])
    work_off("sync")
    with scope.inside(cast.brass.pk):
        run = SyncRun.objects.get(kind=KIND)
        assert (run.state, run.sentence) == ("skipped", "Not granted: biz.brand.insights.")
        accounts = list(Account.objects.select_related("connection"))
        assert mention_queries.mention_totals(accounts, clock.today() - timedelta(days=7), clock.today()) is None
    assert asked(tiktok) == 0


def test_a_report_does_not_wait_for_mentions(connected: Connection, tiktok: LocalTikTok) -> None:
    spoil(tiktok, POSTS, "code", value=40117, times=None)
    work_off("sync", "report")
    assert step(connected, KIND).state == "failed"
    with scope.inside(connected.workspace_id):
        assert WeeklyReport.objects.exists()


def test_a_connection_from_before_mentions_were_read_begins_with_them(read: Connection, tiktok: LocalTikTok) -> None:
    with scope.inside(read.workspace_id):
        SyncRun.objects.filter(kind=KIND).delete()
        Mention.objects.all().delete()
        Account.objects.update(mentions_whole_of=None, mentions_whole_at=None)
    make_due("sync", read)
    work_off("sync")
    assert step(read, KIND).state == "done"
    assert kept(read, "post")


def test_sums_of_a_period_are_those_of_its_mentions(read: Connection, cast: Cast) -> None:
    last = clock.today()
    first = last - timedelta(days=6)
    with scope.inside(read.workspace_id):
        accounts = list(Account.objects.select_related("connection"))
        totals = mention_queries.mention_totals(accounts, first, last)
        rows = [m for m in Mention.objects.all() if first <= m.created_at.date() <= last]
        posts = [m for m in rows if m.kind == "post"]
        assert (totals.posts, totals.comments) == (len(posts), len(rows) - len(posts))
        assert totals.views == (sum(m.views for m in posts) if posts else None)
        loudest = list(mention_queries.loudest(accounts, first, last))
        assert [m.views for m in loudest] == sorted((m.views for m in posts), reverse=True)
    with scope.inside(cast.moon.pk):
        assert not Mention.objects.exists()
