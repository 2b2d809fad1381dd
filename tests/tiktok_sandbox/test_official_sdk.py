"""TikTok's own Python SDK against the sandbox, unchanged but for the host.

The SDK (`tiktok-business-api-sdk-official`) is an optional dependency of the tests: without it this module is skipped as a whole.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.tiktok_sandbox.advertising import Desk, answer_portal, desk
from tests.tiktok_sandbox.driver import APP_ID, SECRET, Driver

business_api_client = pytest.importorskip("business_api_client", reason="TikTok's SDK is not installed")
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError  # noqa: E402


@pytest.fixture
def client(sandbox: Driver) -> Iterator[Any]:
    sandbox.control("limits", {"enabled": False})
    configuration = business_api_client.Configuration()
    configuration.host = sandbox.base.rstrip("/")
    yield business_api_client.ApiClient(configuration)


def test_consent_to_ad_accounts(sandbox: Driver, client: Any) -> None:
    api = business_api_client.AuthenticationApi(client)
    body = business_api_client.Oauth2AccessTokenBody(app_id=APP_ID, secret=SECRET, auth_code=answer_portal(sandbox)["auth_code"])
    data = api.oauth2_access_token(body=body)["data"]
    listed = api.oauth2_advertiser_get(APP_ID, SECRET, data["access_token"])["data"]["list"]
    assert [one["advertiser_id"] for one in listed] == data["advertiser_ids"]
    info = business_api_client.AccountManagementApi(client).advertiser_info(
        data["advertiser_ids"], data["access_token"], fields=["currency"]
    )
    assert info["data"]["list"] == [{"currency": "USD"}]


def test_ad_accounts_are_those_of_the_world(sandbox: Driver, client: Any) -> None:
    own, names = desk(sandbox, "northwind"), ["advertiser_id", "name", "timezone", "currency"]
    listed = business_api_client.AuthenticationApi(client).oauth2_advertiser_get(APP_ID, SECRET, own.token)["data"]["list"]
    read = business_api_client.AccountManagementApi(client).advertiser_info(own.advertisers, own.token, fields=names)["data"]["list"]
    truth = {one["advertiser_id"]: one for one in sandbox.control("world", limit=0)["advertisers"]}
    assert {one["advertiser_id"]: one for one in read} == truth
    assert {one["advertiser_id"]: one["advertiser_name"] for one in listed} == {known: one["name"] for known, one in truth.items()}


def test_a_used_code_raises(sandbox: Driver, client: Any) -> None:
    api = business_api_client.AuthenticationApi(client)
    body = business_api_client.Oauth2AccessTokenBody(app_id=APP_ID, secret=SECRET, auth_code=answer_portal(sandbox)["auth_code"])
    api.oauth2_access_token(body=body)
    with pytest.raises(TiktokSDKError, match="40110"):
        api.oauth2_access_token(body=body)


def test_business_centers(sandbox: Driver, client: Any) -> None:
    own, api = desk(sandbox, "northwind"), business_api_client.BCApi(client)
    center = api.bc_get(own.token, page_size=5)["data"]["list"][0]["bc_info"]["bc_id"]
    assets = api.bc_asset_get(center, "ADVERTISER", own.token, page_size=50)["data"]["list"]
    assert [one["asset_id"] for one in assets] == own.advertisers


def test_entities_with_filters_as_models(sandbox: Driver, client: Any) -> None:
    own = desk(sandbox, "moontideco2")
    campaigns = business_api_client.CampaignCreationApi(client).campaign_get(
        own.first, own.token, page_size=1000, filtering=business_api_client.FilteringCampaignGet(objective_type="TRAFFIC")
    )["data"]["list"]
    assert campaigns and {one["objective_type"] for one in campaigns} == {"TRAFFIC"}
    ids = [campaigns[0]["campaign_id"]]
    groups = business_api_client.AdgroupApi(client).adgroup_get(
        own.first, own.token, filtering=business_api_client.FilteringAdgroupGet(campaign_ids=ids), fields=["adgroup_id", "campaign_id"]
    )["data"]["list"]
    ads = business_api_client.AdApi(client).ad_get(
        own.first, own.token, filtering=business_api_client.FilteringAdGet(campaign_ids=ids), exclude_field_types_in_response=["NULL_FIELD"]
    )["data"]["list"]
    assert {one["campaign_id"] for one in groups} == set(ids) == {one["campaign_id"] for one in ads}


def pages(ask: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Every entry of a paged list, a few at a time."""
    found: list[dict[str, Any]] = []
    number, last = 1, 1
    while number <= last:
        data = ask(number)["data"]
        found, last, number = found + data["list"], data["page_info"]["total_page"], number + 1
    assert last > 1
    return found


