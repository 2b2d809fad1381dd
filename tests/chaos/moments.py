"""Moments of the walk at which a plug is pulled. Each is made wide by something that can be seen, and comes with its name."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.chaos.person import Person, until
from tests.chaos.world import World
from tests.walk import ACCOUNT

Blow = Callable[[], None]
Moment = Callable[[World, Person, Blow], None]
SLOW_SECONDS = 2.0  # below the deadline of a call, so that the call itself succeeds when nothing else happens


def before_connecting(world: World, person: Person, blow: Blow) -> None:
    """Signed in, nothing connected."""
    blow()
    person.connect_account(ACCOUNT)


def right_after_the_callback(world: World, person: Person, blow: Blow) -> None:
    """The connection is stored, its first sync may not have begun."""
    person.connect_account(ACCOUNT)
    blow()


def during_the_callback(world: World, person: Person, blow: Blow) -> None:
    """The tokens are stored; the page that should say so still asks TikTok for the account's name."""
    world.ground.control("faults", path="/open_api/v1.3/business/get/", kind="timeout", times=1, value=SLOW_SECONDS)
    with beside(lambda: person.try_once(lambda: person.browser.connect(ACCOUNT))):
        until(lambda: world.ground.asked("/business/get", fault="timeout"), "the callback asks for the profile")
        blow()
    person.connect_account(ACCOUNT)


def during_the_backfill(world: World, person: Person, blow: Blow) -> None:
    """One page of posts is stored, the next is on its way."""
    world.ground.control("faults", path="/open_api/v1.3/business/video/list/", kind="timeout", times=1, skip=1, value=SLOW_SECONDS)
    person.connect_account(ACCOUNT)
    until(lambda: world.ground.asked("/video/list", fault="timeout"), "the second page of posts is asked for")
    blow()


def during_compose(world: World, person: Person, blow: Blow) -> None:
    """The report is computed and about to be written."""
    with world.holding("reports_weeklyreport"):
        person.connect_account(ACCOUNT)
        until(lambda: world.somebody_waits_for("reports_weeklyreport"), "the report is about to be written")
        blow()


def before_the_mail_is_taken(world: World, person: Person, blow: Blow) -> None:
    """The delivery is claimed and the mail server says nothing yet."""
    with world.silent_mail_server():
        person.connect_account(ACCOUNT)
        until(lambda: world.count("SELECT count(*) FROM reports_delivery WHERE state = 'sending'"), "a delivery is on its way")
        blow()


def after_the_mail_was_taken(world: World, person: Person, blow: Blow) -> None:
    """The mail server has the mail; that it has is not written down yet. Only a second mail with the same Message-ID can follow."""
    with world.silent_mail_server() as let_it_speak:
        person.connect_account(ACCOUNT)
        until(lambda: world.count("SELECT count(*) FROM reports_delivery WHERE state = 'sending'"), "a delivery is on its way")
        with world.holding("agency_auditrow"):
            let_it_speak()
            until(lambda: world.letters() and world.somebody_waits_for("agency_auditrow"), "the mail came and is about to be noted")
            blow()


def right_after_disconnect_was_posted(world: World, person: Person, blow: Blow) -> None:
    """The form is sent; TikTok has not answered the revocation."""
    until(lambda: world.count("SELECT count(*) FROM reports_delivery WHERE state = 'sent'") >= 1, "the report was sent")
    world.ground.control("faults", path="/open_api/v1.3/tt_user/oauth2/revoke/", kind="timeout", times=1, value=SLOW_SECONDS)
    page = person.browser.get("/settings/integrations")
    with beside(lambda: person.try_once(lambda: person.browser.submit(page, to="/disconnect"))):
        until(lambda: world.ground.asked("/oauth2/revoke", fault="timeout"), "the revocation is asked for")
        blow()


WHILE_CONNECTING: dict[str, Moment] = {
    moment.__name__: moment
    for moment in (
        before_connecting, during_the_callback, right_after_the_callback, during_the_backfill, during_compose, before_the_mail_is_taken,
        after_the_mail_was_taken,
    )
}  # fmt: skip
WHILE_DISCONNECTING: dict[str, Moment] = {right_after_disconnect_was_posted.__name__: right_after_disconnect_was_posted}
MOMENTS = WHILE_CONNECTING | WHILE_DISCONNECTING


@contextmanager
def beside(act: Callable[[], object]) -> Iterator[None]:
    """Do something in another thread while the block runs, and see its end."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    yield
    thread.join(timeout=60)
    assert not thread.is_alive()
