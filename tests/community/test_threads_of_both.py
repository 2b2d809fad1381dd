"""Comments of which an account and an ad account tell in turn: one thread, whoever was first; and ad accounts that change hands."""

from datetime import timedelta

import pytest

from agency import clock, scope
from community import ad_store, keeping
from community.models import Comment, UnderAd
from integrations import ad_accounts
from integrations.models import AdAccount, Connection
from integrations.tiktok.ad_comments import AdComment
from metrics.models import Post
from privacy.holdings import rows_of_ad_account
from tests.campaigns.planting import a_call, plant_ad_account
from tests.community.planting import a_post, again, come, hours, told
from tests.community.telling import as_told_by_ads
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def ads_tell(ads: AdAccount, *listed: AdComment) -> None:
    """A page of an ad group's comments."""
    ad_store.keep(ads, listed, adgroup_id="19", call_id=a_call(ads).pk, now=clock.now())


def kept(comment_id: str) -> Comment:
    return Comment.objects.select_related("thread").get(tiktok_comment_id=comment_id)


@pytest.fixture
def post(cast: Cast) -> Post:
    with scope.inside(cast.brass.pk):
        return a_post(cast.admin)


def test_an_answer_of_the_account_joins_a_thread_that_only_the_ads_had_told_of(cast: Cast, post: Post) -> None:
    with scope.inside(cast.brass.pk):
        first = told(at=hours(5))
        ads_tell(plant_ad_account(cast.admin), as_told_by_ads(first))
        assert kept(first.comment_id).waits_since == first.created_at
        answer = told("35 mm", at=hours(2), by="brassorbit3", own=True, parent=first.comment_id)
        come(post, answer)
        assert kept(answer.comment_id).thread.tiktok_comment_id == first.comment_id
        assert (kept(first.comment_id).waits_since, kept(first.comment_id).answered_at) == (None, answer.created_at)


def test_a_reply_that_the_ads_told_of_joins_the_comment_that_the_account_tells_of(cast: Cast, post: Post) -> None:
    with scope.inside(cast.brass.pk):
        first = told(at=hours(5))
        reply = told("Me too", at=hours(4), parent=first.comment_id)
        ads_tell(plant_ad_account(cast.admin), as_told_by_ads(reply))
        assert not kept(reply.comment_id).is_reply, "what it answers is not known yet"
        come(post, first)
        assert (kept(reply.comment_id).is_reply, kept(reply.comment_id).thread.tiktok_comment_id) == (True, first.comment_id)
        assert kept(first.comment_id).last_said_at == reply.created_at
        assert Comment.objects.waiting().count() == 1


def test_what_is_new_stands_as_it_would_be_found_alone(cast: Cast, post: Post) -> None:
    with scope.inside(cast.brass.pk):
        page = [
            told("Mine to answer", at=hours(1)),
            told("Hidden", at=hours(2), status="HIDDEN"),
            told("Our own", at=hours(3), own=True),
            told("From long before", at=hours(24 * 400)),
        ]
        come(post, *page)
        names = ("pk", "waits_since", "stirred_at", "last_said_at", "done_at")
        at_once = set(Comment.objects.values_list(*names))
        assert [row.text for row in Comment.objects.waiting()] == ["Mine to answer"]
        Comment.objects.update(waits_since=None, stirred_at=None, last_said_at=None)
        keeping.settle(cast.brass.pk, [pk for pk, *_ in at_once], now=page[0].created_at)
        assert set(Comment.objects.values_list(*names)) == at_once


def test_an_ad_account_in_two_workspaces_is_read_into_each_and_leaves_each_alone(cast: Cast) -> None:
    """As when a client changes agencies: the one lets go of it, the other has linked it."""
    first, reply = told(at=hours(5)), told("Me too", at=hours(4), parent="0")
    here: dict[str, AdAccount] = {}
    for by in (cast.admin, cast.moon_admin):
        with scope.inside(by.workspace_id):
            ads = here[by.workspace.slug] = plant_ad_account(by, advertiser_id="7000000000000000042")
            ads_tell(ads, as_told_by_ads(first), as_told_by_ads(reply, original_comment_id=first.comment_id))
    with scope.inside(cast.brass.pk):
        mark = kept(first.comment_id).tiktok_author_id
        ad_accounts.unlink(here["brass"], by=cast.admin)
        for rows in rows_of_ad_account(Connection.objects.of_advertisers().get(), here["brass"].pk):
            if rows.model in {Comment, UnderAd}:
                rows.delete()
        assert not Comment.objects.exists()
    with scope.inside(cast.moon.pk):
        assert kept(reply.comment_id).thread.tiktok_comment_id == first.comment_id
        assert UnderAd.objects.count() == 2
        assert kept(first.comment_id).tiktok_author_id != mark, "nobody can tell that it is the same person"


def test_a_comment_passes_to_the_ad_account_that_still_runs_the_post(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        first = told(at=hours(5))
        one, other = plant_ad_account(cast.admin, "Brass Ads"), plant_ad_account(cast.admin, "Brass Ads Europe")
        for ads in (one, other):
            ads_tell(ads, as_told_by_ads(first))
        assert kept(first.comment_id).ad_account == one, "while it is read, it stays with who brought it"
        ad_accounts.unlink(one, by=cast.admin)
        ads_tell(other, as_told_by_ads(first))
        assert kept(first.comment_id).ad_account == other
        for rows in rows_of_ad_account(Connection.objects.get(pk=one.connection_id), one.pk):
            if rows.model in {Comment, UnderAd}:
                rows.delete()
        assert [row.ad_account for row in UnderAd.objects.filter(comment=kept(first.comment_id))] == [other]


def test_asked_for_by_its_id_a_comment_is_as_told_or_gone_with_its_replies(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        ads, first = plant_ad_account(cast.admin), told(at=hours(5))
        reply = told("Me too", at=hours(4), parent=first.comment_id)
        ads_tell(ads, as_told_by_ads(first), as_told_by_ads(reply))
        thread, later = kept(first.comment_id), clock.now() + timedelta(hours=1)
        edited = as_told_by_ads(told("¿Dónde lo compraste?", at=hours(5), comment_id=first.comment_id), ad_id=None)
        ad_store.note_looked_for(ads, thread, edited, call_id=a_call(ads).pk, now=later)
        thread = again(thread)
        assert (thread.text, thread.language, thread.edited_at, thread.seen_at >= later) == (edited.content, "es", later, True)
        assert UnderAd.objects.filter(comment=thread).count() == 1, "such an answer names no ad"
        ad_store.note_looked_for(ads, thread, None, call_id=a_call(ads).pk, now=later)
        assert {again(row).shown for row in (thread, kept(reply.comment_id))} == {"deleted"}
        assert again(thread).waits_since is None
