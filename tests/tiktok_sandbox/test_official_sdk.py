"""TikTok's own Python SDK against the sandbox, unchanged but for the host.

The SDK (`tiktok-business-api-sdk-official`) is an optional dependency of the tests: without it this module is skipped as a whole.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.tiktok_sandbox.advertising import answer_portal, desk
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


def test_identities(sandbox: Driver, client: Any) -> None:
    own = desk(sandbox)
    found = business_api_client.IdentityApi(client).identity_get(own.first, own.token, identity_type="TT_USER")["data"]["identity_list"]
    assert [one["username"] for one in found] == ["brassorbit3"]


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


def test_an_asynchronous_report(sandbox: Driver, client: Any) -> None:
    own, sample = desk(sandbox), sandbox.control("clock")["sample_week"]
    api = business_api_client.ReportingApi(client)
    body = business_api_client.ReportTaskCreateBody(
        advertiser_id=own.first,
        report_type="BASIC",
        data_level="AUCTION_AD",
        dimensions=["ad_id", "stat_time_day"],
        metrics=["spend", "impressions"],
        start_date=sample["first"],
        end_date=sample["last"],
    )
    task = api.report_task_create(own.token, body=body)["data"]["task_id"]
    assert api.report_task_check(task, own.first, own.token)["data"]["status"] in {"QUEUING", "PROCESSING"}
    sandbox.control("clock", {"seconds": 20})
    assert api.report_task_check(task, own.first, own.token)["data"]["status"] == "SUCCESS"
    canceled = api.report_task_create(own.token, body=body)["data"]["task_id"]
    status = api.report_task_cancel(own.token, body=business_api_client.TaskCancelBody(advertiser_id=own.first, task_id=canceled))
    assert status["data"]["status"] == "CANCELED"


def test_a_refusal_is_an_exception_with_the_code(sandbox: Driver, client: Any) -> None:
    own = desk(sandbox)
    with pytest.raises(TiktokSDKError, match="40105"):
        business_api_client.CampaignCreationApi(client).campaign_get(own.first, "made-up")
    with pytest.raises(TiktokSDKError, match="40002"):
        business_api_client.CampaignCreationApi(client).campaign_get(own.first, own.token, page_size=5000)
