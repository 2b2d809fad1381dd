"""GET /report/integrated/get/: the synchronous report. Checks and pages here; the rows come from reporting/."""

import json

from tiktok_sandbox.answers import ID, MOMENT, PAGE_INFO, TEXT, each, list_of, record, some_of
from tiktok_sandbox.checks import check_advertiser
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NO_PERMISSION, TOO_WIDE, ApiError, Ready
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Day, Flag, Id, ListOf, Names, Shape, Text, Whole
from tiktok_sandbox.reporting import query as asking
from tiktok_sandbox.reporting import writing
from tiktok_sandbox.reporting.metrics import METRICS, NUMERIC
from tiktok_sandbox.reporting.query import DATA_LEVELS, DIMENSIONS, FILTER_TYPES, IDS, TIMES, TYPES, Query
from tiktok_sandbox.reporting.tables import AdDays, Part, Summed, part_of
from tiktok_sandbox.scopes import REPORTING
from tiktok_sandbox.world.adfigures import Figures

MOST_ADVERTISERS = 5
TABLES_REMEMBERED = 6
CUT = (
    "The number of ids in this report is over the limit of 20,000; the newest are returned. Narrow the query, or use asynchronous reports."
)
Table = AdDays | Summed


def integrated(call: Call) -> Ready:
    values = call.values
    query = asking.read(values, asked_advertisers(call))
    table, parts = table_for(call, query)
    total = table.total if table is not None else 0
    most = call.desk.limits.settings.report_rows_most
    if most and total > most:
        raise ApiError(TOO_WIDE, "The query is too wide. Please narrow the time range or the ids.")
    page, size = values["page"], values["page_size"]
    if values["query_mode"] == "CHUNK":
        page, size = 1, max(1, total)
    rows = written(query, table, (page - 1) * size, size, call.now)
    info = f'{{"page":{page},"page_size":{size},"total_number":{total},"total_page":{-(-total // size)}}}'
    sums = ""
    if values["enable_total_metrics"] and table is not None:
        sums = f'"total_metrics":{json.dumps(writing.totals(query, table, parts[0].book), ensure_ascii=False)},'
    if any(part.is_cut for part in parts):
        call.headers.append(("X-Tt-Ads-Throttle", CUT))
    return Ready(f'{{"list":[{",".join(rows)}],{sums}"page_info":{info}}}')


def asked_advertisers(call: Call) -> tuple[str, ...]:
    """Whose figures: one ad account, up to five, or those of a Business Center."""
    values, ads = call.values, call.desk.world.ads
    if values["report_type"] == "BC" and values.get("bc_id") is not None:
        center = ads.business_centers.get(values["bc_id"])
        person = ads.person(call.person.person)
        if center is None or person is None or center.number not in person.business_centers:
            raise ApiError(NO_PERMISSION, f"No permission to operate business center {values['bc_id']}.")
        return tuple(known for known in ads.ids_of(person.key) if ads.advertisers[known].bc == center.number)
    if values["advertiser_ids"] is not None:
        for known in values["advertiser_ids"]:
            check_advertiser(call, known)
        return tuple(dict.fromkeys(values["advertiser_ids"]))
    return () if values["advertiser_id"] is None else (values["advertiser_id"],)


def table_for(call: Call, query: Query) -> tuple[Table | None, list[Part]]:
    """The table of this question, made anew when the figures have moved since it was asked last."""
    if query.is_empty or not query.advertisers:
        return None, []
    ads = call.desk.world.ads
    figures = [Figures(ads.advertisers[known], call.now) for known in query.advertisers]
    books = [ads.book(known) for known in query.advertisers]
    for book in books:
        book.until(call.now)
    key = (query, call.now // 3600, tuple(one.key for one in figures), tuple(book.version for book in books))
    if key not in ads.tables:
        parts = [part_of(query, book, known, call.now) for book, known in zip(books, figures, strict=True)]
        table: Table = AdDays(query, parts[0]) if is_ad_days(query) else Summed(query, parts, call.now)
        ads.tables[key] = table, parts
        while len(ads.tables) > TABLES_REMEMBERED:
            ads.tables.popitem(last=False)
    ads.tables.move_to_end(key)
    found: tuple[Table, list[Part]] = ads.tables[key]
    return found


def is_ad_days(query: Query) -> bool:
    """Ads by day as they come: the one report that is too long to be held."""
    names = {"ad_id", "stat_time_day"} if "ad_id" in query.dimensions else {"ad_id_v2", "stat_time_day"}
    is_plain = all(one.field not in NUMERIC for one in query.filters)
    has_country = any(one.field == "country_code" for one in query.filters)
    return set(query.dimensions) == names and query.order_field is None and is_plain and not has_country and not query.is_multi


def written(query: Query, table: Table | None, offset: int, count: int, moment: int) -> list[str]:
    if table is None:
        return []
    if isinstance(table, AdDays):
        return writing.ad_day_rows(query, table, offset, count, moment)
    rows = writing.records(query, table, table.lines[offset : offset + count], moment)
    return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]


FILTER = Shape(
    (
        Param("field_name", Text(), required=True),
        Param("filter_type", Choice(FILTER_TYPES), required=True),
        Param("filter_value", Text(), required=True),
    )
)
SHARED = (
    Param("advertiser_id", Id()),
    Param("advertiser_ids", ListOf(Id(), most=MOST_ADVERTISERS)),
    Param("bc_id", Id()),
    Param("service_type", Choice(("AUCTION", "RESERVATION"))),
    Param("report_type", Choice(TYPES), required=True),
    Param("data_level", Choice(tuple(DATA_LEVELS))),
    Param("dimensions", Names(DIMENSIONS), required=True),
    Param("metrics", Names(METRICS)),
    Param("start_date", Day()),
    Param("end_date", Day()),
    Param("query_lifetime", Flag(), default=False),
    Param("multi_adv_report_in_utc_time", Flag(), default=False),
    Param("order_field", Text()),
    Param("order_type", Choice(("ASC", "DESC")), default="DESC"),
    Param("filtering", ListOf(FILTER, most=50, least=0), default=()),
)

# Every value is text, "-" where it does not apply.
VALUES = some_of(each(sorted(METRICS), TEXT))
ROW = record(
    {
        "dimensions": some_of({**each(sorted(DIMENSIONS), TEXT), **each(IDS, ID), **each(TIMES, MOMENT)}),
        "metrics": VALUES,
    }
)

ENDPOINTS = (
    Endpoint(
        "/report/integrated/get/",
        "GET",
        integrated,
        (
            *SHARED,
            Param("enable_total_metrics", Flag(), default=False),
            Param("query_mode", Choice(("REGULAR", "CHUNK")), default="REGULAR"),
            Param("page", Whole(1, 2**31), default=1),
            Param("page_size", Whole(1, 1000), default=10),
        ),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=REPORTING,
        gives=record({"list": list_of(ROW), "page_info": PAGE_INFO}, optional={"total_metrics": VALUES}),
        refuses=(TOO_WIDE,),
    ),
)
