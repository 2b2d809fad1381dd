"""kill -9 of one part at one moment of the walk: it ends with the same figures, nothing is lost, nothing is there twice.

`make test` runs the sample; CHAOS=long every part at every moment, then rounds by chance whose seed is printed (CHAOS_SEED repeats one).
"""

import os
import random
from collections.abc import Callable
from functools import partial

import pytest

from tests.chaos.moments import MOMENTS, WHILE_CONNECTING, WHILE_DISCONNECTING, Moment
from tests.chaos.person import Person, until
from tests.chaos.world import World
from tests.walk import ACCOUNT

pytestmark = pytest.mark.stack
LONG = os.environ.get("CHAOS") == "long"
VICTIMS = ("worker", "web", "postgres", "valkey")
SAMPLE = [
    {"during_the_backfill": ["worker"], "right_after_disconnect_was_posted": ["web"]},
    {"during_the_backfill": ["valkey"], "after_the_mail_was_taken": ["postgres"]},
]
EVERYTHING = [{moment: [victim]} for moment in MOMENTS for victim in VICTIMS]


def named(blows: dict[str, list[str]]) -> str:
    """Which part dies when, for the test's name."""
    return ", ".join(f"{' and '.join(victims)} {moment}" for moment, victims in blows.items())


@pytest.mark.parametrize("blows", EVERYTHING if LONG else SAMPLE, ids=named)
def test_a_killed_part_changes_nothing(world: World, blows: dict[str, list[str]]) -> None:
    walk(world, blows)


@pytest.mark.parametrize("number", range(int(os.environ.get("CHAOS_ROUNDS", "20")) if LONG else 0))
def test_plugs_pulled_by_chance_change_nothing(world: World, number: int) -> None:
    seed = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(2**32)))
    print(f"CHAOS_SEED={seed}")  # noqa: T201 - how to repeat it
    chance = random.Random(seed)
    moments = {chance.choice(list(WHILE_CONNECTING)), *WHILE_DISCONNECTING}
    walk(world, {moment: chance.sample(VICTIMS, k=chance.randint(1, 3)) for moment in moments})


def walk(world: World, blows: dict[str, list[str]]) -> None:
    """The whole way, with parts killed and started again at these moments."""
    person = Person(world.ground.environment)

    def act(moments: dict[str, Moment], otherwise: Callable[[str], None]) -> None:
        chosen = [moments[name] for name in blows if name in moments]
        for moment in chosen:
            moment(world, person, partial(world.kill_and_start, *blows[moment.__name__]))
        if not chosen:
            otherwise(ACCOUNT)

    try:
        person.sign_in()
        act(WHILE_CONNECTING, person.connect_account)
        week = person.report()
        person.truth(week)
        person.mail(week)
        world.wait_until_quiet()
        world.check(ACCOUNT)
        act(WHILE_DISCONNECTING, person.disconnect_account)
        world.wait_until_quiet()
        check_disconnected(world, person)
    finally:
        person.close()


def check_disconnected(world: World, person: Person) -> None:
    """Tokens are gone here and dead at TikTok, whoever died while that was done."""
    until(lambda: not person.is_connected(), "the page says that nothing is connected")
    until(lambda: world.count("SELECT count(*) FROM integrations_pendingrevocation") == 0, "nothing is left to be revoked")
    assert world.ground.rows("SELECT state, access_token_sealed, refresh_token_sealed FROM integrations_connection") == [
        ("disconnected", None, None)
    ]
    connection = world.ground.rows("SELECT id::text FROM integrations_connection")[0][0]
    keys = world.ground.rows("SELECT ref FROM keystore_wrappedkey", database="keystore")
    assert (f"connection:{connection}",) not in keys and not [ref for (ref,) in keys if ref.startswith("revocation:")]
    # What is revoked there answers no refresh: TikTok's own list of consents is empty.
    assert world.ground.control("revoke", account=ACCOUNT) == {"revoked": 0}
