"""Figures of ads by level, day and audience, at once or as a task whose file is fetched later.

Owns `/report/*`: paging, rows, totals, tasks. Every function needs an advertiser token with the permission to read reports. Besides what it
names, each raises ReconnectNeeded, NotGranted, OurMistake (also code 40067: ask for less at a time), Throttled, TryLater, AnswerLost, and
NotUnderstood naming the part that is malformed; then nothing of the page is taken.

Figures of the last days keep moving: TikTok adds conversions late. TikTok writes "-" for what does not apply; it is None here, never 0.
TikTok's pages: https://business-api.tiktok.com/portal/docs?id=1740302848100353 and, for tasks, ?id=1740302766489602
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import NumberedPage, each_page, numbered_page, understood, unreadable
from integrations.tiktok.report_requests import BREAKDOWNS, BY_DAY, BY_HOUR, ID_DIMENSIONS, METRICS, Metric, ReportRequest
from integrations.tiktok.transport import Answer, Transport

LARGEST_PAGE = 1000


@dataclass(frozen=True)
class ReportRow:
    """One line. `on` is a day of the ad account's time zone, `hour` from 0 to 23 of that day. `breakdown` holds audiences by name.

    `metrics` has exactly what was asked for: int for counts, Decimal for money, averages and rates from 0 to 1, text for names and ids.
    """

    ids: Mapping[str, str]
    on: date | None
    hour: int | None
    breakdown: Mapping[str, str]
    metrics: Mapping[str, Metric]


@dataclass(frozen=True)
class ReportPage(NumberedPage[ReportRow]):
    """`totals` are over all pages, None unless asked for. When `is_truncated`, TikTok kept the newest 20,000 ids only: ask for fewer."""

    totals: Mapping[str, Metric] | None
    is_truncated: bool


@dataclass(frozen=True)
class TaskState:
    """`status` is QUEUING, PROCESSING, SUCCESS, FAILED or CANCELED."""

    status: str
    message: str | None

    @property
    def is_ready(self) -> bool:
        return self.status == "SUCCESS"

    @property
    def is_over(self) -> bool:
        return self.status not in ("QUEUING", "PROCESSING")


def report_page(
    transport: Transport,
    *,
    access_token: Secret,
    request: ReportRequest,
    page: int = 1,
    page_size: int = LARGEST_PAGE,
    with_totals: bool = False,
) -> Answer[ReportPage]:
    """GET /report/integrated/get/: one page of up to 1,000 rows. ValueError when the days are more than TikTok answers at once
    (30 by day, one by hour, 365 without); `ReportRequest.windows` cuts them.

    Totals need exactly one id among the dimensions; ask for them with the first page.
    """
    if request.start is not None and request.end is not None and (request.end - request.start).days >= request.most_days:
        raise ValueError(f"this report spans {request.most_days} days at most")
    params = request.params() | {"page": page, "page_size": page_size, "enable_total_metrics": with_totals or None}
    answer = transport.business_get("/report/integrated/get/", params=params, access_token=access_token)
    found = numbered_page(answer, "list", lambda row: _row(row, request), noun="report row", asked=page).value
    totals = understood(answer, lambda data: _totals(data, request) if with_totals else None, "the totals of the report").value
    truncated = bool(answer.call.notice)
    return Answer(ReportPage(found.records, found.number, found.page_count, found.total_count, totals, truncated), answer.call)


def report_pages(
    transport: Transport, *, access_token: Secret, request: ReportRequest, page_size: int = LARGEST_PAGE, first: int = 1
) -> Iterator[Answer[ReportPage]]:
    """Every page of one report, each called for when the one before has been taken. After an error, begin again with `first` at that page.

    Between two pages TikTok may add or drop rows; rows are known by their ids, day and audience.
    """
    yield from each_page(
        lambda number: report_page(transport, access_token=access_token, request=request, page=number, page_size=page_size), first=first
    )


def create_report_task(transport: Transport, *, access_token: Secret, request: ReportRequest) -> Answer[str]:
    """POST /report/task/create/: have a report made, of any span; answers the id of the task. A task that may have been made costs nothing.

    Filters are campaign_ids, adgroup_ids, ad_ids and country_code only.
    """
    body = {name: value for name, value in request.params().items() if value is not None}
    body |= {"output_format": "CSV_STRING", "enable_report_title_translation": False}
    answer = transport.business_post("/report/task/create/", body=body, access_token=access_token)
    return understood(answer, lambda data: reading.identifier(data, "task_id"), "the report task")


def check_report_task(transport: Transport, *, access_token: Secret, advertiser_id: str, task_id: str) -> Answer[TaskState]:
    """GET /report/task/check/: how far the task is. Tasks live for 30 days."""
    params = {"advertiser_id": advertiser_id, "task_id": task_id}
    answer = transport.business_get("/report/task/check/", params=params, access_token=access_token)
    return understood(
        answer,
        lambda data: TaskState(reading.required_text(data, "status"), reading.text_or_none(data, "message")),
        "the state of the report task",
    )


def download_report(transport: Transport, *, access_token: Secret, request: ReportRequest, task_id: str) -> Answer[tuple[ReportRow, ...]]:
    """GET /report/task/download/: the rows of a task that is ready, with the token that made it. TryLater when it is not ready.

    `request` is the one the task was made from. In these files `country_code` holds the name of the country.
    """
    params = {"advertiser_id": request.advertiser_id, "task_id": task_id}
    answer = transport.business_download("/report/task/download/", params=params, access_token=access_token)
    rows, odd = _table(answer.value, request)
    if odd:
        raise unreadable(answer.call, f"the file of the report ({odd})")
    return Answer(rows, answer.call)


def cancel_report_task(transport: Transport, *, access_token: Secret, advertiser_id: str, task_id: str) -> Answer[str]:
    """POST /report/task/cancel/: make it no more; answers the status it has now."""
    body = {"advertiser_id": advertiser_id, "task_id": task_id}
    answer = transport.business_post("/report/task/cancel/", body=body, access_token=access_token)
    return understood(answer, lambda data: reading.required_text(data, "status"), "the state of the report task")


def _row(data: Mapping[str, Any], request: ReportRequest) -> ReportRow:
    return _line(reading.required_part(data, "dimensions"), reading.required_part(data, "metrics"), request)


def _line(dimensions: Mapping[str, Any], metrics: Mapping[str, Any], request: ReportRequest) -> ReportRow:
    on, hour = _time(dimensions, request)
    return ReportRow(
        ids=MappingProxyType({name: reading.identifier(dimensions, name) for name in request.dimensions if name in ID_DIMENSIONS}),
        on=on,
        hour=hour,
        breakdown=MappingProxyType({name: reading.identifier(dimensions, name) for name in request.dimensions if name in BREAKDOWNS}),
        metrics=_metrics(metrics, request),
    )


def _time(dimensions: Mapping[str, Any], request: ReportRequest) -> tuple[date | None, int | None]:
    name = BY_HOUR if BY_HOUR in request.dimensions else BY_DAY
    if name not in request.dimensions:
        return None, None
    return _moment(name, reading.required_text(dimensions, name))


@lru_cache(maxsize=1024)  # a page tells the same few over and over
def _moment(name: str, text: str) -> tuple[date, int | None]:
    found = re.fullmatch(r"([0-9-]{10})(?: ([0-9]{2}):00(?::00)?)?", text)
    if found is None or int(found[2] or 0) > 23:
        raise reading.Malformed(name)
    on = reading.day({name: found[1]}, name)
    if name == BY_DAY:
        return on, None
    if found[2] is None:
        raise reading.Malformed(name)  # an hour that is not told would look like midnight
    return on, int(found[2])


def _metrics(data: Mapping[str, Any], request: ReportRequest) -> Mapping[str, Metric]:
    return MappingProxyType({name: METRICS[name](data, name) for name in request.metrics})


def _totals(data: Mapping[str, Any], request: ReportRequest) -> Mapping[str, Metric]:
    return _metrics(reading.required_part(data, "total_metrics"), request)


def _table(text: str, request: ReportRequest) -> tuple[tuple[ReportRow, ...], str]:
    """The rows of a file, or what is odd about it. A file without the columns asked for is a page or another report, not an empty one."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = next(lines, [])
        missing = [name for name in (*request.dimensions, *request.metrics) if columns.count(name) != 1]
        if missing:
            return (), f"the column {missing[0]}"
        rows = []
        for line in lines:
            if len(line) != len(columns):
                return (), f"the line {lines.line_num}"
            cells = dict(zip(columns, line, strict=True))
            rows.append(_line(cells, cells, request))
        return tuple(rows), ""
    except csv.Error:
        return (), f"the line {lines.line_num}"
    except reading.Malformed as malformed:
        return (), f"the line {lines.line_num}: {malformed}"
