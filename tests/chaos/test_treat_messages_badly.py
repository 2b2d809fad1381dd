"""Messages that come several times, late, in any order, or not at all: rows are the work, messages only wake somebody up."""

import random
import time
from collections.abc import Iterator

import pytest

from tests.chaos.person import Person, until
from tests.chaos.test_pull_plugs import LONG
from tests.chaos.world import World
from tests.walk import ACCOUNT

pytestmark = pytest.mark.stack
AWAY_SECONDS = 120.0
DONE_WITHIN_SECONDS = 300.0  # of the database's return; three thousand posts have comments that are read one by one
only_long = pytest.mark.skipif(not LONG, reason="a long fault run: make chaos")


@pytest.fixture
def careless_postman(world: World) -> Iterator[World]:
    """Worker and beat run with tests/chaos/doubled.py."""
    with world.ground.celery_of("tests.chaos.doubled", "worker", "beat"):
        yield world


@pytest.fixture
def without_budget(world: World) -> Iterator[World]:
    """Nobody limits calls, so that a long backfill is long in pages and not in minutes."""
    world.ground.control("limits", enabled=False)
    with world.ground.celery_of("tests.stack.unlimited", "worker"):
        yield world


@pytest.mark.parametrize("number", range(10 if LONG else 1))
def test_messages_delivered_several_times_in_any_order_change_nothing(careless_postman: World, number: int) -> None:
    world = careless_postman
    heard = len(world.ground.lines)

    def said() -> str:
        return "\n".join(line for name, line in world.ground.lines[heard:] if name == "worker")

    go(world)
    for task in ("metrics.tasks.sync_due", "reports.tasks.compose_some", "reports.tasks.deliver_some"):
        until(lambda task=task: f"again {task}" in said(), f"{task} was delivered again")
    world.wait_until_quiet()
    world.check(ACCOUNT)
    assert "raised unexpected" not in said()


@only_long
def test_a_flushed_valkey_loses_nothing(world: World) -> None:
    world.ground.control("faults", path="/open_api/v1.3/business/video/list/", kind="timeout", times=1, skip=1, value=2)
    person = Person(world.ground.environment)
    person.sign_in()
    flush(world)
    person.connect_account(ACCOUNT)
    flush(world)
    until(lambda: world.ground.asked("/video/list", fault="timeout"), "the second page of posts is asked for")
    flush(world)
    finish(world, person)


@only_long
def test_valkey_away_for_two_minutes_keeps_nobody_from_connecting(world: World) -> None:
    """Pages need the database only; the work waits in its rows, and is gone soon after Valkey is back."""
    person = Person(world.ground.environment)
    person.sign_in()
    world.ground.stack.kill("valkey")
    try:
        page = person.browser.connect(ACCOUNT)
        assert page.status_code == 200 and page.url.params.get("connected") == ACCOUNT
        back_at = time.monotonic() + AWAY_SECONDS
        until(lambda: time.monotonic() > back_at, "two minutes pass", seconds=AWAY_SECONDS + 30)
        assert person.browser.get("/settings/integrations").status_code == 200
    finally:
        world.ground.stack.start("valkey")
    finish(world, person)


@only_long
@pytest.mark.parametrize("times", [1, 20])
def test_postgres_shut_down_at_once_during_a_long_backfill_changes_nothing(without_budget: World, times: int) -> None:
    world, posts = without_budget, 3000
    world.ground.control("scale", accounts=1, posts=posts)
    account = "creator00001"
    person = Person(world.ground.environment)
    person.sign_in()
    person.connect_account(account)
    chance = random.Random(times)
    for number in range(times):
        reached = int(posts * (number + chance.random()) / (times + 1))
        until(lambda reached=reached: world.count("SELECT count(*) FROM metrics_post") >= reached, f"{reached} posts are there")
        world.shut_down_at_once()
    unfinished = "SELECT count(*) FROM integrations_syncrun WHERE state <> 'done'"
    until(lambda: world.count(unfinished) == 0, "everything is synced", seconds=DONE_WITHIN_SECONDS)
    until(lambda: world.count("SELECT count(*) FROM reports_weeklyreport"), "the report is there")
    world.wait_until_quiet()
    world.check(account)
    person.close()


def flush(world: World) -> None:
    """All three databases of Valkey, as if it had been started on an empty disk."""
    with world.ground.valkey() as client:
        client.flushall()


def go(world: World) -> None:
    """The way up to the mails."""
    person = Person(world.ground.environment)
    person.sign_in()
    person.connect_account(ACCOUNT)
    finish(world, person)


def finish(world: World, person: Person) -> None:
    """The same figures as ever, each mail once."""
    week = person.report()
    person.truth(week)
    person.mail(week)
    world.wait_until_quiet()
    world.check(ACCOUNT)
    person.close()
