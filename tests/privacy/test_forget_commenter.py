"""Who wrote comments asks to be forgotten: afterwards nothing anywhere names them, and what others said, and are, is as it was."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from agency import clock, ledger, scope
from agency.roles import Role
from community import actions as triage
from community import ad_store
from community.erasure import commenters_named
from community.forgotten import mark_of
from community.models import Comment, Forgotten, Note, SavedView, Sending, Tag, UnderAd
from integrations.events import COMMENT
from integrations.models import AdAccount, Connection, WebhookEvent
from integrations.tiktok.ad_comments import AdComment
from metrics.models import Post
from privacy import replay
from privacy.models import DataArchive, DeletionRequest, DeletionRun
from privacy.tasks import forms_due
from tests.campaigns.planting import a_call, plant_ad_account
from tests.community.planting import a_post, come, hours, keep, told
from tests.community.telling import as_told_by_ads
from tests.integrations.steering import words
from tests.people import Cast, sign_in, staff
from tests.privacy.canaries import dump, hits, rows_with
from tests.privacy.test_ask_in_public import confirmed
from tests.privacy.test_erase_account import make_due
from tests.work import work_off

WHO, OTHER = "grain.and.glow", "halfstop"  # who asks, and somebody who stays
SAID = ("Their-first-words", "Their-reply-words", "Their-other-words")


class World:
    """Two threads, one begun by whoever asks and one in which they only replied, and everything that can hang on those."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        with scope.inside(cast.brass.pk):
            self.post: Post = a_post(cast.admin)
            self.theirs = told(SAID[0], at=hours(9), by=WHO, replies=2)
            below = told("Somebody else asks the same", at=hours(8), by=OTHER, parent=self.theirs.comment_id)
            answer = told("Our-answer-to-them", at=hours(7), own=True, parent=self.theirs.comment_id)
            first = told("A question of another", at=hours(6), by=OTHER, replies=1)
            reply = told(SAID[1], at=hours(5), by=WHO, parent=first.comment_id)
            alone = told(SAID[2], at=hours(4), by=WHO)
            self.page = (replace(self.theirs, reply_list=(below, answer)), replace(first, reply_list=(reply,)), alone)
            self.mine, self.first, _ = keep(self.post, *self.page)
            self.reply = Comment.objects.get(tiktok_comment_id=reply.comment_id)
            self.hang_on()

    def hang_on(self) -> None:
        by, here = self.cast.manager, {"workspace": self.cast.brass}
        triage.add_note(self.mine, by=by, text="Note-in-their-thread")
        triage.add_note(self.first, by=by, text=f"Note-that-names-them: @{WHO} again")
        triage.add_note(self.first, by=by, text="Note-that-stays")
        triage.tag(self.first, by=by, name=WHO)
        triage.tag(self.mine, by=by, name="question")
        SavedView.objects.create(**here, person=by.person, name="Looks-for-mark", wanted={"author": f"u_{WHO}"}, created_at=clock.now())
        SavedView.objects.create(**here, person=by.person, name="Looks-for-words", wanted={"q": f"from @{WHO}"}, created_at=clock.now())
        SavedView.objects.create(**here, person=by.person, name="Looks-for-lens", wanted={"q": "lens"}, created_at=clock.now())
        times = {"asked_at": hours(7), "goes_at": hours(7), "state_since": hours(7)}
        for thread, words_of, state in (
            (self.mine, "Sending-to-them", "sent"),
            (self.first, f"Sending-that-names @{WHO}", "sent"),
            (self.first, "Sending-that-stays", "failed"),
        ):
            act = {"kind": "reply", "text": words_of, "person": by.person, "state": state}
            Sending.objects.create(**here, **times, **act, thread=thread, comment=thread)
        WebhookEvent.objects.create(
            **here, connection_id=self.post.account.connection_id, name=COMMENT, digest=b"1" * 32,
            happened_at=hours(5), received_at=hours(5),
            payload={"comment_id": self.reply.tiktok_comment_id, "video_id": "1", "unique_identifier": f"u_{WHO}"},
        )  # fmt: skip
        DataArchive.objects.create(
            **here, account_id=self.post.account.connection_id, account_name="@brassorbit3", asked_by=by.person, state="ready",
            created_at=clock.now(),
        )  # fmt: skip

    def comments(self) -> dict[str, tuple[str | None, bool]]:
        """By text: in whose thread it stands, if it is a reply, and whether it waits."""
        with scope.inside(self.cast.brass.pk):
            rows = Comment.objects.select_related("thread")
            return {row.text: (row.thread.text if row.is_reply else None, row.waits_since is not None) for row in rows}


