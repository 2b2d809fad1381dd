"""Hostile texts in every field that comes from outside, through every outlet: never run, never broken, and still readable.

A page must have the same tags and attributes whatever the texts are. `make test` tries each text somewhere, CHAOS=long everywhere.
New texts go into hostile.py, a new field into FIELDS, a new outlet into OUTLETS; a new page is taken from the web matrix.
"""

import csv
import io
import json
import logging
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core import mail as outbox
from django.db import transaction
from django.test import override_settings
from django.utils.html import escape
from pypdf import PdfReader

from agency import clock, logs, scope
from agency.models import Invitation, Membership, Person, Workspace
from agency.outlets import mail, pdf, sheets
from integrations.actions import name_account, printable
from integrations.models import AdAccount, Connection
from tests.agency import matrix
from tests.agency.hostile import TEXTS, UNSTORABLE
from tests.agency.test_web_matrix import TABLE
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
ROUNDS = len(TEXTS) if os.environ.get("CHAOS") == "long" else 3
PLAIN = "plainword"
ADDRESSES = {"href", "src", "action", "formaction", "data"}

# What others write and we show: field -> how it is put where it is kept, in the open scope.
FIELDS: dict[str, Callable[[matrix.World, str], Any]] = {
    "name of the workspace": lambda world, text: Workspace.objects.filter(pk=world.brass.workspace.pk).update(name=text[:120]),
    "name of a person": lambda world, text: Person.objects.filter(email__contains="canary-member-brass").update(name=text[:120]),
    "name of the reader": lambda world, text: Person.objects.filter(email="admin@brass.example").update(name=text[:120]),
    "purpose of a grant": lambda world, text: Membership.objects.exclude(purpose="").update(purpose=text[:200]),
    "purpose of an invitation": lambda world, text: Invitation.objects.update(purpose=text[:200]),
    "handle of an account": lambda world, text: Connection.objects.filter(pk=world.brass.refs["connection"]).update(handle=text[:120]),
    "name of an account": lambda world, text: Connection.objects.update(display_name=text[:200]),
    "reason of a failure": lambda world, text: Connection.objects.update(broken_reason=text[:200]),
    "name of an ad account": lambda world, text: AdAccount.objects.update(name=text[:200]),
}


class Skeleton(HTMLParser):
    """Tags and attribute names in their order, and whatever could be run."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.addresses: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.addresses += [(value or "").strip().lower() for name, value in attrs if name in ADDRESSES]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag, ()))


def skeleton(page: str) -> Counter[tuple[str, tuple[str, ...]]]:
    """What must not depend on anybody's text; its order may, for lists are sorted by names. Drawings vary with figures and are left out."""
    found = Skeleton(re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    assert not [a for a in found.addresses if re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data):", a)], found.addresses
    return Counter(found.tags)


READERS = ("admin", "platform", "privacy", "outsider")


EVERYTHING = [(name, reader) for name in TABLE for reader in READERS]


def pages(world: matrix.World, texts: dict[str, str], wanted: Collection[tuple[str, str]] = EVERYTHING) -> dict[tuple[str, str], str]:
    """Of these, every page that its reader may open, with these texts in their places; nothing of it stays."""
    shown = {}
    with transaction.atomic():
        with scope.inside(world.brass.workspace.pk):
            for field, text in texts.items():
                FIELDS[field](world, text)
        for name, reader in wanted:
            answer = matrix.ask(world, reader, "GET", *matrix.fill(world, TABLE[name].path, {}, reader, "own"))
            assert answer.status_code < 500, (name, reader, texts)
            if answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
                shown[name, reader] = answer.content.decode()
        transaction.set_rollback(True)
    return shown


def test_no_page_changes_its_make_up_whatever_people_are_called(cast: Cast) -> None:
    world = matrix.build(cast)
    plain = {key: skeleton(page) for key, page in pages(world, dict.fromkeys(FIELDS, PLAIN)).items()}
    assert len(plain) > 20
    seen = set()
    usable = [text for text in TEXTS if len(printable(text, 999).strip()) > 0]
    step = max(1, len(usable) // ROUNDS)
    for round_ in range(ROUNDS):
        texts = {field: usable[(round_ * step + n * 17) % len(usable)] for n, field in enumerate(FIELDS)}
        shown = pages(world, texts, plain)
        assert shown.keys() == plain.keys(), texts
        for key, page in shown.items():
            assert skeleton(page) == plain[key], (key, texts)
            seen |= {text for text in texts.values() if escape(text) in page}
    assert len(seen) >= min(ROUNDS * len(FIELDS), len(usable)) // 3, "the texts are on the pages"


# --- outlets: each takes all texts at once and says what is wrong ------------------------------------------------------


def through_csv() -> None:
    sheet = sheets.Sheet("x", (sheets.Column("a", "A"), sheets.Column("n", "N", "count")), [(text, 7) for text in TEXTS])
    rows = list(csv.reader(io.StringIO(b"".join(sheets.csv_stream(sheet)).decode("utf-8-sig"), newline="")))[1:]
    assert len(rows) == len(TEXTS)
    for text, (cell, number) in zip(TEXTS, rows, strict=True):
        assert number == "7"
        assert cell in {text, f"'{text}"}, text
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d")), text


def through_xlsx() -> None:
    storable = [text for text in TEXTS if not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)]
    sheet = sheets.Sheet("=x[]:*?/\\", (sheets.Column("a", "A"),), [(text,) for text in TEXTS])
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheets.xlsx_stream([sheet], made_at=clock.now()))))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert len(cells) >= len(TEXTS)
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}, "text is text, never a formula"
    values = {str(cell.value).replace("_x000D_", "\r").replace("\r\n", "\n").replace("\r", "\n") for cell in cells}
    missing = [t for t in storable if t.replace("\r\n", "\n").replace("\r", "\n") not in values and t.strip() == t]
    assert missing == []


