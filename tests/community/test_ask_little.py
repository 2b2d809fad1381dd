"""However many comments there are, a page asks the database the same small number of questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agency import scope
from community import actions
from tests.community.planting import plant
from tests.people import Cast, sign_in

# With what comes before every page: session, person, memberships and second factor; and the row that says who looked.
THE_LIST, A_THREAD_BESIDE_IT, THE_LIST_NARROWED = 14, 17, 17

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def test_the_inbox_asks_the_same_number_of_questions_for_three_comments_and_for_thirty(cast: Cast) -> None:
    manager = sign_in(cast.manager)
    asked: dict[int, list[int]] = {}
    for number in (3, 27):
        made = plant(cast.admin, number)
        with scope.inside(cast.brass.pk):
            for thread in made:
                actions.tag(thread, name=f"tag {number}", by=cast.manager)
                actions.assign(thread, to=cast.manager.person, by=cast.manager)
                actions.add_note(thread, text="Look", by=cast.manager)
        for path in ("/community", f"/community/{made[0].pk}", "/community?view=all&language=en&q=question"):
            manager.get(path)
            with CaptureQueriesContext(connection) as caught:
                assert manager.get(path).status_code == 200
            asked.setdefault(number, []).append(len(caught))
    assert asked[3] == asked[27]
    assert asked[3] == [THE_LIST, A_THREAD_BESIDE_IT, THE_LIST_NARROWED]


def test_what_a_list_can_be_narrowed_by_is_asked_for_once_somebody_opens_it(cast: Cast) -> None:
    manager, (thread, *_) = sign_in(cast.manager), plant(cast.admin, 3)
    with scope.inside(cast.brass.pk):
        for number in range(20):
            actions.tag(thread, name=f"topic {number}", by=cast.manager)
    page = manager.get("/community").content.decode()
    assert '<option value="' not in page
    assert 'hx-get="/community/filter?"' in page
    assert 'href="/community?narrow=1&amp;"' in page, "without script"
    for path in ("/community/filter?view=later", "/community?view=later&narrow=1", "/community?view=later&language=es"):
        found = manager.get(path).content.decode()
        assert all(f">topic {number}</option>" in found for number in range(20))
        assert f'<option value="{cast.manager.person_id}">' in found
        assert '<input type="hidden" name="view" value="later">' in found
    assert '<option value="es" selected>Spanish</option>' in found
    viewed = sign_in(cast.viewer).get("/community/filter").content.decode()
    assert "Spanish" in viewed
    assert "topic 1" not in viewed, "what the team does is for the team"
    assert cast.manager.person.name not in viewed
