"""What somebody looks for in the inbox, as it stands in an address or in a saved view. Shape only; `queries` finds it."""

from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from django.utils.http import urlencode

from community.language import NAMES

VIEWS = ("open", "mine", "nobody", "later", "done", "mentions", "all")
FOR_CLIENTS = ("open", "later", "done", "all")
ANY_AD = "any"
AGES = {"late": "Past the aim", "day": "Older than a day"}


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for, as it stands in an address. Empty means everything."""

    view: str = "open"
    q: str = ""
    account: str = ""
    brand: str = ""
    tag: str = ""
    assignee: str = ""
    age: str = ""
    language: str = ""
    post: str = ""
    author: str = ""
    ads: str = ""  # "any", or an ad account
    sort: str = ""

    @classmethod
    def of(cls, given: Any) -> "Wanted":
        """From an address or a saved view; what makes no sense there is left out."""
        values = {f.name: str(given.get(f.name, "")).replace("\x00", "").strip()[:120] for f in fields(cls)}
        if values["view"] not in VIEWS:
            values["view"] = "open"
        for name in ("account", "brand", "tag", "assignee", "post"):
            values[name] = _uuid(values[name])
        if values["ads"] != ANY_AD:
            values["ads"] = _uuid(values["ads"])
        if values["age"] not in AGES:
            values["age"] = ""
        if values["language"] not in NAMES:
            values["language"] = ""
        values["sort"] = "newest" if values["sort"] == "newest" else ""
        return cls(**values)

    def but(self, **values: str) -> "Wanted":
        """The same with something else in it."""
        return replace(self, **values)

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the view."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"view", "sort"} and getattr(self, f.name)}

    @property
    def address(self) -> str:
        """As the part of an address after the question mark."""
        return urlencode(self._named())

    def page_address(self, number: int) -> str:
        """One page of it, as an address from the inbox."""
        return "?" + urlencode(self._named() | {"page": number})

    def _named(self) -> dict[str, str]:
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


def _uuid(given: str) -> str:
    try:
        return str(UUID(given)) if given else ""
    except ValueError:
        return ""
