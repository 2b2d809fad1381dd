"""Asynchronous reports: from question to file, and what a task refuses."""

import csv
import io
import zipfile

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import Driver

NAMES = ["ad_id", "stat_time_day", "spend", "impressions", "campaign_name"]


@pytest.fixture
def own(sandbox: Driver) -> Desk:
    sandbox.control("limits", {"enabled": False})
    return desk(sandbox, "moontideco2")


def question(own: Desk, **changes: object) -> dict[str, object]:
    sample = own.driver.control("clock")["sample_week"]
    return {
        "advertiser_id": own.first,
        "report_type": "BASIC",
        "data_level": "AUCTION_AD",
        "dimensions": NAMES[:2],
        "metrics": NAMES[2:],
        "start_date": sample["first"],
        "end_date": sample["last"],
        "enable_report_title_translation": False,
        **changes,
    }


def task(own: Desk, **changes: object) -> dict[str, str]:
    made = own.write("/report/task/create/", **question(own, **changes))
    return {"advertiser_id": own.first, "task_id": made["task_id"]}


def wait(own: Desk) -> None:
    own.driver.control("clock", {"seconds": 20})


def lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_a_task_is_queued_then_processed_then_there(own: Desk) -> None:
    made = task(own)
    seen = []
    for _ in range(3):
        seen.append(own.read("/report/task/check/", **made)["status"])
        own.driver.control("clock", {"seconds": 6})
    assert seen == ["QUEUING", "PROCESSING", "SUCCESS"]


def test_the_file_is_bare_text_with_the_rows_of_the_synchronous_report(own: Desk) -> None:
    made = task(own)
    assert own.get("/report/task/download/", **made)["code"] == 40201
    wait(own)
    answer = own.ask("/report/task/download/", **made)
    assert answer.headers["content-type"].startswith("text/csv") and not answer.text.startswith("{")
    head, *rows = lines(answer.text)
    asked = question(own)
    del asked["enable_report_title_translation"]
    expected = own.report(**asked)
    assert head == NAMES and len(rows) == len(expected) > 10
    assert rows == [[{**row["metrics"], **row["dimensions"]}[name] for name in NAMES] for row in expected]


def test_titles_are_translated_unless_refused(own: Desk) -> None:
    made = task(own, enable_report_title_translation=True)
    wait(own)
    assert lines(own.ask("/report/task/download/", **made).text)[0] == ["Ad ID", "By Day", "Cost", "Impressions", "Campaign Name"]


@pytest.mark.parametrize(("output", "end"), [("CSV_DOWNLOAD", "csv"), ("XLSX_DOWNLOAD", "xlsx")])
def test_a_download_has_an_address_that_lives_an_hour(own: Desk, output: str, end: str) -> None:
    made = task(own, output_format=output, file_name="weekly")
    wait(own)
    data = own.read("/report/task/download/", **made)
    assert data["file_name"] == f"weekly.{end}" and data["output_format"] == output
    file = own.driver.http.get(data["download_url"])
    if end == "csv":
        assert lines(file.text)[0] == NAMES
    else:
        sheet = zipfile.ZipFile(io.BytesIO(file.content)).read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row>") == 1 + len(own.report(**{k: v for k, v in question(own).items() if k[:6] != "enable"}))
        assert "<script>" not in sheet
    own.driver.control("clock", {"seconds": 3601})
    assert own.driver.http.get(data["download_url"]).status_code == 403
    assert own.driver.http.get(own.read("/report/task/download/", **made)["download_url"]).status_code == 200
    assert own.driver.http.get(data["download_url"].replace("signature=", "signature=0")).status_code == 403


def test_a_country_comes_as_a_name_and_no_span_is_too_long(own: Desk) -> None:
    made = task(
        own,
        report_type="AUDIENCE",
        dimensions=["ad_id", "country_code"],
        metrics=["impressions"],
        start_date="2020-01-01",
        end_date="2029-01-01",
    )
    wait(own)
    _, *rows = lines(own.ask("/report/task/download/", **made).text)
    assert {row[1] for row in rows} == {"Germany", "Austria"}


def test_a_task_can_be_canceled_until_it_is_done(own: Desk) -> None:
    early, late = task(own), task(own)
    assert own.write("/report/task/cancel/", **early)["status"] == "CANCELED"
    wait(own)
    assert own.write("/report/task/cancel/", **late)["status"] == "SUCCESS"
    assert own.read("/report/task/check/", **early)["status"] == "CANCELED"
    assert own.get("/report/task/download/", **early)["code"] == 40200


def test_a_task_belongs_to_its_token_and_lives_thirty_days(sandbox: Driver, own: Desk) -> None:
    made = task(own)
    wait(own)
    assert desk(sandbox, "moontideco2").get("/report/task/check/", **made)["code"] == 40007
    assert own.get("/report/task/check/", **{**made, "task_id": "7"})["code"] == 40007
    sandbox.control("clock", {"seconds": 31 * 86_400})
    assert own.get("/report/task/check/", **made)["code"] == 40007


@pytest.mark.parametrize(
    "changes",
    [
        {"report_type": "PLAYABLE_MATERIAL"},
        {"file_name": "a/b"},
        {"file_name": "x" * 256},
        {"output_format": "PDF"},
        {"filtering": [{"field_name": "spend", "filter_type": "GREATER_THAN", "filter_value": "1"}]},
        {"report_type": "AUDIENCE", "dimensions": ["ad_id", "gender"], "metrics": ["reach"]},
        {"advertiser_id": None},
    ],
)
def test_a_wrong_question_is_refused(own: Desk, changes: dict[str, object]) -> None:
    assert own.post("/report/task/create/", **question(own, **changes))["code"] == 40002