@pytest.fixture
def world(committed: Cast) -> World:
    return World(committed)


@pytest.fixture
def team(world: World) -> Client:
    """Somebody of the privacy team."""
    return sign_in(staff(world.cast.brass, "privacy@agency.example", Role.PRIVACY))


def ask(client: Client, handle: str = f"@{WHO}") -> object:
    return client.post(
        "/privacy/requests",
        {"commenter-handle": handle, "commenter-contact": "who@elsewhere.example", "commenter-identity_note": "A code in their profile."},
    )


def run_tonight() -> DeletionRun:
    make_due()
    work_off("erase", "deletion_mail")
    return DeletionRun.objects.using("privacy").order_by("-scheduled_at").first()


NAMED = (WHO, f"u_{WHO}", *SAID, "Our-answer-to-them", "Note-in-their-thread", "Note-that-names-them", "Looks-for-mark", "Looks-for-words",
         "Sending-to-them", "Sending-that-names", "who@elsewhere.example")  # fmt: skip


def test_nothing_anywhere_names_them_and_everybody_else_is_as_they_were(world: World, team: Client, tmp_path: Path) -> None:
    cast = world.cast
    with scope.inside(cast.moon.pk):
        keep(a_post(cast.moon_admin), told("Said-in-Moontide", at=hours(5), by=WHO))
    elsewhere = rows_with("Said-in-Moontide")
    before = dump(tmp_path / "before")
    assert {word for word in NAMED if hits(before, word)} == set(NAMED) - {"who@elsewhere.example"}

    answer = ask(team)
    assert answer.status_code == 302, words(answer)
    work_off("deletion_mail")
    run = run_tonight()

    assert (run.state, run.of) == ("done", "commenter"), run.sentence
    assert {m.to[0] for m in mail.outbox if "scheduled" in m.subject} == {"who@elsewhere.example"}
    assert rows_with("Said-in-Moontide") == elsewhere, "each workspace holds its own"
    with scope.inside(cast.moon.pk):
        Comment.objects.all().delete()
    assert hits(dump(tmp_path / "after"), *NAMED) == []
    assert world.comments() == {
        "Somebody else asks the same": (None, False),  # it was answered, and stays so
        "A question of another": (None, True),
    }
    with scope.inside(cast.brass.pk):
        assert [note.text for note in Note.objects.all()] == ["Note-that-stays"]
        assert [view.name for view in SavedView.objects.all()] == ["Looks-for-lens"]
        assert [sending.text for sending in Sending.objects.all()] == ["Sending-that-stays"]
        assert [tag.name for tag in Tag.objects.all()] == ["question"]
        assert not DataArchive.objects.exists()
        assert Connection.objects.get().state == "live", "the account goes on"


def test_what_they_had_said_is_not_read_again_and_what_they_say_later_is(world: World, team: Client) -> None:
    ask(team)
    run_tonight()
    left = world.comments()

    with scope.inside(world.cast.brass.pk):
        come(world.post, *world.page)
    assert world.comments() == left, "nor what the account answered to it"
    with scope.inside(world.cast.brass.pk):
        come(world.post, *world.page, told("Said after it", at=clock.now() + timedelta(minutes=1), by=WHO))
    assert world.comments() == left | {"Said after it": (None, True)}