EVERY_KIND = {
    "primary_status": "STATUS_ALL",
    "buying_types": ["AUCTION", "RESERVATION_RF", "RESERVATION_TOP_VIEW"],
    "campaign_system_origins": ["TT_ADS_PLATFORM", "PROMOTE"],
}


@pytest.mark.parametrize("person", ["brassorbit3", "moontideco2"])
def test_entities_hold_every_ad_of_the_world_in_its_place(sandbox: Driver, client: Any, person: str) -> None:
    own, sdk = desk(sandbox, person), business_api_client
    reads = [
        (sdk.CampaignCreationApi(client).campaign_get, sdk.FilteringCampaignGet, "campaign_id"),
        (sdk.AdgroupApi(client).adgroup_get, sdk.FilteringAdgroupGet, "adgroup_id"),
        (sdk.AdApi(client).ad_get, sdk.FilteringAdGet, "ad_id"),
    ]
    for known in own.advertisers:
        truth, found = own.truth(known), {}
        for read, filtering, name in reads:
            rows = pages(lambda page: read(known, own.token, filtering=filtering(**EVERY_KIND), page=page, page_size=9))  # noqa: B023
            found[name] = {row[name]: row for row in rows}
            assert len(found[name]) == len(rows)
            assert {row[name] for row in truth} <= found[name].keys()
        for row in truth:
            ad, group = found["ad_id"][row["ad_id"]], found["adgroup_id"][row["adgroup_id"]]
            assert (ad["adgroup_id"], ad["campaign_id"], group["campaign_id"]) == (
                row["adgroup_id"],
                row["campaign_id"],
                row["campaign_id"],
            )
            assert (ad.get("tiktok_item_id") or None) == row["tiktok_item_id"]
        assert {ad["advertiser_id"] for ad in found["ad_id"].values()} == {known}


def test_identities_and_their_posts_are_those_of_the_world(sandbox: Driver, client: Any) -> None:
    own, api = desk(sandbox), business_api_client.IdentityApi(client)
    (found,) = api.identity_get(own.first, own.token, identity_type="TT_USER")["data"]["identity_list"]
    account = sandbox.world("brassorbit3")
    assert (found["username"], found["display_name"]) == ("brassorbit3", account["display_name"])
    for post in account["posts"][-3:]:
        data = api.identity_video_info(own.token, own.first, "TT_USER", found["identity_id"], post["item_id"])["data"]
        assert (data["video_detail"]["item_id"], data["video_detail"]["text"]) == (post["item_id"], post["caption"])


METRICS = ["spend", "impressions", "clicks", "conversion"]


