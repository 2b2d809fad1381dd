"""The words in which endpoints declare what they answer: JSON Schema in small pieces. Describes only; nothing is checked or served here."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
ID: Schema = {"type": "string", "pattern": "^[0-9]{1,19}$"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
AMOUNT: Schema = {"type": "number", "minimum": 0}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://"}
DATE: Schema = {"type": "string", "format": "date"}
MOMENT: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"}
SECONDS: Schema = {"type": "integer", "minimum": 0, "maximum": 2**40}  # Unix time
SECONDS_TEXT: Schema = {"type": "string", "pattern": "^[0-9]{1,12}$"}  # the same, as the API for Business writes it
MILLISECONDS: Schema = {"type": "integer", "minimum": 0}
ANYTHING: Schema = {}


def record(fields: Mapping[str, Schema], *, optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with exactly these fields; the optional ones can be left out."""
    return {
        "type": "object",
        "properties": {**fields, **(optional or {})},
        **({"required": list(fields)} if fields else {}),
        "additionalProperties": False,
    }


def some_of(fields: Mapping[str, Schema], always: Iterable[str] = ()) -> Schema:
    """An object of which the caller chose the fields."""
    kept = tuple(always)
    return record({name: fields[name] for name in kept}, optional={name: schema for name, schema in fields.items() if name not in kept})


def list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def word(*allowed: str) -> Schema:
    return {"type": "string", "enum": list(allowed)}


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    kind = schema.get("type")
    if not isinstance(kind, str):
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [kind, "null"], **({"enum": [*schema["enum"], None]} if "enum" in schema else {})}


def each(names: Iterable[str], schema: Schema) -> dict[str, Schema]:
    """Several fields of one kind."""
    return dict.fromkeys(names, schema)


def shares(label: str, labelled: Schema = TEXT) -> Schema:
    """A breakdown: rows of a label and the part of one that falls to it."""
    return list_of(record({label: labelled, "percentage": SHARE}))


NOTHING: Schema = record({})
PAGE_INFO: Schema = record({"page": COUNT, "page_size": COUNT, "total_number": COUNT, "total_page": COUNT})


def page_of_numbers(name: str, item: Schema) -> Schema:
    """A list in numbered pages, as the advertiser side has them."""
    return record({name: list_of(item), "page_info": PAGE_INFO})


def page_of_cursor(name: str, item: Schema, *, cursor: Schema = COUNT) -> Schema:
    """A list that goes on from a cursor."""
    return record({name: list_of(item), "cursor": cursor, "has_more": FLAG})
