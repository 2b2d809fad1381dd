"""Done, later, whose, tags, notes; and all of it back again."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpResponse
from django.test import Client

from agency import clock, jobs, scope
from agency.adapters import second_factors_of
from agency.models import AuditRow
from agency.roles import Role
from community import actions, tasks, views
from community.models import Comment, Mention, Note, SavedView, ThreadTag, Triage
from tests.community.planting import a_post, again, hours, keep, plant, told
from tests.integrations.steering import words
from tests.people import SEED, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture
def manager(cast: Cast) -> Client:
    return sign_in(cast.manager)


def listed(answer: HttpResponse) -> list[str]:
    """The threads in the list that are more than a line, in their order."""
    return re.findall(r'<li class="cmt(?: on)?" id="row-([0-9a-f-]+)"', answer.content.decode())


def test_done_takes_a_thread_off_the_list_and_undo_puts_it_back(cast: Cast, manager: Client) -> None:
    first, second, third = plant(cast.admin)
    assert listed(manager.get("/community")) == [str(first.pk), str(second.pk), str(third.pk)]
    answer = manager.post(f"/community/{first.pk}/done", {"back": "view=open"}, follow=True)
    assert "@person0 is done." in words(answer)
    assert listed(answer) == [str(second.pk), str(third.pk)]
    with scope.inside(cast.brass.pk):
        act = Triage.objects.get()
        assert AuditRow.objects.filter(verb="comment.done", subject_id=str(first.pk), person_id=cast.manager.person_id).count() == 1
    assert listed(manager.get("/community?view=done")) == [str(first.pk)]
    answer = manager.post(f"/community/acts/{act.pk}/undo", {"back": "view=open"}, follow=True)
    assert listed(answer) == [str(first.pk), str(second.pk), str(third.pk)]
    assert "taken back already" in words(manager.post(f"/community/acts/{act.pk}/undo", follow=True))


def test_something_new_said_in_a_thread_that_is_done_brings_it_back_and_undo_opens_only_what_it_closed(cast: Cast) -> None:
    (first,) = plant(cast.admin, 1)
    with scope.inside(cast.brass.pk):
        act = actions.finish(first, by=cast.manager)
        assert actions.finish(first, by=cast.manager) is None
        (reply,) = keep(first.post, told("Hello?", at=hours(0), parent=first.tiktok_comment_id))
        assert again(first).waits_since == reply.said_at
        assert actions.undo(act, by=cast.manager)
        assert again(first).waits_since == first.said_at


def test_later_comes_back_at_its_time_and_at_once_when_something_is_said(cast: Cast, manager: Client) -> None:
    first, second, third = plant(cast.admin)
    for one in (first, second):
        manager.post(f"/community/{one.pk}/later", {"until": "tomorrow"})
    assert listed(manager.get("/community")) == [str(third.pk)]
    assert listed(manager.get("/community?view=later")) == [str(first.pk), str(second.pk)]
    with scope.inside(cast.brass.pk):
        assert 0 < (again(first).later_until - clock.now()).total_seconds() < 34 * 3600
        keep(second.post, told("Hello?", at=hours(0), parent=second.tiktok_comment_id))
        assert again(second).later_until is None
        keep(first.post, told("Question 0", at=first.said_at, by="person0", comment_id=first.tiktok_comment_id, likes=99))
        assert again(first).later_until is not None, "another like is nothing new"
        Comment.objects.filter(pk=first.pk).update(later_until=clock.now() - timedelta(seconds=1))
    jobs.put("comments_back", cast.brass.pk, workspace_id=cast.brass.pk, at=clock.now() - timedelta(seconds=1))
    for claim in jobs.claim_due("comments_back"):
        tasks.back_one(**claim.message())
    assert len(listed(manager.get("/community"))) == 3
    manager.post(f"/community/{first.pk}/later", {"until": "never"})
    assert len(listed(manager.get("/community"))) == 3


def test_a_thread_is_given_to_somebody_of_the_team_and_to_nobody_else(cast: Cast, manager: Client) -> None:
    first, *_ = plant(cast.admin)
    assert listed(manager.get("/community?view=mine")) == []
    manager.post(f"/community/{first.pk}/assignment", {"assignee": "me"})
    assert listed(manager.get("/community?view=mine")) == [str(first.pk)]
    assert str(first.pk) not in listed(manager.get("/community?view=nobody"))
    manager.post(f"/community/{first.pk}/assignment", {"assignee": str(cast.viewer.person_id)})
    assert again(first).assignee_id == cast.manager.person_id
    manager.post(f"/community/{first.pk}/assignment", {"assignee": ""})
    assert again(first).assignee_id is None


def test_tags_are_put_on_once_taken_off_and_filtered_by(cast: Cast, manager: Client) -> None:
    first, second, _ = plant(cast.admin)
    for name in ("Lens  question", "lens question"):
        manager.post(f"/community/{first.pk}/tags", {"name": name})
    manager.post(f"/community/{second.pk}/tags", {"name": "x" * 31})
    with scope.inside(cast.brass.pk):
        (row,) = ThreadTag.objects.select_related("tag")
        assert row.tag.name == "lens question"
    assert listed(manager.get(f"/community?tag={row.tag_id}")) == [str(first.pk)]
    manager.post(f"/community/{first.pk}/tags/{row.tag_id}/removal")
    assert listed(manager.get(f"/community?tag={row.tag_id}")) == []


def test_a_note_finds_whom_it_names(cast: Cast, manager: Client) -> None:
    other = member(cast.brass, "ana@agency.example", Role.COMMUNITY)
    with second_factors_of(other.person):
        TOTP.activate(other.person, SEED)
    first, *_ = plant(cast.admin)
    answer = manager.post(f"/community/{first.pk}/notes", {"text": "@ana can you look? @nobody @manager"}, follow=True)
    assert "Noted. Ana will find it." in words(answer)
    with scope.inside(cast.brass.pk):
        assert list(Mention.objects.values_list("person_id", flat=True)) == [other.person_id]
    ana = sign_in(other)
    assert listed(ana.get("/community?view=mentions")) == [str(first.pk)]
    assert "@ana can you look?" in words(ana.get(f"/community/{first.pk}"))
    assert listed(ana.get("/community?view=mentions")) == []
    answer = manager.post(f"/community/{first.pk}/notes", {"text": "  "})
    assert (answer.status_code, "Write something first." in words(answer)) == (422, True)
    with scope.inside(cast.brass.pk):
        assert Note.objects.count() == 1


def test_clients_read_comments_and_neither_notes_nor_forms(cast: Cast, manager: Client) -> None:
    first, *_ = plant(cast.admin)
    manager.post(f"/community/{first.pk}/notes", {"text": "Between us"})
    viewer = sign_in(cast.viewer)
    page = viewer.get(f"/community/{first.pk}")
    assert "Question 0" in words(page)
    assert "Between us" not in words(page)
    assert f"/community/{first.pk}/done" not in page.content.decode()
    assert viewer.post(f"/community/{first.pk}/done").status_code == 403
    assert sign_in(cast.creator).get("/community").status_code == 403
    assert sign_in(cast.moon_admin).get(f"/community/{first.pk}").status_code == 404


def test_several_at_once_and_all_of_it_back(cast: Cast, manager: Client) -> None:
    made = plant(cast.admin, 5)
    answer = manager.post("/community/bulk", {"act": "done", "thread": [str(m.pk) for m in made[:4]] + ["x"], "back": ""}, follow=True)
    assert "4 comments done." in words(answer)
    assert len(listed(answer)) == 1
    batch = answer.content.decode().split('name="batch" value="', 1)[1].split('"', 1)[0]
    answer = manager.post("/community/bulk/undo", {"batch": batch}, follow=True)
    assert len(listed(answer)) == 5
    manager.post("/community/bulk", {"act": "assign", "thread": [str(made[0].pk)]})
    assert again(made[0]).assignee_id == cast.manager.person_id
    assert "cannot be done" in words(manager.post("/community/bulk", {"act": "burn", "thread": [str(made[0].pk)]}, follow=True))
    assert "cannot be done" in words(manager.post("/community/bulk", {"act": "burn"}, follow=True)), "nothing ticked either"


def test_an_act_in_the_opened_thread_leaves_its_row_marked_and_says_who_took_it(cast: Cast, manager: Client) -> None:
    first, *_ = plant(cast.admin)
    sent = {"assignee": str(cast.manager.person_id), "back": "view=all"}
    answer = manager.post(f"/community/{first.pk}/assignment", sent, headers={"HX-Request": "true", "HX-Target": "thread"})
    assert f'class="cmt on" id="row-{first.pk}"' in answer.content.decode()
    assert "You took it" in words(answer)


def test_a_thread_that_is_erased_while_it_is_opened_is_not_there(cast: Cast, manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = plant(cast.admin)
    found = views.get_visible

    def and_erased(*asked: object, **where: object) -> Comment:
        thread = found(*asked, **where)
        Comment.objects.filter(pk=thread.pk).delete()
        return thread

    monkeypatch.setattr(views, "get_visible", and_erased)
    assert manager.get(f"/community/{first.pk}").status_code == 404


def test_a_search_finds_words_names_and_handles_whatever_their_case_and_nothing_across_them(cast: Cast, manager: Client) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        texts = {"ana": "Welches OBJEKTIV? ÄÖ", "ben_lens": "100% sure", "cem": "one_two", "dee": "onextwo"}
        said = {by: keep(post, told(text, at=hours(1), by=by))[0].pk for by, text in texts.items()}
        first = Comment.objects.get(pk=said["cem"]).tiktok_comment_id
        (reply,) = keep(post, told("Mit dem Stativ", at=hours(0), parent=first, by="eva"))

    def found(words: str) -> set[str]:
        return set(listed(manager.get("/community", {"view": "all", "q": words})))

    assert found("objektiv") == found("Äö") == {str(said["ana"])}
    assert found("LENS") == found("@ben_lens") == found("100%") == {str(said["ben_lens"])}
    assert found("one_two") == {str(said["cem"])}, "a letter that stands for any other elsewhere is itself"
    assert found("stativ") == {str(reply.thread_id)}, "a reply is found with its thread"
    assert found("surebenlens") == found("sure ben") == found("nothing of it") == set()


def test_a_view_is_saved_and_is_a_persons_own(cast: Cast, manager: Client) -> None:
    plant(cast.admin)
    manager.post("/community/views", {"name": "Lenses", "back": "view=all&q=lens&language=en"})
    assert "Lenses" in words(manager.get("/community"))
    with scope.inside(cast.brass.pk):
        (view,) = SavedView.objects.all()
        assert view.wanted == {"view": "all", "q": "lens", "language": "en", "sort": ""}
    other = member(cast.brass, "ana@agency.example", Role.COMMUNITY)
    with second_factors_of(other.person):
        TOTP.activate(other.person, SEED)
    ana = sign_in(other)
    assert "Lenses" not in words(ana.get("/community"))
    assert ana.post(f"/community/views/{view.pk}/removal").status_code == 404
    assert manager.post(f"/community/views/{view.pk}/removal").status_code == 302


def test_the_aim_decides_what_is_late(cast: Cast, manager: Client) -> None:
    plant(cast.admin, 6)
    assert manager.get("/community").content.decode().count('class="age late"') == 3  # after four hours
    assert len(listed(manager.get("/community?age=late"))) == 3
    manager.post("/community/aim", {"hours": "2"})
    assert len(listed(manager.get("/community?age=late"))) == 5
    assert "late after" not in words(manager.post("/community/aim", {"hours": "0"}, follow=True))


def test_search_finds_words_and_writers_and_takes_signs_as_they_are(cast: Cast, manager: Client) -> None:
    with scope.inside(cast.brass.pk):
        made = keep(a_post(cast.admin), told("100% wool?", at=hours(3), by="nd_filter"), told("1000 wool", at=hours(2), by="ndxfilter"))
    assert listed(manager.get("/community", {"q": "100%", "view": "all"})) == [str(made[0].pk)]
    assert listed(manager.get("/community", {"q": "@nd_f", "view": "all"})) == [str(made[0].pk)]
    assert len(listed(manager.get("/community", {"q": "WOOL", "view": "all"}))) == 2
    for odd in ("view=nonsense&page=x", "account=x&q=%00&age=old&language=xx", "page=-4", "did=1&batch=1"):
        assert manager.get(f"/community?{odd}").status_code == 200


def test_what_fits_no_page_is_on_the_next_and_the_filters_stay(cast: Cast, manager: Client) -> None:
    made = {str(one.pk) for one in plant(cast.admin, 31)}
    first = manager.get("/community")
    assert re.findall(r'href="(\?[^"]*page=\d+)"', first.content.decode()) == ["?page=2"]
    asked = manager.get("/community", {"view": "all", "q": "Question"})
    (to_next,) = re.findall(r'href="(\?[^"]*page=\d+)">Next page', asked.content.decode())
    following = manager.get("/community" + to_next.replace("&amp;", "&"))
    assert len(listed(asked)) == 30 and {*listed(asked), *listed(following)} == made
    (back,) = re.findall(r'href="(\?[^"]*page=\d+)"', following.content.decode())
    assert listed(manager.get("/community" + back.replace("&amp;", "&"))) == listed(asked)


def test_the_list_answers_itself_with_what_changed_and_no_more(cast: Cast, manager: Client) -> None:
    first, *_ = plant(cast.admin)
    own = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": f"row-{first.pk}"}
    answer = manager.post(f"/community/{first.pk}/done", {"back": ""}, **own)
    text = answer.content.decode()
    assert "@person0 is done." in text
    assert 'id="views"' in text
    assert "<html" not in text
    beside = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "thread"}
    assert manager.get(f"/community/{first.pk}", **beside).content.decode().startswith("<article")
    news = manager.get("/community/news", {"since": hours(1).isoformat()})
    assert "2 new" in words(news)
    assert words(manager.get("/community/news", {"since": hours(-1).isoformat()})) == ""
    assert manager.get("/community/news", {"since": "yesterday"}).status_code == 404