def figures(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """By ad and day; one row each."""
    found = {}
    for row in rows:
        key = row["ad_id"], row["stat_time_day"][:10]
        assert key not in found
        found[key] = [str(row[name]) for name in METRICS]
    return found


def truth_of(own: Desk, known: str, first: str, last: str) -> dict[tuple[str, str], list[str]]:
    return figures({**row, "stat_time_day": row["date"]} for row in own.truth(known) if first <= row["date"] <= last)


def test_a_synchronous_report(sandbox: Driver, client: Any) -> None:
    own, sample = desk(sandbox), sandbox.control("clock")["sample_week"]
    data = business_api_client.ReportingApi(client).report_integrated_get(
        "BASIC",
        own.token,
        advertiser_id=own.first,
        service_type="AUCTION",
        data_level="AUCTION_AD",
        dimensions=["ad_id", "stat_time_day"],
        metrics=["spend", "impressions", "clicks"],
        start_date=sample["first"],
        end_date=sample["last"],
        enable_total_metrics=True,
        query_lifetime=False,
        page_size=1000,
    )["data"]
    assert data["total_metrics"] == {"spend": "1827.13", "impressions": "284600", "clicks": "5237"}
    assert sum(int(row["metrics"]["impressions"]) for row in data["list"]) == 284_600


@pytest.mark.parametrize("place", [0, 1], ids=["EUR", "JPY"])
def test_a_synchronous_report_is_the_truth_on_every_page(sandbox: Driver, client: Any, place: int) -> None:
    own, sample = desk(sandbox, "moontideco2"), sandbox.control("clock")["sample_week"]
    api, known = business_api_client.ReportingApi(client), own.advertisers[place]
    rows = pages(
        lambda page: api.report_integrated_get(
            "BASIC",
            own.token,
            advertiser_id=known,
            service_type="AUCTION",
            data_level="AUCTION_AD",
            dimensions=["ad_id", "stat_time_day"],
            metrics=METRICS,
            start_date=sample["first"],
            end_date=sample["last"],
            filtering=[{"field_name": "ad_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}],
            page=page,
            page_size=20,
        )
    )
    read = figures({**row["dimensions"], **row["metrics"]} for row in rows)
    assert read == truth_of(own, known, sample["first"], sample["last"])
    assert ("." in next(iter(read.values()))[0]) is (place == 0)


def test_an_asynchronous_report_is_the_truth(sandbox: Driver, client: Any) -> None:
    own, sample = desk(sandbox), sandbox.control("clock")["sample_week"]
    api = business_api_client.ReportingApi(client)
    body = business_api_client.ReportTaskCreateBody(
        advertiser_id=own.first,
        report_type="BASIC",
        data_level="AUCTION_AD",
        dimensions=["ad_id", "stat_time_day"],
        metrics=METRICS,
        start_date=sample["first"],
        end_date=sample["last"],
        output_format="CSV_STRING",
        enable_report_title_translation=False,
    )
    truth = truth_of(own, own.first, sample["first"], sample["last"])
    task = api.report_task_create(own.token, body=body)["data"]["task_id"]
    assert api.report_task_check(task, own.first, own.token)["data"]["status"] in {"QUEUING", "PROCESSING"}
    sandbox.control("clock", {"seconds": 20})
    assert api.report_task_check(task, own.first, own.token)["data"]["status"] == "SUCCESS"
    # The SDK has no call for the file itself.
    file = own.ask("/report/task/download/", advertiser_id=own.first, task_id=task).content.decode("utf-8-sig")
    assert figures(csv.DictReader(io.StringIO(file, newline=""))) == truth
    assert len(truth) > 7, "more than one ad"
    canceled = api.report_task_create(own.token, body=body)["data"]["task_id"]
    status = api.report_task_cancel(own.token, body=business_api_client.TaskCancelBody(advertiser_id=own.first, task_id=canceled))
    assert status["data"]["status"] == "CANCELED"
    assert api.report_task_check(canceled, own.first, own.token)["data"]["status"] == "CANCELED"


def test_a_refusal_is_an_exception_with_the_code(sandbox: Driver, client: Any) -> None:
    own = desk(sandbox)
    with pytest.raises(TiktokSDKError, match="40105"):
        business_api_client.CampaignCreationApi(client).campaign_get(own.first, "made-up")
    with pytest.raises(TiktokSDKError, match="40002"):
        business_api_client.CampaignCreationApi(client).campaign_get(own.first, own.token, page_size=5000)
