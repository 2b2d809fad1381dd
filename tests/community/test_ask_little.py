"""However many comments there are, a page asks the database the same number of questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agency import scope
from community import actions
from tests.community.planting import plant
from tests.people import Cast, sign_in

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
    assert max(asked[27]) <= 60, asked
