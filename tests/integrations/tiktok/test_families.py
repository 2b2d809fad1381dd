"""What each family sends and keeps: writes, filters, tokens of the advertiser flow, and records with their absences."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agency.secret import Secret
from integrations.tiktok import advertisers, comments, identities, mentions, spark_posts, structure, token_info, webhook_subscriptions
from integrations.tiktok.errors import CodeRefused, NotUnderstood, TikTokError
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import BaseUrls, Transport
from tests.integrations.tiktok.loopback import Loopback, envelope

APP = App("7400000000000000001", Secret("CanarySecret"))
ME: dict[str, Any] = {"access_token": Secret("act.1"), "business_id": "_000X"}
ADS: dict[str, Any] = {"access_token": Secret("0a1b"), "advertiser_id": "7000000000000000001"}
PAGE_INFO = {"page": 1, "page_size": 10, "total_number": 1, "total_page": 1}


@pytest.mark.parametrize(
    ("act", "path", "sent"),
    [
        (lambda t: comments.hide_comment(t, **ME, video_id="1", comment_id="2"), "hide", {"video_id": "1", "action": "HIDE"}),
        (lambda t: comments.hide_comment(t, **ME, video_id="1", comment_id="2", hide=False), "hide", {"video_id": "1", "action": "UNHIDE"}),
        (lambda t: comments.like_comment(t, **ME, comment_id="2"), "like", {"action": "LIKE"}),
        (lambda t: comments.like_comment(t, **ME, comment_id="2", like=False), "like", {"action": "UNLIKE"}),
        (lambda t: comments.pin_comment(t, **ME, video_id="1", comment_id="2", pin=False), "pin", {"video_id": "1", "action": "UNPIN"}),
        (lambda t: comments.delete_comment(t, **ME, comment_id="2"), "delete", {}),
    ],
)
def test_what_is_done_to_a_comment_says_so_once(server: Loopback, transport: Transport, act: Any, path: str, sent: dict[str, Any]) -> None:
    server.answer_with(envelope())
    assert act(transport).value is None
    (request,) = server.received
    assert (request.method, request.path) == ("POST", f"/open_api/v1.3/business/comment/{path}/")
    assert request.json == {"business_id": "_000X", "comment_id": "2", **sent}


def test_a_reply_is_a_comment_with_a_parent(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"comment_id": "3", "parent_comment_id": 2, "text": "", "create_time": "1767313000", "image_url": ""}))
    read = comments.reply_to_comment(transport, **ME, video_id="1", comment_id="2", text="Harz!").value
    assert (read.parent_comment_id, read.text, read.image_url, read.likes) == ("2", "", None, None)
    assert read.created_at == datetime.fromtimestamp(1767313000, UTC)
    with pytest.raises(ValueError, match="says something"):
        comments.create_comment(transport, **ME, video_id="1", text=" \n")
    assert len(server.received) == 1


def test_a_malformed_reply_inside_a_comment_is_the_one_named(server: Loopback, transport: Transport) -> None:
    row = {"comment_id": "2", "reply_list": [{"comment_id": "3", "owner": "yes"}]}
    server.answer_with(envelope({"comments": [row], "cursor": 1, "has_more": False}))
    with pytest.raises(NotUnderstood, match=r"the reply 3 \(owner\)"):
        comments.comments_page(transport, **ME, video_id="1")


def test_a_single_mention_is_read_from_its_list_or_is_none(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"video": [{"item_id": "7", "reach": "-"}]}), envelope({}), envelope({"comment": {"comment_id": 5}}))
    found = mentions.mentioning_post(transport, **ME, item_id="7").value
    assert found is not None
    assert (found.item_id, found.reach) == ("7", None)
    assert mentions.mentioning_post(transport, **ME, item_id="7").value is None
    comment = mentions.mentioning_comment(transport, **ME, item_id="7", comment_id="5").value
    assert comment is not None
    assert comment.comment_id == "5"


def test_a_subscription_without_an_address_is_none(server: Loopback, transport: Transport) -> None:
    server.answer_with(
        envelope({"app_id": "7", "event_type": "COMMENT"}),
        envelope({"event_type": "COMMENT", "callback_url": "https://a", "item_list": [1]}),
    )
    assert webhook_subscriptions.subscription(transport, APP, event_type="COMMENT").value.callback_url is None
    made = webhook_subscriptions.update_subscription(transport, APP, event_type="COMMENT", callback_url="https://a", item_ids=["1"])
    assert (made.value.callback_url, made.value.item_ids) == ("https://a", ("1",))
    assert "access-token" not in server.received[1].headers
    with pytest.raises(NotUnderstood, match="event_type"):
        webhook_subscriptions.delete_subscription(transport, APP, event_type="VIDEO")


def test_a_token_tells_whose_it_is(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"app_id": "7", "scope": "video.list, comment.list", "creator_id": "_000X"}))
    read = token_info.token_info(transport, APP, access_token=Secret("act.1")).value
    assert (read.open_id, read.scopes) == ("_000X", frozenset({"video.list", "comment.list"}))
    assert server.received[0].json == {"app_id": APP.app_id, "access_token": "act.1"}


def test_the_advertiser_consent_has_no_scopes_and_no_challenge() -> None:
    urls = BaseUrls("https://a", "https://business-api.tiktok.com", "https://c")
    parts = urlsplit(advertisers.advertiser_consent_url(urls, app_id="7", redirect_uri="https://x/cb/", state=Secret("s&1")))
    assert (parts.netloc, parts.path) == ("business-api.tiktok.com", "/portal/auth")
    assert parse_qs(parts.query) == {"app_id": ["7"], "state": ["s&1"], "redirect_uri": ["https://x/cb/"]}


def test_an_auth_code_becomes_a_token_that_opens_these_ad_accounts(server: Loopback, transport: Transport) -> None:
    data = {"access_token": "0a1b", "advertiser_ids": ["7", 7000000000000000002], "scope": [4, 2]}
    server.answer_with(envelope(data))
    answer = advertisers.exchange_auth_code(transport, APP, auth_code=Secret("c"))
    assert answer.value == advertisers.AdvertiserGrant(Secret("0a1b"), ("7", "7000000000000000002"), frozenset({2, 4}))
    for broken in ({"scope": None}, {"scope": ["2"]}, {"advertiser_ids": None}, {"advertiser_ids": [None]}, {"access_token": ""}):
        server.answer_with(envelope({**data, **broken}))
        with pytest.raises(NotUnderstood):
            advertisers.exchange_auth_code(transport, APP, auth_code=Secret("c"))
    server.answer_with(envelope(code=40110))
    with pytest.raises(CodeRefused):
        advertisers.exchange_auth_code(transport, APP, auth_code=Secret("c"))


def test_an_advertiser_token_that_is_revoked_already_counts_as_done(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope(code=40105), envelope(code=40103))
    assert advertisers.revoke_advertiser_token(transport, APP, access_token=Secret("0a1b")).value is None
    with pytest.raises(TikTokError):
        advertisers.revoke_advertiser_token(transport, APP, access_token=Secret("0a1b"))


def test_filters_travel_as_json_and_times_in_utc(server: Loopback, transport: Transport) -> None:
    row = {"campaign_id": "18", "campaign_name": "", "budget": 50.1, "secondary_status": "", "create_time": "2026-01-05 09:00:00"}
    server.answer_with(envelope({"list": [row], "page_info": PAGE_INFO}))
    since = datetime(2026, 1, 5, 1, tzinfo=timezone(timedelta(hours=9)))
    filters = structure.Filters(campaign_ids=["18"], name="a", primary_status="STATUS_ALL", created_from=since)
    (read,) = structure.campaigns_page(transport, **ADS, filters=filters).value.records
    assert (read.name, read.budget, read.secondary_status, read.modified_at) == ("", Decimal("50.1"), None, None)
    assert read.created_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert server.received[0].query["filtering"] == [
        '{"campaign_ids":["18"],"campaign_name":"a","primary_status":"STATUS_ALL","creation_filter_start_time":"2026-01-04 16:00:00"}'
    ]
    with pytest.raises(ValueError, match="ids"):
        structure.ads_page(transport, **ADS, filters=structure.Filters(ad_ids=[]))
    with pytest.raises(ValueError, match="time zone"):
        structure.ads_page(transport, **ADS, filters=structure.Filters(created_until=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_creators_code_travels_and_comes_back_as_a_secret(server: Loopback, transport: Transport) -> None:
    item = {"auth_code": "#Canary+/=", "item_id": "75", "item_type": "VIDEO", "carousel_info": None}
    auth = {"ad_auth_status": "AUTHORIZED", "auth_end_time": "2026-02-14 10:00:00"}
    server.answer_with(
        envelope({"auth_info": auth, "item_info": item, "video_info": {"duration": 21.7}}), envelope({"item_info": {"x": 1}})
    )
    read = spark_posts.post_of_code(transport, **ADS, auth_code=Secret("#Canary+/=")).value
    assert (read.auth_code, read.authorized_until) == (Secret("#Canary+/="), datetime(2026, 2, 14, 10, tzinfo=UTC))
    assert "Canary" not in repr(read)
    assert server.received[0].query["auth_code"] == ["#Canary+/="]
    with pytest.raises(NotUnderstood, match="item_id"):
        spark_posts.post_of_code(transport, **ADS, auth_code=Secret("#Canary+/="))


def test_a_linked_identity_is_not_asked_for_without_its_business_center(server: Loopback, transport: Transport) -> None:
    with pytest.raises(ValueError, match="Business Center"):
        identities.identities_page(transport, **ADS, identity_type="BC_AUTH_TT")
    assert server.received == []
