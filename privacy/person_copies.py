"""A person's copy of what is held about them: made by a job, sealed in the database, told by mail, destroyed after a day.

It belongs to no workspace and is claimed by its own row: of two workers one puts it together, and if that one dies another begins anew.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string

from agency import audit, clock
from agency.keyring import data_key, keyring
from agency.models import Membership, Person
from agency.sealing import seal, unseal
from privacy import copies, zipped
from privacy.models import PersonCopy, PersonCopyPart
from privacy.person_rows import Part, parts_of, reports_of, told_to
from privacy.register import REGISTER
from reports.models import WeeklyReport

LEASE = timedelta(minutes=15)
State = PersonCopy.State


def living(person: Person) -> PersonCopy | None:
    """The copy that is being made, or that can be had."""
    return PersonCopy.objects.filter(person=person).exclude(state=State.EXPIRED).first()


def last(person: Person) -> PersonCopy | None:
    """The newest, expired or not."""
    return PersonCopy.objects.filter(person=person).order_by("-asked_at").first()


def ask(person: Person, *, by: Membership | None) -> PersonCopy:
    """Have one made. One that is being made, or is ready, is not made again. `by` is where they stand, for the audit log of that place."""
    known = living(person)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            made = PersonCopy.objects.create(person=person, asked_at=clock.now())
            if by is not None:
                audit.record("person_copy.asked", person, by=by)
    except IntegrityError:  # asked twice at once
        return PersonCopy.objects.filter(person=person).exclude(state=State.EXPIRED).get()
    return made


def claim_due() -> list[PersonCopy]:
    """Copies that are to be made and that nobody makes, each claimed."""
    now = clock.now()
    free = PersonCopy.objects.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), state=State.WAITING)
    found = []
    for pk in list(free.order_by("asked_at").values_list("pk", flat=True)[:5]):
        if free.filter(pk=pk).update(claimed_until=now + LEASE):
            found.append(PersonCopy.objects.select_related("person").get(pk=pk))
    return found


def make(copy: PersonCopy) -> None:
    """Put it together, from the start. Outside transactions."""
    PersonCopyPart.objects.filter(copy=copy).delete()
    key = data_key(copy.key_ref, create=True)
    sink = zipped.Pieces(
        lambda number, piece: PersonCopyPart.objects.create(copy=copy, number=number, sealed=seal(key, piece, copies.binding(copy, number)))
    )
    parts, counts = list(parts_of(copy.person)), {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        for part in parts:
            counts[part.name] = zipped.write_table(file, part.name, part.fields, part.rows, told_to(copy.person, part))
        if told := reports_of(copy.person):
            counts["weekly_reports"] = len(told)
            file.writestr("json/weekly_reports.json", json.dumps(told, indent=1, ensure_ascii=False))
        file.writestr("schema.json", json.dumps(_schema(parts, has_reports="weekly_reports" in counts), indent=1))
        file.writestr("index.html", _index(copy.person, parts, counts))
    sink.close()
    ready = copies.when_ready(copy, rows_count=sum(counts.values()), bytes_count=sink.size)
    PersonCopy.objects.filter(pk=copy.pk, state=State.WAITING).update(**ready)


def read(copy: PersonCopy) -> Iterator[bytes]:
    """The file, piece by piece. Raises KeyDestroyed once it has expired."""
    key = data_key(copy.key_ref)
    for number in range(PersonCopyPart.objects.filter(copy=copy).count()):
        part = PersonCopyPart.objects.get(copy=copy, number=number)
        yield unseal(key, bytes(part.sealed), copies.binding(copy, number))


def expire_due() -> int:
    """Copies whose day is over: the key first, then the rows."""
    over = list(PersonCopy.objects.filter(state=State.READY, expires_at__lte=clock.now())[:50])
    for copy in over:
        keyring().destroy(copy.key_ref)
        PersonCopyPart.objects.filter(copy=copy).delete()
        PersonCopy.objects.filter(pk=copy.pk).update(state=State.EXPIRED)
    return len(over)


def _schema(parts: list[Part], *, has_reports: bool) -> dict[str, Any]:
    tables = {}
    for part in parts:
        entry = REGISTER[part.rows.model._meta.label]
        tables[part.name] = {
            "files": [f"json/{part.name}.json", f"csv/{part.name}.csv"],
            "purpose": entry.purpose,
            "kept": entry.kept,
            "goes": entry.goes,
            "whole": not part.name.endswith("_acts"),
            "columns": {f.attname: {"type": f.get_internal_type(), "means": str(f.help_text)} for f in part.fields},
        }
    entry = REGISTER[WeeklyReport._meta.label]
    reports = {"files": ["json/weekly_reports.json"], "purpose": entry.purpose, "kept": entry.kept, "goes": entry.goes, "whole": False}
    tables |= {"weekly_reports": reports} if has_reports else {}
    return {"form": "person-copy/1", "times": "UTC, ISO 8601", "tables": tables}


def _index(person: Person, parts: list[Part], counts: dict[str, int]) -> str:
    rows = [
        {
            "name": part.name,
            "what": REGISTER[part.rows.model._meta.label].purpose,
            "is_act": part.name.endswith("_acts"),
            "count": counts[part.name],
        }
        for part in parts
    ]
    if "weekly_reports" in counts:
        what = "What weekly reports said about their accounts and about them"
        rows.append({"name": "weekly_reports", "what": what, "is_act": False, "has_no_csv": True, "count": counts["weekly_reports"]})
    return render_to_string("privacy/person_copy_index.html", {"person": person, "made_at": clock.now(), "rows": rows})
