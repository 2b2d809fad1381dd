"""Reports of ads: the question, the rows, the totals, the tasks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok.ad_reports import create_report_task, download_report, report_page, report_pages
from integrations.tiktok.errors import AnswerLost, NotUnderstood, TryLater
from integrations.tiktok.report_requests import DataLevel, ReportFilter, ReportRequest, ReportType
from integrations.tiktok.transport import Transport
from tests.integrations.tiktok.loopback import Loopback, envelope, http, page, raw, then_close

TOKEN = Secret("0a1b2c")
REQUEST = ReportRequest(
    advertiser_id="7000000000000000001",
    data_level=DataLevel.CAMPAIGN,
    dimensions=("campaign_id", "stat_time_day"),
    metrics=("campaign_name", "spend", "clicks", "ctr", "reach"),
    start=date(2026, 1, 5),
    end=date(2026, 1, 11),
)
ROW: dict[str, Any] = {
    "dimensions": {"campaign_id": 1800000000000000001, "stat_time_day": "2026-01-10 00:00:00"},
    "metrics": {"campaign_name": "=1+1", "spend": "20.000", "clicks": "69", "ctr": "1.18", "reach": "-"},
}
CSV = "campaign_id,stat_time_day,campaign_name,spend,clicks,ctr,reach\n"


def rows(*found: Any, number: int = 1, pages: int = 1, **more: Any) -> Any:
    return envelope(
        {"list": list(found), "page_info": {"page": number, "page_size": 1, "total_number": len(found), "total_page": pages}, **more}
    )


def ask(transport: Transport, request: ReportRequest = REQUEST, **more: Any) -> Any:
    return report_page(transport, access_token=TOKEN, request=request, **more)


def test_strings_become_numbers_percents_become_rates_and_a_dash_is_nothing(server: Loopback, transport: Transport) -> None:
    server.answer_with(rows(ROW, total_metrics={"spend": "140.000", "clicks": "0", "campaign_name": "-"}))
    read = ask(transport, with_totals=True).value
    (row,) = read.records
    assert (dict(row.ids), row.on, row.hour, dict(row.breakdown)) == ({"campaign_id": "1800000000000000001"}, date(2026, 1, 10), None, {})
    assert row.metrics == {"campaign_name": "=1+1", "spend": Decimal("20.000"), "clicks": 69, "ctr": Decimal("0.0118"), "reach": None}
    assert str(row.metrics["spend"]) == "20.000"
    assert (read.totals["spend"], read.totals["clicks"], read.totals["campaign_name"], read.totals["reach"]) == (
        Decimal(140),
        0,
        None,
        None,
    )
    assert (read.is_truncated, read.has_more) == (False, False)
    query = server.received[0].query
    assert query["dimensions"] == ['["campaign_id","stat_time_day"]']
    assert (query["start_date"], query["end_date"], query["enable_total_metrics"]) == (["2026-01-05"], ["2026-01-11"], ["true"])


def test_a_report_that_tiktok_cut_says_so(server: Loopback, transport: Transport) -> None:
    data = b'{"code":0,"data":{"list":[],"page_info":{"page":1,"page_size":1,"total_number":0,"total_page":0}}}'
    server.answer_with(raw(http(data, headers={"X-Tt-Ads-Throttle": "only the newest 20000 ids"})))
    assert ask(transport).value.is_truncated is True


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("spend", {"metrics": {**ROW["metrics"], "spend": "much"}}),
        ("clicks", {"metrics": {**ROW["metrics"], "clicks": "1.5"}}),
        ("ctr", {"metrics": {**ROW["metrics"], "ctr": [1]}}),
        ("stat_time_day", {"dimensions": {"campaign_id": "1"}}),
        ("stat_time_day", {"dimensions": {"campaign_id": "1", "stat_time_day": "2026-02-30 00:00:00"}}),
        ("campaign_id", {"dimensions": {"campaign_id": 1.8e18, "stat_time_day": "2026-01-10"}}),
        ("metrics", {"metrics": None}),
    ],
)
def test_a_malformed_row_fails_the_page(server: Loopback, transport: Transport, part: str, changed: Any) -> None:
    server.answer_with(rows(ROW, {**ROW, **changed}))
    with pytest.raises(NotUnderstood, match=part):
        ask(transport)


def test_hours_and_audiences_are_read(server: Loopback, transport: Transport) -> None:
    hourly = ReportRequest("7", DataLevel.AD, ("ad_id", "stat_time_hour"), ("spend",), date(2026, 1, 10), date(2026, 1, 10))
    split = ReportRequest(
        "7", DataLevel.AD, ("ad_id", "gender", "age"), ("spend",), date(2026, 1, 1), date(2026, 1, 2), ReportType.AUDIENCE
    )
    server.answer_with(
        rows({"dimensions": {"ad_id": "1", "stat_time_hour": "2026-01-10 13:00:00"}, "metrics": {"spend": 2.5}}),
        rows({"dimensions": {"ad_id": "1", "gender": "FEMALE", "age": "AGE_18_24"}, "metrics": {"spend": "0"}}),
    )
    first = ask(transport, hourly).value.records[0]
    assert (first.on, first.hour, first.metrics["spend"]) == (date(2026, 1, 10), 13, Decimal("2.5"))
    assert ask(transport, split).value.records[0].breakdown == {"gender": "FEMALE", "age": "AGE_18_24"}


def test_every_page_is_asked_for_once_and_a_wrong_page_is_not_taken(server: Loopback, transport: Transport) -> None:
    server.answer_with(rows(ROW, pages=3), rows(ROW, number=2, pages=3), rows(number=3, pages=3))
    found = list(report_pages(transport, access_token=TOKEN, request=REQUEST))
    assert [len(answer.value.records) for answer in found] == [1, 1, 0]
    assert [request.query["page"] for request in server.received] == [["1"], ["2"], ["3"]]
    server.answer_with(rows(ROW, pages=3))
    with pytest.raises(NotUnderstood, match="page_info"):
        ask(transport, page=2)


def test_days_beyond_what_tiktok_answers_are_cut_into_windows_without_gap_or_overlap() -> None:
    request = ReportRequest("7", DataLevel.AD, ("ad_id", "stat_time_day"), ("spend",), date(2026, 1, 1), date(2026, 3, 1))
    assert [(one.start, one.end) for one in request.windows()] == [
        (date(2026, 1, 1), date(2026, 1, 30)),
        (date(2026, 1, 31), date(2026, 3, 1)),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"dimensions": ()},
        {"dimensions": ("campaign_id", "campaign_id")},
        {"dimensions": ("moon",)},
        {"metrics": ("moonshine",)},
        {"metrics": ()},
        {"start": None},
        {"start": date(2026, 1, 12)},
        {"start": None, "end": None},
    ],
)
def test_a_question_that_tiktok_would_refuse_is_not_put(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"report|lifetime"):
        ReportRequest(**{**vars(REQUEST), **changed})


def test_thirty_days_by_day_are_asked_and_thirty_one_are_not(server: Loopback, transport: Transport) -> None:
    server.answer_with(rows())
    ask(transport, ReportRequest(**{**vars(REQUEST), "end": date(2026, 2, 3)}))
    with pytest.raises(ValueError, match="30 days"):
        ask(transport, ReportRequest(**{**vars(REQUEST), "end": date(2026, 2, 4)}))
    assert len(server.received) == 1


def test_a_task_is_asked_for_with_stable_column_names(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"task_id": 7500000000000000123}))
    request = ReportRequest(**{**vars(REQUEST), "filters": (ReportFilter("campaign_ids", "IN", '["18"]'),)})
    assert create_report_task(transport, access_token=TOKEN, request=request).value == "7500000000000000123"
    body = server.received[0].json
    assert (body["output_format"], body["enable_report_title_translation"]) == ("CSV_STRING", False)
    assert body["filtering"] == [{"field_name": "campaign_ids", "filter_type": "IN", "filter_value": '["18"]'}]


def download(transport: Transport) -> Any:
    return download_report(transport, access_token=TOKEN, request=REQUEST, task_id="75")


def test_a_file_is_read_as_the_rows_would_be(server: Loopback, transport: Transport) -> None:
    text = "\ufeff" + CSV + '18,2026-01-10 00:00:00,"Spring, ""two""\nlines\u2028",20.000,69,1.18,-\n'
    server.answer_with(raw(http(text.encode(), headers={"Content-Type": "text/csv"})), raw(http(CSV.encode())))
    (row,) = download(transport).value
    assert row.metrics["campaign_name"] == 'Spring, "two"\nlines\u2028'
    assert (row.ids["campaign_id"], row.on, row.metrics["ctr"], row.metrics["reach"]) == ("18", date(2026, 1, 10), Decimal("0.0118"), None)
    assert download(transport).value == ()


@pytest.mark.parametrize(
    ("reply", "error_class"),
    [
        (envelope(code=40201), TryLater),
        (envelope({"download_url": "https://x"}), NotUnderstood),
        (page("<html>"), NotUnderstood),
        (raw(http(b"")), NotUnderstood),
        (raw(http(b"\xff\xfe")), NotUnderstood),
        (raw(http(b"spend\n1\n")), NotUnderstood),
        (raw(http((CSV + "18,2026-01-10 00:00:00,a,1,2\n").encode())), NotUnderstood),
        (raw(http((CSV + "18,2026-01-10 00:00:00,a,lots,2,3,4\n").encode())), NotUnderstood),
        (raw(http((CSV + '18,"2026').encode())), NotUnderstood),
        (page(CSV, status="502 Bad Gateway"), AnswerLost),
        (then_close(http(CSV.encode())[:-3]), AnswerLost),
        (then_close(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n" + CSV.encode()), AnswerLost),
    ],
)
def test_half_a_file_or_another_is_no_report(server: Loopback, transport: Transport, reply: Any, error_class: type[Exception]) -> None:
    server.answer_with(reply)
    with pytest.raises(error_class) as caught:
        download(transport)
    assert type(caught.value) is error_class