def through_log() -> None:
    formatter = logs.JsonFormatter()
    for text in TEXTS + UNSTORABLE:
        record = logging.LogRecord("x", logging.INFO, "x.py", 1, "said %s", (text,), None)
        record.facts = {"name": text, text: "as a key"}
        line = formatter.format(record)
        assert "\n" not in line, text
        assert "\r" not in line, text
        assert not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e]", line), text
        told = json.loads(line)
        assert told["level"] == "info", text
        assert told["logger"] == "x", text


def through_mail() -> None:
    """The words of others stand in subject and body; the envelope is ours."""
    plain = skeleton(_letter(PLAIN).html)
    for text in TEXTS:
        letter = _letter(text)
        assert skeleton(letter.html) == plain, text
        outbox.outbox.clear()
        mail.send(letter)
        (sent,) = outbox.outbox
        parsed = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        assert parsed["To"] == "somebody@example.org", text
        assert parsed["Bcc"] is None, text
        assert len(parsed.get_all("Subject")) == 1, text
        assert [part.get_content_type() for part in parsed.walk()][-2:] == ["text/plain", "text/html"], text


def _letter(text: str) -> mail.Message:
    return mail.compose(
        "invitation",
        to="somebody@example.org",
        context={
            "workspace_name": text,
            "inviter": text,
            "role_label": "Client viewer",
            "open_url": "https://app.example/invitations/x",
            "expires_at": datetime(2026, 6, 1, tzinfo=UTC),
        },
    )


def through_pdf() -> None:
    """All in one file, in a template of the test's own beside the real house."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "templates" / "pdf"
        folder.mkdir(parents=True)
        (folder / "house.typ").write_text((settings.BASE_DIR / "templates" / "pdf" / "house.typ").read_text())
        (folder / "list.typ").write_text(
            '#import "house.typ": *\n#show: sheet.with(title: given.title, owner: given.title)\n'
            '#records(((head: "Text"), (head: "Number", figure: true)), given.rows)\n'
        )
        rows = [[text, f"row{n}"] for n, text in enumerate(TEXTS)]
        with override_settings(BASE_DIR=Path(place)):
            made = pdf.render("list", {"title": "<b>#set x</b>", "rows": rows}, made_at=clock.now())
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    assert [n for n in range(len(TEXTS)) if f"row{n}" not in text] == []
    assert "#read(" in text
    assert "{{ 7*7 }}" in text


OUTLETS = {"csv": through_csv, "xlsx": through_xlsx, "log": through_log, "mail": through_mail, "pdf": through_pdf}


@pytest.mark.parametrize("outlet", OUTLETS)
def test_every_text_passes_through_unharmed(outlet: str) -> None:
    OUTLETS[outlet]()


def test_there_are_a_hundred_and_fifty() -> None:
    assert len(TEXTS) >= 150


@pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
def test_what_cannot_be_kept_is_refused_in_words_or_left_out(cast: Cast, text: str) -> None:
    client = sign_in(cast.admin)
    sent = text.encode("utf-8", "surrogatepass")
    for path, field in (("/settings/account", b"name"), ("/settings/people", b"email"), ("/sign-in", b"login")):
        body = field + b"=" + b"".join(b"%%%02X" % byte for byte in sent) + b"&theme=system&role=creator"
        answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, path
    with scope.inside(cast.brass.pk):
        connection = Connection.objects.create(
            workspace=cast.brass, tiktok_open_id="x", state=Connection.State.LIVE, state_since=clock.now(), scopes_asked=[],
            scopes_granted=[], connected_at=clock.now(), connected_by=cast.admin.person,
        )  # fmt: skip
        name_account(connection, handle=text, display_name=text)
        connection.refresh_from_db()
        assert text not in connection.handle
