"""The battery's table for advertiser tokens: ad accounts, structure, names to advertise under, posts, reports."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agency.secret import Secret
from integrations.tiktok import ad_comments, ad_reports, advertisers, identities, spark_posts, structure, tiktok_one
from integrations.tiktok.report_requests import DataLevel, ReportRequest
from integrations.tiktok.transport import Answer
from tests.integrations.tiktok.families import (
    ADVERTISER,
    BIG,
    BUSINESS,
    Family,
    Holder,
    among,
    as_it_is,
    by_cursor,
    by_number,
    called,
    first,
    under,
)
from tests.local_tiktok import LocalTikTok

ALL_BUT_ADS, REPORTS_ONLY, ALL_BUT_REPORTS = [1, 4, 6], [4], [1, 6]
AGENCY = "northwind"
PLAIN: dict[str, Any] = {"takes_nothing": True}
Arguments = Callable[[Mapping[str, Any]], dict[str, Any]]


def request_of(advertiser_id: str) -> ReportRequest:
    day = datetime.now(UTC).date() - timedelta(days=10)
    return ReportRequest(advertiser_id, DataLevel.AD, ("ad_id", "stat_time_day"), ("spend", "clicks", "ctr"), day, day)


def a_center(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    found = advertisers.business_centers_page(holder.transport, access_token=holder.token)
    return {"center": found.value.records[0].bc_id}


def a_brand(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    (known,) = tiktok_one.tiktok_one_accounts(holder.transport, holder.app, access_token=holder.token).value
    return {"brand": known}


def an_identity(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    (found,) = identities.identities_page(holder.transport, **holder.advertiser(), identity_type="TT_USER").value.records
    return {"identity": found.identity_id, "type": found.identity_type}


def its_posts(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = an_identity(tiktok, holder)
    found = identities.identity_posts_page(holder.transport, **holder.advertiser(), **of_identity(known))
    return known | {"posts": [post.item_id for post in found.value.records][:5]}


def a_creators_code(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    post = tiktok.account("nd_filter")["posts"][-1]
    return {"code": Secret(post["auth_code"]), "post": post["item_id"]}


def a_held_post(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = a_creators_code(tiktok, holder)
    spark_posts.authorize_post(holder.transport, **holder.advertiser(), auth_code=known["code"])
    return known


def an_ad_group(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    found = structure.ad_groups_page(holder.transport, **holder.advertiser()).value.records
    return {"group": found[0].adgroup_id, "groups": [group.adgroup_id for group in found]}


def a_comment_under_an_ad(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = an_ad_group(tiktok, holder)
    for group in known["groups"]:
        asked = these_days({"group": group})
        found = ad_comments.ad_comments_page(holder.transport, **holder.advertiser(), **asked).value.records
        if told := next((comment.comment_id for comment in found if comment.original_comment_id is None), None):
            return {"comment": told}
    raise AssertionError("no ad has a comment of these days")


def these_days(known: Mapping[str, Any]) -> dict[str, Any]:
    today = datetime.now(UTC).date()
    return {"adgroup_id": known["group"], "first": today - timedelta(days=29), "last": today}


def a_task(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    made = ad_reports.create_report_task(holder.transport, access_token=holder.token, request=request_of(holder.me))
    return {"task": made.value}


def a_finished_task(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = a_task(tiktok, holder)
    tiktok.advance(30)
    return known


def on(function: Callable[..., Answer[Any]], path: str, arguments: Arguments = lambda known: {}, **more: Any) -> Family:
    """A call about one ad account. These tokens do not run out."""
    return Family(
        function,
        BUSINESS + path,
        ADVERTISER,
        lambda h: function(h.transport, **h.advertiser(), **arguments(h.known)),
        **{"less": REPORTS_ONLY, "outlived": None, **more},
    )


def of(function: Callable[..., Answer[Any]], path: str, ask: Callable[[Holder], Answer[Any]], **more: Any) -> Family:
    """A call about something else."""
    return Family(function, BUSINESS + path, ADVERTISER, ask, **{"less": REPORTS_ONLY, "outlived": None, **more})


def of_identity(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"identity_id": known["identity"], "identity_type": known["type"]}


def of_task(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"task_id": known["task"]}


ROWS: dict[str, Any] = {
    "less": ALL_BUT_REPORTS,
    "page": by_number("list"),
    "row": {"dimensions": {"ad_id": BIG, "stat_time_day": "2026-01-10 00:00:00"}, "metrics": {}},
    "names": lambda page: page.records[0].ids["ad_id"],
}


def numbered(name: str, row: dict[str, Any]) -> dict[str, Any]:
    return {"page": by_number("list"), "row": row, "names": first(name)}


ADVERTISER_FAMILIES = (
    of(
        advertisers.granted_advertisers,
        "/oauth2/advertiser/get/",
        lambda h: advertisers.granted_advertisers(h.transport, h.app, access_token=h.token),
        less=[],
        **PLAIN,
    ),
    of(
        advertisers.business_user,
        "/user/info/",
        lambda h: advertisers.business_user(h.transport, access_token=h.token),
        less=[],
        record=as_it_is,
        row={"core_user_id": BIG},
        names=called("core_user_id"),
    ),
    of(
        advertisers.advertiser_info,
        "/advertiser/info/",
        lambda h: advertisers.advertiser_info(h.transport, access_token=h.token, advertiser_ids=[h.me]),
        record=among("list"),
        row={"advertiser_id": BIG},
        names=lambda found: found[0].advertiser_id,
        **PLAIN,
    ),
    of(
        advertisers.business_centers_page,
        "/bc/get/",
        lambda h: advertisers.business_centers_page(h.transport, access_token=h.token),
        **numbered("bc_id", {"bc_info": {"bc_id": BIG}}),
    ),
    of(
        advertisers.business_center_assets_page,
        "/bc/asset/get/",
        lambda h: advertisers.business_center_assets_page(
            h.transport, access_token=h.token, bc_id=h.known["center"], asset_type="ADVERTISER"
        ),
        before=a_center,
        person=AGENCY,
        **numbered("asset_id", {"asset_id": BIG}),
    ),
    on(structure.campaigns_page, "/campaign/get/", **{**numbered("campaign_id", {"campaign_id": BIG}), "less": ALL_BUT_ADS}),
    on(structure.ad_groups_page, "/adgroup/get/", **{**numbered("adgroup_id", {"adgroup_id": BIG, "campaign_id": 1}), "less": ALL_BUT_ADS}),
    on(structure.ads_page, "/ad/get/", **{**numbered("ad_id", {"ad_id": BIG, "adgroup_id": 1, "campaign_id": 1}), "less": ALL_BUT_ADS}),
    on(
        ad_comments.ad_comments_page,
        "/comment/list/",
        these_days,
        before=an_ad_group,
        page=by_number("comments"),
        row={"comment_id": BIG},
        names=first("comment_id"),
        less=ALL_BUT_ADS,
    ),
    on(
        ad_comments.related_comments,
        "/comment/reference/",
        lambda k: {"comment_id": k["comment"]},
        before=a_comment_under_an_ad,
        page=by_number("comments"),
        row={"comment_id": BIG},
        names=first("comment_id"),
        less=ALL_BUT_ADS,
    ),
    on(
        identities.identities_page,
        "/identity/get/",
        page=by_number("identity_list"),
        row={"identity_id": BIG, "identity_type": "TT_USER"},
        names=first("identity_id"),
    ),
    on(
        identities.identity_info,
        "/identity/info/",
        of_identity,
        before=an_identity,
        record=under("identity_info"),
        row={"identity_id": BIG, "identity_type": "TT_USER"},
        names=called("identity_id"),
    ),
    on(
        identities.identity_posts_page,
        "/identity/video/get/",
        of_identity,
        before=an_identity,
        page=by_cursor("video_list"),
        row={"item_id": BIG},
        names=first("item_id"),
    ),
    on(
        identities.identity_posts,
        "/identity/video/info/",
        lambda k: {**of_identity(k), "item_ids": k["posts"]},
        before=its_posts,
        record=among("video_details"),
        row={"item_id": BIG},
        names=lambda found: found[0].item_id,
        **PLAIN,
    ),
    on(
        spark_posts.post_of_code,
        "/tt_video/info/",
        lambda k: {"auth_code": k["code"]},
        before=a_creators_code,
        record=under("item_info"),
        row={"item_id": BIG},
        names=called("item_id"),
    ),
    on(spark_posts.spark_posts_page, "/tt_video/list/", **numbered("item_id", {"item_info": {"item_id": BIG}})),
    on(spark_posts.authorize_post, "/tt_video/authorize/", lambda k: {"auth_code": k["code"]}, before=a_creators_code, **PLAIN),
    on(spark_posts.unbind_post, "/tt_video/unbind/", lambda k: {"item_id": k["post"]}, before=a_held_post, **PLAIN),
    of(
        tiktok_one.tiktok_one_accounts,
        "/tto/oauth2/tcm/",
        lambda h: tiktok_one.tiktok_one_accounts(h.transport, h.app, access_token=h.token),
        less=[],
        record=lambda row: {"tto_tcm_account_ids": [row["id"]]},
        row={"id": BIG},
        names=lambda found: found[0],
        **PLAIN,
    ),
    of(
        tiktok_one.recommended_creator_posts,
        "/spark_ad/recommend/",
        lambda h: tiktok_one.recommended_creator_posts(h.transport, access_token=h.token, tcm_account_id=h.known["brand"]),
        less=[],
        before=a_brand,
        record=among("videos"),
        row={"item_id": BIG},
        names=lambda found: found[0].item_id,
        **PLAIN,
    ),
    of(
        ad_reports.report_page,
        "/report/integrated/get/",
        lambda h: ad_reports.report_page(h.transport, access_token=h.token, request=request_of(h.me)),
        **ROWS,
    ),
    of(
        ad_reports.report_pages,
        "/report/integrated/get/",
        lambda h: next(ad_reports.report_pages(h.transport, access_token=h.token, request=request_of(h.me))),
        **ROWS,
    ),
    of(
        ad_reports.create_report_task,
        "/report/task/create/",
        lambda h: ad_reports.create_report_task(h.transport, access_token=h.token, request=request_of(h.me)),
        less=ALL_BUT_REPORTS,
        record=as_it_is,
        row={"task_id": BIG},
    ),
    on(ad_reports.check_report_task, "/report/task/check/", of_task, before=a_task, less=ALL_BUT_REPORTS),
    on(ad_reports.cancel_report_task, "/report/task/cancel/", of_task, before=a_task, less=ALL_BUT_REPORTS),
    of(
        ad_reports.download_report,
        "/report/task/download/",
        lambda h: ad_reports.download_report(h.transport, access_token=h.token, request=request_of(h.me), task_id=h.known["task"]),
        before=a_finished_task,
        less=ALL_BUT_REPORTS,
        is_flat=True,
    ),
)
