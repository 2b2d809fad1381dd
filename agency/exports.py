"""What an export is. Every page that lets its table leave as a file describes it here, in the same way; reports/exports.py lists them all.

To give a page an export, write in the app that owns the figures one function that makes a `Table` for a member and a query string, and one
`Export` that names it, and add a line to reports/exports.py. The page then links to `link(name, query)`. Whether the file leaves at once
or is made in the background, who may have it, what the audit log says, progress, download and deletion are the same for all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode

from agency import clock, scope
from agency.models import Membership
from agency.outlets import sheets
from agency.outlets.sheets import Cell, Column, Definition, Sheet
from agency.roles import Can

Form = Literal["csv", "xlsx"]
Asked = Mapping[str, str]
FORMS: dict[Form, tuple[str, str]] = {"csv": ("CSV", sheets.CSV_TYPE), "xlsx": ("XLSX", sheets.XLSX_TYPE)}


class NotPossible(Exception):
    """This cannot be exported as it was asked for. `str()` says why and what to do."""


@dataclass(frozen=True)
class Table:
    """What one export holds, for one member.

    `count` is how many rows there are, cheaply counted. `rows` reads them in the scope that is open when it is called, in an order that
    does not change, and is gone through once: a generator over a query set's `iterator()` keeps the memory flat.
    """

    title: str  # "Campaigns of Brass Studio, May 18 – 24": for people, and for the sheet
    stem: str  # "campaigns-brass-studio-2026-05-18": the file's name without its ending
    noun: tuple[str, str]  # one row and many: ("campaign", "campaigns")
    count: int
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Sequence[Cell]]]
    definitions: tuple[Definition, ...] = ()

    @property
    def what(self) -> str:
        """11 posts."""
        return f"{self.count:,} {self.noun[0] if self.count == 1 else self.noun[1]}"


@dataclass(frozen=True)
class Export:
    """A kind of export: who may have it, how its table is made, and the page it belongs to.

    `table` takes the member and the page's query string; it raises `NotPossible`, or Http404 for what is not this member's.
    """

    needs: Can
    table: Callable[[Membership, Asked], Table]
    back: str  # the name of the page's address
    about_people: bool = False  # asks again who it is


def link(name: str, query: Asked, form: Form = "csv") -> str:
    """Where a page's Export leads: the same question, as a file."""
    asked = {key: value for key, value in query.items() if value and key not in {"as", "workspace"}}
    return f"{reverse('export', args=[name])}?{urlencode(asked | {'as': form})}"


def menu(membership: Membership, query: Asked, *items: tuple[str, str]) -> list[dict[str, str]]:
    """What templates/components/export_menu.html shows: each export by its name and what leaves with it ("11 posts"), in every form.
    Nothing for those who may not export."""
    if not membership.as_role.can(Can.EXPORT):
        return []
    return [{"label": f"{what} ({label})", "href": link(name, query, form)} for name, what in items for form, (label, _) in FORMS.items()]


def file_name(table: Table, form: Form) -> str:
    """Of plain characters only: it goes into a header and onto disks."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in table.stem).strip("-.")
    return f"{plain[:120] or 'export'}.{form}"


def pieces(table: Table, form: Form) -> Iterator[bytes]:
    """The file, piece by piece. Reads in the open scope."""
    sheet = Sheet(table.title, table.columns, table.rows())
    if form == "csv":
        return sheets.csv_stream(sheet)
    return sheets.xlsx_stream([sheet], table.definitions, made_at=clock.now())


def stream(table: Table, form: Form, *, to: Membership) -> StreamingHttpResponse:
    """The file as an answer whose rows are read while it is sent.

    By then the request's transaction has ended, and with it the scope, so the sending opens one of its own.
    """

    def sent() -> Iterator[bytes]:
        with scope.inside(to.workspace_id, person_id=to.person_id):
            yield from pieces(table, form)

    return answer(sent(), file_name(table, form), form)


def answer(content: Iterator[bytes], name: str, form: Form) -> StreamingHttpResponse:
    """A download."""
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(content, content_type=FORMS[form][1], headers=headers)
