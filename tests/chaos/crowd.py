"""Many workspaces with many accounts, all connected with real tokens of local TikTok. Runs in the stack's own environment:

`python -m tests.chaos.crowd SANDBOX_URL FIRST HUGE SMALL...` connects HUGE accounts in one workspace and SMALL in each of the others,
from account number FIRST on, and prints as JSON which connection is in which workspace. Nobody waits for their first figures: what is
still to be read of them is a backlog, as if they had been connected one by one long before.
"""

import json
import sys
from uuid import uuid4

import django
import httpx

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402 - models exist only from here on

from agency import actions as agency_actions  # noqa: E402
from agency import clock, jobs, scope  # noqa: E402
from agency.models import DueWork, Membership, Person  # noqa: E402
from agency.roles import Role  # noqa: E402
from tests.chaos.quick import connect  # noqa: E402
from tests.chaos.restless import PASSWORD, WATCHER  # noqa: E402


def watcher() -> Person:
    """One person who may do everything in every workspace of the crowd."""
    person = Person.objects.filter(email=WATCHER).first()
    if person is None:
        person = Person.objects.create_person(email=WATCHER, name="Watcher", password=PASSWORD)
        EmailAddress.objects.create(user=person, email=WATCHER, verified=True, primary=True)
    return person


def main(url: str, first: str, *sizes: str) -> None:
    person, number = watcher(), int(first)
    places: dict[str, list[str]] = {}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as sandbox:
        for size in map(int, sizes):
            slug = f"crowd-{uuid4().hex[:8]}"
            workspace = agency_actions.create_workspace(slug=slug, name=slug, accent="teal", time_zone="UTC", posts_per_week=7)
            with scope.inside(workspace.pk):
                member = Membership.objects.create(workspace=workspace, person=person, role=Role.CLIENT_ADMIN.value, created_at=clock.now())
            places[slug] = []
            for _ in range(size):
                handle = f"creator{number:05d}"
                told = sandbox.post("/__control__/grant", json={"account": handle, "flow": "account"}).json()["data"]
                places[slug].append(str(connect(told, member, handle).pk))
                number += 1
    DueWork.objects.filter(priority=jobs.Priority.INTERACTIVE).update(priority=jobs.Priority.BACKFILL)
    print(json.dumps(places))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
