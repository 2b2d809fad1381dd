"""The register as people read it: tables with their columns, and what lies outside the database."""

from typing import Any

from privacy.columns import columns_of
from privacy.register import REGISTER, Entry
from privacy.stores import STORES, WHERE

_KINDS = {
    "tiktok": "From TikTok",
    "people": "About people",
    "operational": "To do the work",
    "trace": "Traces",
    "technical": "Technical",
}


def inventory() -> dict[str, Any]:
    """What the page shows: groups of tables, stores, and how many there are of each."""
    rows = [_counted(entry) for entry in REGISTER.values()]
    return {
        "groups": [{"title": title, "rows": [row for row in rows if row["entry"].kind == kind]} for kind, title in _KINDS.items()],
        "stores": [{"store": store, "where": WHERE[store.where]} for store in STORES],
        "count": len(rows),
        "columns_count": sum(row["count"] for row in rows),
        "stores_count": len(STORES),
    }


def _counted(entry: Entry) -> dict[str, Any]:
    columns = list(columns_of(entry.model))
    return {"entry": entry, "count": len(columns), "apart_count": sum(column.is_apart for column in columns)}


def table(model: str) -> dict[str, Any] | None:
    """One table with its columns; None when it is not on the register."""
    return {"entry": REGISTER[model], "columns": list(columns_of(model))} if model in REGISTER else None
