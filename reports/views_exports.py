"""Pages of exports: the file at once, or asking for a long one; the files of the last day, their progress and their download."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import audit, exports, jobs, scope
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, get_visible, networked, requires
from agency.exports import FORMS, Export, Form, NotPossible, Table
from agency.outlets import figures
from agency.roles import Can
from reports import export_files, queries
from reports.exports import AT_ONCE, EXPORTS
from reports.models import ExportFile


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.EXPORT)
def export(request: WorkspaceRequest, name: str) -> HttpResponse:
    """A page's table as a file. A short one leaves at once; a long one is offered with its size and asked for with a button."""
    found = _found(request, name)
    if found.about_people and not confirmed_lately(request):
        return ask_to_confirm(request)
    asked = request.GET.dict()
    form: Form = "xlsx" if asked.get("as") == "xlsx" else "csv"
    try:
        table = found.table(request.membership, asked)
        if request.method == "POST":
            export_files.ask(name, form, asked, table, by=request.membership)
            jobs.nudge("export")
            return redirect("exports")
    except NotPossible as error:
        return render(request, "reports/export.html", {"sentence": str(error), "back": reverse(found.back)}, status=422)
    if table.count > AT_ONCE:
        return render(request, "reports/export.html", _offer(table, form, found))
    if request.method == "HEAD":  # nothing leaves
        return HttpResponse(content_type=FORMS[form][1])
    audit.record("export.made", request.membership.workspace, by=request.membership, kind=name, count=table.count)
    return exports.stream(table, form, to=request.membership)


def _found(request: WorkspaceRequest, name: str) -> Export:
    found = EXPORTS.get(name)
    if found is None:
        raise Http404("No such export.")
    if not request.membership.as_role.can(found.needs):
        raise PermissionDenied(found.needs.name)
    return found


def _offer(table: Table, form: Form, found: Export) -> dict[str, Any]:
    return {"what": table.what, "title": table.title, "form": FORMS[form][0], "back": reverse(found.back)}


@require_safe
@requires(Can.EXPORT)
def export_list(request: WorkspaceRequest) -> HttpResponse:
    """The files that this person asked for."""
    return render(request, "reports/exports.html", _files(request))


@require_safe
@requires(Can.EXPORT)
def export_progress(request: WorkspaceRequest) -> HttpResponse:
    """The same list alone, for the page that polls it."""
    return render(request, "reports/_exports.html", _files(request))


def _files(request: WorkspaceRequest) -> dict[str, Any]:
    rows = [
        {
            "id": file.pk,
            "title": file.title,
            "form": FORMS[file.form][0],
            "state": file.state,
            "done": (done := export_files.progress(file)),
            "total": max(file.row_count, done, 1),
            "rows": figures.count(file.row_count),
            "size": _size(file.byte_count),
            "sentence": file.sentence,
            "asked_at": file.asked_at,
            "expires_at": file.expires_at,
        }
        for file in queries.export_files(request.membership)
    ]
    return {"files": rows, "is_busy": any(row["state"] == ExportFile.State.WAITING for row in rows)}


def _size(byte_count: int) -> str:
    return f"{byte_count / 1_000_000:.1f} MB" if byte_count >= 100_000 else f"{max(1, round(byte_count / 1000))} KB"


@require_safe
@requires(Can.EXPORT)
def export_file(request: WorkspaceRequest, export_id: UUID) -> HttpResponse:
    """The content of a file that is ready."""
    file = get_visible(request, ExportFile, export_id)
    if not request.membership.as_role.can(EXPORTS[file.name].needs):
        raise PermissionDenied(EXPORTS[file.name].needs.name)
    if EXPORTS[file.name].about_people and not confirmed_lately(request):
        return ask_to_confirm(request)
    if file.state != ExportFile.State.DONE:
        return redirect("exports")
    if request.method == "HEAD":
        return HttpResponse(content_type=FORMS[file.form][1])
    audit.record("export.downloaded", file, by=request.membership, kind=file.name, count=file.row_count)
    answer = exports.answer(export_files.content(file, to=request.membership), file.file_name, file.form)
    answer.headers["Content-Length"] = str(file.byte_count)
    return answer


@require_POST
@networked  # the key service is told first
@requires(Can.EXPORT)
def delete_export(request: WorkspaceRequest, export_id: UUID) -> HttpResponse:
    """Delete a file before its day is over."""
    with scope.inside(request.membership.workspace_id, person_id=request.user.pk):
        file = get_visible(request, ExportFile, export_id)
    export_files.forget(file, by=request.membership)
    return redirect("exports")
