"""How copies of data are written: a ZIP in pieces, sealed before they are kept; tables as JSON for programs and CSV for spreadsheets."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from agency.outlets import sheets

PIECE_BYTES = 1_000_000
_AT_ONCE = 2000


class Pieces(io.RawIOBase):
    """Takes bytes and hands them on in pieces, numbered from 0. A ZIP written into it is never whole in memory or on a disk."""

    def __init__(self, keep: Callable[[int, bytes], None]) -> None:
        self._hand_on, self._held, self._number, self.size = keep, bytearray(), 0, 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self.size += len(data)
        while len(self._held) >= PIECE_BYTES:
            self._keep(PIECE_BYTES)
        return len(data)

    def close(self) -> None:
        if self._held:
            self._keep(len(self._held))
        super().close()

    def _keep(self, length: int) -> None:
        self._hand_on(self._number, bytes(self._held[:length]))
        del self._held[:length]
        self._number += 1


def columns(model: type[models.Model]) -> list[models.Field]:
    """Columns that say something. Sealed ones are secrets, and of no use to anybody outside."""
    hidden = {"workspace", "mac"}
    return [f for f in model._meta.concrete_fields if f.name not in hidden and not isinstance(f, models.BinaryField)]


Told = Callable[[str, Any], Any]


def write_table(file: zipfile.ZipFile, name: str, fields: Sequence[models.Field], rows: QuerySet, told: Told | None = None) -> int:
    """Both files of one table; returns how many rows it has. `told` may put something else in a column's place."""
    names = [f.attname for f in fields]
    told = told or (lambda _, value: value)

    def lines() -> Any:
        for row in rows.order_by("pk").values_list(*names).iterator(chunk_size=_AT_ONCE):
            yield [_plain(told(n, value)) for n, value in zip(names, row, strict=True)]

    count = 0
    with file.open(f"json/{name}.json", "w", force_zip64=True) as out:
        out.write(b"[")
        for line in lines():
            said = json.dumps(dict(zip(names, line, strict=True)), ensure_ascii=False)
            out.write((b",\n" if count else b"\n") + said.encode())
            count += 1
        out.write(b"\n]\n")
    sheet = sheets.Sheet(name, tuple(sheets.Column(n, n) for n in names), ([_cell(value) for value in line] for line in lines()))
    with file.open(f"csv/{name}.csv", "w", force_zip64=True) as out:
        for piece in sheets.csv_stream(sheet):
            out.write(piece)
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _cell(plain: Any) -> Any:
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, list | dict) else "" if plain is None else str(plain)
