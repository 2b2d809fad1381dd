"""How often figures are looked at is chosen for a workspace, and every pause follows."""

from datetime import timedelta

import pytest

from agency import clock, scope
from agency.models import AuditRow
from integrations import pace
from integrations.models import Connection, SyncRun
from metrics.models import Post
from tests.integrations.steering import due, make_due, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE, CHOOSE = "/settings/integrations", "/settings/integrations/pace"


def pauses(connection: Connection) -> tuple[timedelta, timedelta]:
    """Until the profile and the youngest post are looked at again."""
    with scope.inside(connection.workspace_id):
        profile, post = SyncRun.objects.get(kind="profile"), Post.objects.order_by("-created_at").first()
        return profile.due_at - profile.finished_at, post.look_at - post.seen_at


@pytest.mark.parametrize(("chosen", "factor"), [("close", 0.5), ("usual", 1.0), ("relaxed", 4.0)])
def test_every_pause_follows_the_pace(cast: Cast, tiktok: LocalTikTok, connected: Connection, chosen: str, factor: float) -> None:
    work_off("sync")
    usual = pauses(connected)
    sign_in(cast.manager).post(CHOOSE, {"pace": chosen})
    with scope.inside(cast.brass.pk):
        SyncRun.objects.update(quiet_count=0)
        Post.objects.update(quiet_count=0, views=0)
    make_due("sync", connected)
    work_off("sync")
    profile, post = pauses(connected)
    # A quiet look makes a pause longer by half at most, and chance by a tenth.
    assert 0.8 * factor <= profile / timedelta(hours=1) <= 1.7 * factor
    assert 0.9 * factor <= post / usual[1] <= 1.1 * factor or chosen == "usual"


def test_a_quicker_pace_is_felt_within_half_an_hour(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    assert due("sync", connected).due_at > clock.now()
    manager = sign_in(cast.manager)
    page = words(manager.post(CHOOSE, {"pace": "close"}, follow=True))
    assert "at the pace “Close”" in page
    assert due("sync", connected).due_at <= clock.now() + timedelta(minutes=33)
    with scope.inside(cast.brass.pk):
        assert not SyncRun.objects.filter(due_at__gt=clock.now() + timedelta(minutes=31)).exists()
        assert AuditRow.objects.filter(verb="sync_pace.chosen").count() == 1
    manager.post(CHOOSE, {"pace": "close"})
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="sync_pace.chosen").count() == 1, "choosing it again is no change"


def test_something_else_is_refused_in_words_and_only_staff_who_run_it_choose(cast: Cast, tiktok: LocalTikTok) -> None:
    manager = sign_in(cast.manager)
    assert "Nothing was changed" in words(manager.post(CHOOSE, {"pace": "frantic"}, follow=True))
    assert sign_in(cast.admin).post(CHOOSE, {"pace": "close"}).status_code == 403
    assert "How often figures are looked at" in words(manager.get(PAGE))
    assert "How often figures are looked at" not in words(sign_in(cast.admin).get(PAGE))


def test_one_workspace_does_not_set_the_pace_of_another(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    sign_in(cast.manager).post(CHOOSE, {"pace": "relaxed"})
    with scope.inside(cast.moon.pk):
        assert pace.pace_of_workspace() == "usual"
