"""Asynchronous reports under /report/task/. A task keeps its question and its time; the file is computed when it is fetched."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tiktok_sandbox.answers import ADDRESS, ID, TEXT, Schema, record, word
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NOT_FOUND, TASK_FAILED, TASK_NOT_READY, TOO_WIDE, ApiError, Document
from tiktok_sandbox.families.report import SHARED, asked_advertisers, table_for, written
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Flag, Id, Text
from tiktok_sandbox.reporting import query as asking
from tiktok_sandbox.reporting.metrics import UNIQUE
from tiktok_sandbox.reporting.query import ID_FILTERS, Query
from tiktok_sandbox.reporting.writing import shown_metrics
from tiktok_sandbox.scopes import REPORTING
from tiktok_sandbox.world.chance import draw

QUEUED, PROCESSED = 4, 12  # seconds after which a task is being worked on, and is done
LIFE = 30 * 86_400
ADDRESS_LIFE = 3_600
MOST_TASKS = 10_000
AT_ONCE = 2_000
PREFIX = "/__sandbox__/reports/"
CSV, XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = ("CSV_STRING", "CSV_DOWNLOAD", "XLSX_DOWNLOAD")
FORBIDDEN = re.compile(r"[/\t\b@#$%^&*()\[\]]")
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FILTERED_BY = frozenset((*ID_FILTERS, "country_code", "campaign_status", "adgroup_status", "ad_status"))
TITLES = {"stat_time_day": "By Day", "stat_time_hour": "By Hour", "spend": "Cost", "ctr": "CTR (%)", "cpc": "CPC", "cpm": "CPM"}
COUNTRIES = {"US": "United States", "CA": "Canada", "DE": "Germany", "AT": "Austria", "JP": "Japan", "TW": "Taiwan", "KR": "South Korea"}
COUNTRIES |= {"NZ": "New Zealand", "AU": "Australia", "IN": "India", "LK": "Sri Lanka", "GB": "United Kingdom", "IE": "Ireland"}


@dataclass(slots=True)
class Task:
    id: str
    token: str
    advertiser: str
    query: Query
    made_at: float
    output: str
    name: str
    is_translated: bool
    is_canceled: bool = False

    def status_at(self, moment: float) -> str:
        if self.is_canceled:
            return "CANCELED"
        age = moment - self.made_at
        return "QUEUING" if age < QUEUED else "PROCESSING" if age < PROCESSED else "SUCCESS"


def create(call: Call) -> dict[str, str]:
    values = call.values
    if values["report_type"] == "PLAYABLE_MATERIAL":
        raise bad("report_type: PLAYABLE_MATERIAL is not supported by asynchronous reports.")
    if FORBIDDEN.search(values["file_name"]):
        raise bad("file_name: it has a character that is not allowed.")
    query = asking.read(values, asked_advertisers(call), has_span_limit=False)
    for one in query.filters:
        if one.field not in FILTERED_BY:
            raise bad(f"filtering: {one.field} is not supported by asynchronous reports.")
    if query.breakdowns and (unfit := next((name for name in query.metrics if name in UNIQUE), None)):
        raise bad(f"metrics: {unfit} cannot be used together with audience dimensions.")
    tasks = call.desk.world.ads.tasks
    for known in [known for known, task in tasks.items() if not 0 <= call.moment - task.made_at <= LIFE]:
        del tasks[known]
    if len(tasks) >= MOST_TASKS:
        tasks.pop(next(iter(tasks)))
    number = str((7_500_000_000 << 29) + (call.now << 12) % 10**15 + draw("task", call.moment, len(tasks)) % 4096)
    while number in tasks:
        number = str(int(number) + 1)
    owner = query.advertisers[0] if query.advertisers else ""
    name = values["file_name"].strip() or f"report_{number}"
    tasks[number] = Task(
        number, call.person.token, owner, query, call.moment, values["output_format"], name, values["enable_report_title_translation"]
    )
    return {"task_id": number}


def check(call: Call) -> dict[str, str]:
    return {"status": _task(call).status_at(call.moment), "message": ""}


def cancel(call: Call) -> dict[str, str]:
    task = _task(call)
    if task.status_at(call.moment) in {"QUEUING", "PROCESSING"}:
        task.is_canceled = True
    return {"status": task.status_at(call.moment)}


def download(call: Call) -> Document | dict[str, str]:
    task = _task(call)
    status = task.status_at(call.moment)
    if status == "CANCELED":
        raise ApiError(TASK_FAILED, "The task was canceled.")
    if status != "SUCCESS":
        raise ApiError(TASK_NOT_READY, "The task is not ready yet.")
    if task.output == "CSV_STRING":
        return Document(csv_of(call, task), CSV)
    end = "xlsx" if task.output == "XLSX_DOWNLOAD" else "csv"
    expires = call.now + ADDRESS_LIFE
    sign = call.desk.world.signature(f"report/{task.id}/{expires}")
    address = f"{call.base}{PREFIX}{task.id}.{end}?x-expires={expires}&x-signature={sign}"
    return {"download_url": address, "file_name": f"{task.name}.{end}", "output_format": task.output}


def serve(path: str, query: dict[str, str], call: Call) -> Document | None:
    """The file behind an address that `download` gave; None when it has expired or was never given."""
    number, _, end = path.removeprefix(PREFIX).partition(".")
    expires, world = query.get("x-expires", ""), call.desk.world
    task = world.ads.tasks.get(number)
    if task is None or not (expires.isascii() and expires.isdecimal()) or len(expires) > 12 or int(expires) < call.now:
        return None
    if query.get("x-signature") != world.signature(f"report/{number}/{expires}"):
        return None
    if end == "csv":
        return Document(csv_of(call, task), CSV)
    return Document(xlsx_of(call, task), XLSX)


def _task(call: Call) -> Task:
    task: Task | None = call.desk.world.ads.tasks.get(call.values["task_id"])
    if task is None or not 0 <= call.moment - task.made_at <= LIFE:
        raise ApiError(NOT_FOUND, "The task does not exist.")
    if task.token != call.person.token or task.advertiser != call.values["advertiser_id"]:
        raise ApiError(NOT_FOUND, "The task does not exist.")
    return task


def _lines(call: Call, task: Task) -> Iterator[list[str]]:
    """The whole report line by line, as things stood when the task was made."""
    query, then = task.query, Call(call.desk, {}, task.made_at, call.base)
    names = [*query.dimensions, *(name for name in shown_metrics(query) if name not in query.dimensions)]
    yield [TITLES.get(name, name.replace("_", " ").title().replace(" Id", " ID")) for name in names] if task.is_translated else names
    table, _ = table_for(then, query)
    for offset in range(0, 0 if table is None else table.total, AT_ONCE):
        for row in written(query, table, offset, AT_ONCE, int(task.made_at)):
            parts = json.loads(row)
            values = {**parts["metrics"], **parts["dimensions"]}
            if "country_code" in values:  # TikTok gives the name here, although the code is asked for
                values["country_code"] = COUNTRIES.get(values["country_code"], values["country_code"])
            yield [values[name] for name in names]


def csv_of(call: Call, task: Task) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_lines(call, task))
    return text.getvalue().encode()


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(NOT_IN_XML.sub("", text))}</t></is></c>'


def xlsx_of(call: Call, task: Task) -> bytes:
    """The smallest workbook that spreadsheet programs open: one sheet, every cell as text."""
    rows = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in _lines(call, task))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="Report" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in files.items():
            book.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}')
    return body.getvalue()


TASK = (Param("advertiser_id", Id(), required=True), Param("task_id", Id(), required=True))


STATUS = word("QUEUING", "PROCESSING", "SUCCESS", "CANCELED")


def _endpoint(
    name: str,
    method: str,
    handler: Any,
    params: tuple[Param, ...],
    *,
    gives: Schema,
    limit: Limit = Limit.MARKETING,
    file: str | None = None,
    refuses: tuple[int, ...] = (NOT_FOUND,),
) -> Endpoint:
    return Endpoint(
        f"/report/task/{name}/",
        method,
        handler,
        params,
        needs_token=True,
        limit=limit,
        evidence="T",
        flow=Flow.ADVERTISER,
        permission=REPORTING,
        gives=gives,
        file=file,
        refuses=refuses,
    )


ENDPOINTS = (
    _endpoint(
        "create",
        "POST",
        create,
        (
            *SHARED,
            Param("output_format", Choice(FORMATS), default="CSV_STRING"),
            Param("file_name", Text(most=255), default=""),
            Param("enable_report_title_translation", Flag(), default=True),
        ),
        limit=Limit.REPORT_TASKS,
        gives=record({"task_id": ID}),
        refuses=(),
    ),
    _endpoint("check", "GET", check, TASK, gives=record({"status": STATUS, "message": TEXT})),
    _endpoint(
        "download",
        "GET",
        download,
        TASK,
        gives=record({"download_url": ADDRESS, "file_name": TEXT, "output_format": word(*FORMATS)}),
        file=CSV,
        refuses=(NOT_FOUND, TASK_FAILED, TASK_NOT_READY, TOO_WIDE),
    ),
    _endpoint("cancel", "POST", cancel, TASK, gives=record({"status": STATUS})),
)
