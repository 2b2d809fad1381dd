"""Workspaces with an account, three weeks of days, three posts and five readers each; their report is planned by their
schedule and not yet due.

`python -m tests.bench.monday_world bench 200`, in the environment of a running stack.
"""

import sys
from datetime import timedelta

import django


def main(name: str, number: int) -> None:
    """Plants so many workspaces whose slugs begin with the name."""
    django.setup()
    from agency import clock, jobs, scope
    from agency.models import Membership, Person, Workspace
    from agency.roles import Role
    from metrics.periods import last_final_week, start_of
    from reports import actions
    from tests.bench.monday import READERS
    from tests.metrics.planting import days_from, plant_account, plant_days, plant_post

    now = clock.now()
    week = last_final_week(now)
    people = Person.objects.bulk_create(
        Person(email=f"reader{n}@{name}.example", name=f"Reader {n}", password="!") for n in range(number * READERS)
    )
    for n in range(number):
        space = Workspace(name=f"Bench Studio {n}", slug=f"{name}-{n}", created_at=now)
        with scope.inside(space.pk):
            space.save(force_insert=True)
            made = Membership.objects.bulk_create(
                Membership(workspace=space, person=p, role=Role.CLIENT_VIEWER.value, created_at=now)
                for p in people[n * READERS : (n + 1) * READERS]
            )
            account = plant_account(made[0], f"{name}{n}")
            plant_days(account, days_from(week.sunday - timedelta(days=20), 21), video_views=1000 + n)
            for place in range(3):
                plant_post(account, start_of(week.monday) + timedelta(days=place), caption=f"Bench post {place}", views=500 + place)
            actions.schedule_of(space)
            jobs.put("report", space.pk, workspace_id=space.pk, at=now + timedelta(days=365))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
