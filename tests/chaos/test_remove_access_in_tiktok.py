"""Somebody removes the app in TikTok: local TikTok says so by itself, over real HTTP, and within a minute everything here has ended."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import httpx
import pytest

from agency.local.browser import Browser
from agency.local.connect_demo import wait_for_first_report
from tests.chaos.person import until
from tests.chaos.world import World
from tests.stack.ground import Ground
from tests.walk import ACCOUNT, WHO, text_of

pytestmark = pytest.mark.stack
PAGE = "/settings/integrations"
NOTICED_WITHIN_SECONDS = 60


@pytest.fixture
def maya(world: World) -> Iterator[Browser]:
    """Signed in, with an account that is connected and has its figures."""
    browser = Browser(world.ground.stack.base_url)
    browser.sign_in(world.ground.people[WHO])
    browser.connect(ACCOUNT)
    wait_for_first_report(browser)
    # TikTok's events tell whole seconds: a removal in the second of the consent itself may be one from before it, and is not believed.
    over = "SELECT count(*) FROM integrations_connection WHERE connected_at < date_trunc('second', now())"
    until(lambda: world.count(over) == 1, "the second of the consent is over")
    yield browser
    browser.close()


def page(browser: Browser) -> str:
    return text_of(browser.get(PAGE).text)


def work_left(ground: Ground) -> list[tuple[Any, ...]]:
    """What would still be done for the connection, at whatever time."""
    kinds = ["sync", "refresh", "revoke", "unanswered", "event", "connection_lost_mail"]
    return ground.rows("SELECT kind, due_at FROM agency_duework WHERE kind = ANY(%s)", kinds)


def letters(ground: Ground) -> list[tuple[str, str]]:
    """To whom and about what, without the weekly report."""
    found = (message_from_bytes(p.read_bytes(), policy=policy.default) for p in ground.stack.mail_folder.glob("*.eml"))
    return [(m["to"], m["subject"]) for m in found if "removed in TikTok" in m["subject"]]


def deliveries(ground: Ground) -> list[dict[str, Any]]:
    return httpx.get(f"{ground.stack.sandbox_url}/__control__/webhooks", timeout=30, trust_env=False).json()["deliveries"]


def test_a_removal_in_tiktok_arrives_by_itself_and_nothing_is_asked_for_afterwards(world: World, maya: Browser) -> None:
    ground = world.ground
    assert ground.control("revoke", account=ACCOUNT) == {"revoked": 1}
    until(
        lambda: "Access was removed in TikTok on" in page(maya),
        "the page says so",
        NOTICED_WITHIN_SECONDS,
    )
    until(lambda: all(d["state"] == "delivered" for d in deliveries(ground)), "local TikTok has its answer, which leaves after the work")
    (sent,) = deliveries(ground)
    assert (sent["event"], [a["answer"] for a in sent["attempts"]]) == ("authorization.removed", [200])
    state = ground.rows("SELECT state, access_token_sealed, refresh_token_sealed, delete_data_on IS NOT NULL FROM integrations_connection")
    assert state == [("disconnected", None, None, True)]
    until(lambda: ground.rows("SELECT 1 FROM integrations_notice"), "somebody is to hear of it")
    ground.control("clock", advance=660)  # a letter waits for what else may come up
    until(lambda: letters(ground), "the mail is there")

    asked = len(ground.asked())
    ground.control("clock", advance=86_400)
    until(lambda: not work_left(ground), "nothing of it is left to be done")
    assert [entry["endpoint"] for entry in ground.asked()[asked:] if "__control__" not in entry["endpoint"]] == []
    assert ground.rows("SELECT count(*) FROM keystore_wrappedkey WHERE ref LIKE 'connection:%%'", database="keystore") == [(0,)]
    assert [to for to, _ in letters(ground)] == [WHO], letters(ground)

    consent = maya.submit(maya.get(PAGE), to="/reconnect")
    assert f"connected={ACCOUNT}" in str(maya.submit(consent, account=ACCOUNT, answer="allow").url)
    until(lambda: "Access was removed" not in page(maya), "the account is back")