def test_what_they_said_under_ads_goes_too_and_is_not_read_again(world: World, team: Client, tmp_path: Path) -> None:
    """Ads know them by another mark than posts do, and by the same handle."""
    cast = world.cast
    alone, first = told("Their-words-under-an-ad", at=hours(5), by=WHO), told("A question of another under an ad", at=hours(5), by=OTHER)
    reply = told("Their-reply-under-an-ad", at=hours(4), by=WHO, parent=first.comment_id)
    below = told("Somebody else agrees under an ad", at=hours(3), by=OTHER, parent=alone.comment_id)
    page = [as_told_by_ads(one, user_id="7099912345" if one.username == WHO else "") for one in (alone, first, reply, below)]

    def ads_tell(*listed: AdComment) -> None:
        with scope.inside(cast.brass.pk):
            ads = AdAccount.objects.first() or plant_ad_account(cast.admin)
            ad_store.keep(ads, listed, adgroup_id="19", call_id=a_call(ads).pk, now=clock.now())

    ads_tell(*page)
    with scope.inside(cast.brass.pk):
        mark = Comment.objects.get(tiktok_comment_id=alone.comment_id).tiktok_author_id
    named = (mark, WHO, "Their-words-under-an-ad", "Their-reply-under-an-ad", "7099912345")
    assert set(hits(dump(tmp_path / "before"), *named)) != set()
    ask(team)
    make_due()
    work_off("erase", "deletion_mail")
    make_due()
    work_off("erase", "deletion_mail")
    assert not DeletionRun.objects.using("privacy").exclude(state="done").exists()
    assert hits(dump(tmp_path / "after"), *named) == []
    left = world.comments()
    assert left["Somebody else agrees under an ad"] == (None, True)
    assert left["A question of another under an ad"] == (None, True)
    with scope.inside(cast.brass.pk):
        assert UnderAd.objects.count() == 2, "those of the comments that stay"
    ads_tell(*page)
    assert world.comments() == left
    later = told("Said under an ad after it", at=clock.now() + timedelta(minutes=1), by=WHO)
    ads_tell(*page, as_told_by_ads(later, user_id="7099912345"))
    assert world.comments() == left | {"Said under an ad after it": (None, True)}


def test_a_thread_does_not_wait_for_what_is_gone(world: World, team: Client) -> None:
    with scope.inside(world.cast.brass.pk):
        Comment.objects.filter(pk=world.first.pk).update(settled_at=clock.now())  # only their reply to it is open
    assert world.comments()["A question of another"] == (None, True)
    ask(team)
    run_tonight()
    assert world.comments()["A question of another"] == (None, False)


def test_the_public_form_reaches_who_only_commented_and_somebody_makes_sure(world: World, team: Client) -> None:
    confirmed(handle=f"@{WHO}")
    with scope.inside(world.cast.brass.pk):
        (asked,) = DeletionRequest.objects.all()
        assert (asked.of, asked.state, asked.account_name) == ("commenter", "checking", f"@{WHO}")
        assert not DeletionRun.objects.exists()
    assert "Anybody can read this handle beside their comments." in words(team.get(f"/privacy/requests/{asked.pk}"))
    team.post(f"/privacy/requests/{asked.pk}", {"note": "A code in their profile.", "decision": "approve"})
    assert run_tonight().state == "done"
    forms_due()
    assert rows_with(WHO) == []


def test_a_connected_account_is_not_a_commenter_nor_is_nobody(world: World, team: Client) -> None:
    for handle in ("@nobody.at.all", "@brassorbit3"):
        with scope.inside(world.cast.brass.pk):
            keep(world.post, told("By the account itself", at=hours(2), by="brassorbit3", own=True))
        answer = ask(team, handle)
        assert answer.status_code == 422
        assert "Nobody has commented here under that handle." in words(answer)
    with scope.inside(world.cast.brass.pk):
        assert not DeletionRequest.objects.exists()


def test_asked_twice_it_is_one_request_and_after_a_restore_it_is_done_again(world: World, team: Client) -> None:
    ask(team)
    ask(team)
    with scope.inside(world.cast.brass.pk):
        (somebody,) = commenters_named(world.cast.brass.pk, WHO)
        assert DeletionRequest.objects.count() == 1
    assert run_tonight().state == "done"
    assert ledger.subject_hash(somebody.ref) in {entry.subject for entry in ledger.ledger().entries()}
    with scope.inside(world.cast.brass.pk):  # a backup of before comes back
        Forgotten.objects.all().delete()
        keep(world.post, world.page[2])
    assert replay.replay() == []
    assert rows_with(WHO) == []
    with scope.inside(world.cast.brass.pk):
        marks = {bytes(row.mark) for row in Forgotten.objects.all()}
        # Ads know the same person by another mark: the handle is remembered beside it.
        assert marks == {mark_of(world.cast.brass.pk, name) for name in (f"u_{WHO}", f"@{WHO.lower()}")}
