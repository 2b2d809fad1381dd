"""What clients have changed: comments, subscriptions, properties and the like. Plain JSON values, so that a state file can hold them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

Rows = dict[str, Any]


@dataclass(slots=True)
class Writes:
    """Everything here is small and written by a client; what the world can compute is never kept."""

    on_change: Callable[[], None]
    serial: int = 0
    comments: dict[str, list[Rows]] = field(default_factory=dict)  # item id: what was written there
    hidden: dict[str, bool] = field(default_factory=dict)  # comment id: hidden or shown, where it differs from the world
    liked: dict[str, bool] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)  # item id: comment id
    deleted: dict[str, bool] = field(default_factory=dict)
    edited: dict[str, str] = field(default_factory=dict)  # comment id: what its author made of it
    images: dict[str, Rows] = field(default_factory=dict)  # image uri: size and picture
    hashtags: dict[str, dict[str, str]] = field(default_factory=dict)  # account: hashtag: day
    subscriptions: dict[str, Rows] = field(default_factory=dict)  # event type: address and posts
    properties: dict[str, Rows] = field(default_factory=dict)
    spark_codes: dict[str, Rows] = field(default_factory=dict)  # item id: authorisation code
    publishes: dict[str, Rows] = field(default_factory=dict)
    campaigns: dict[str, Rows] = field(default_factory=dict)  # account and invite link: what was linked

    def next_number(self) -> int:
        self.serial += 1
        return self.serial

    def changed(self) -> None:
        self.on_change()

    def dump(self) -> Rows:
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "on_change"}

    def load(self, kept: Rows) -> None:
        for one in fields(self):
            if one.name in kept and one.name != "on_change":
                setattr(self, one.name, kept[one.name])

    def clear(self) -> None:
        fresh = asdict(Writes(_nothing))
        self.load(fresh)


def _nothing() -> None:
    pass
