"""Pages of the audit log: who of the staff looked, for the people concerned; searching and exporting, for the privacy team."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from agency import audit, audit_chain, clock, queries
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, requires
from agency.audit_words import SUBJECTS, page_called, verb_called
from agency.chrome import mark
from agency.forms import AuditFilterForm
from agency.models import AuditRow, Person
from agency.outlets import sheets
from agency.roles import Can, Role

PAGE = 50
MOST_EXPORTED = 20_000
_COLUMNS = (
    sheets.Column("number", "Number", "count"), sheets.Column("at", "Time", "moment"),
    *(
        sheets.Column(title.lower(), title)
        for title in ("What", "Page", "Week", "Who", "E-mail address", "Role", "Purpose", "About", "Id")
    ),
)  # fmt: skip


@require_safe
@requires(Can.VIEW_LOOKS)
def looks(request: WorkspaceRequest) -> HttpResponse:
    """Who looked at my data: name and role of the member of staff, what for, when. Nothing else about them."""
    rows, older = _page(queries.looks_of_staff(request.membership), request.GET.get("before", ""))
    people = queries.people_by_id(row.person_id for row in rows)
    # A creator learns of no week in which nothing of theirs stands.
    shows_weeks = request.membership.as_role is not Role.CREATOR
    context = {
        "looks": [
            {
                "name": _name(people, row),
                "mark": mark(_name(people, row)),
                "role_label": Role(row.role).label,
                "page": page_called(row.facts.get("kind", "")),
                "week": row.facts.get("week", "") if shows_weeks else "",
                "purpose": row.purpose,
                "at": row.at,
            }
            for row in rows
        ],
        "older_href": f"?{urlencode({'before': older})}" if older else "",
        "is_first": not request.GET.get("before"),
    }
    return render(request, "agency/looks.html", context)


@require_safe
@requires(Can.VIEW_AUDIT)
def audit_log(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's audit log. The filter stands in the address."""
    form = AuditFilterForm(request.GET, people=queries.actors(request.membership))
    rows, older = [], None
    if form.is_valid():
        rows, older = _page(queries.audit_rows(request.membership, form.wanted()), request.GET.get("before", ""))
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    context = {
        "form": form,
        "rows": list(_shown(rows)),
        "older_href": f"?{urlencode(asked | {'before': older})}" if older else "",
        "export_query": urlencode(asked),
        "is_filtered": bool(asked),
        "standing": audit_chain.standing(),
    }
    return render(request, "agency/audit.html", context, status=200 if form.is_valid() else 422)


@require_safe
@requires(Can.VIEW_AUDIT)
def audit_export(request: WorkspaceRequest) -> HttpResponse:
    """The same rows as a file. Its name says of whom and when; what went out is on record."""
    if not confirmed_lately(request):
        return ask_to_confirm(request)
    form = AuditFilterForm(request.GET, people=queries.actors(request.membership))
    if not form.is_valid():
        return render(request, "agency/audit_too_much.html", {"sentence": "The filter does not fit."}, status=422)
    rows = list(queries.audit_rows(request.membership, form.wanted())[: MOST_EXPORTED + 1])
    if len(rows) > MOST_EXPORTED:
        sentence = f"More than {MOST_EXPORTED:,} rows fit. Choose fewer days."
        return render(request, "agency/audit_too_much.html", {"sentence": sentence}, status=422)
    workspace = request.membership.workspace
    audit.record("audit.exported", workspace, by=request.membership, count=len(rows), kind="csv")
    people = queries.people_by_id(row.person_id for row in rows)
    body = b"".join(sheets.csv_stream(sheets.Sheet("Audit log", _COLUMNS, (_line(row, people) for row in rows))))
    name = f"audit-{workspace.slug}-{clock.today()}.csv"
    return HttpResponse(body, content_type=sheets.CSV_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(rows: Any, before: str) -> tuple[list[AuditRow], int | None]:
    """One page by the number of its last row, so that rows written meanwhile move nothing."""
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def _name(people: dict[Any, Person], row: AuditRow) -> str:
    if row.person_id is None:
        return "The platform"
    person = people.get(row.person_id)
    return person.name if person else "Somebody who is gone"


def _role(row: AuditRow) -> str:
    return Role(row.role).label if row.role in set(Role) else ""


def _shown(rows: list[AuditRow]) -> Iterable[dict[str, Any]]:
    people = queries.people_by_id(row.person_id for row in rows)
    for row in rows:
        what = page_called(row.facts.get("kind", "")) if row.verb == audit.READ else verb_called(row.verb)
        yield {
            "what": f"Looked at: {what}" if row.verb == audit.READ else what,
            "week": row.facts.get("week", ""),
            "name": _name(people, row),
            "role_label": _role(row),
            "purpose": row.purpose,
            "about": SUBJECTS.get(row.subject_kind, row.subject_kind),
            "subject": row.subject_id,
            "at": row.at,
        }


def _line(row: AuditRow, people: dict[Any, Person]) -> list[sheets.Cell]:
    person = people.get(row.person_id)
    page = page_called(row.facts["kind"]) if row.verb == audit.READ else ""
    return [
        row.pk, row.at, row.verb, page, row.facts.get("week", ""), _name(people, row),
        person.email if person else "", _role(row), row.purpose, row.subject_kind, row.subject_id,
    ]  # fmt: skip
