"""From answers to records: what cannot be read becomes NotUnderstood, and pages tell where to go on.

Owns the sentence about an unreadable part, and the two ways in which TikTok pages: by cursor and by number.
Never repeats what TikTok sent, and leaves nothing of it in a traceback.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from integrations.tiktok import reading
from integrations.tiktok.errors import Call, NotUnderstood
from integrations.tiktok.transport import Answer

R = TypeVar("R")
Read = Callable[[Mapping[str, Any]], R]
Cursor = int | str


@dataclass(frozen=True)
class CursorPage(Generic[R]):
    """One page. Go on with `cursor`, unchanged, while `has_more`, even when the page is short or empty."""

    records: tuple[R, ...]
    cursor: Cursor | None
    has_more: bool


@dataclass(frozen=True)
class NumberedPage(Generic[R]):
    """Page `number` of `page_count`, counted from 1; an empty list has no pages or one. `total_count` counts the rows of all pages."""

    records: tuple[R, ...]
    number: int
    page_count: int
    total_count: int

    @property
    def has_more(self) -> bool:
        return self.number < self.page_count


def understood(answer: Answer[Mapping[str, Any]], read: Read[R], what: str) -> Answer[R]:
    """The record in the answer. Raises NotUnderstood, which names `what`, or the row, and the part."""
    try:
        return Answer(read(answer.value), answer.call)
    except reading.Malformed as malformed:
        where = f"{malformed.row or what} ({malformed})"
    raise unreadable(answer.call, where)


def unreadable(call: Call, where: str) -> NotUnderstood:
    return NotUnderstood(call=call, sentence=f"TikTok sent something unreadable in {where}. We have kept what was there before.")


def done(answer: Answer[Mapping[str, Any]]) -> Answer[None]:
    """An answer in which there is nothing to read."""
    return Answer(None, answer.call)


def cursor_page(
    answer: Answer[Mapping[str, Any]],
    name: str,
    read: Read[R],
    *,
    noun: str,
    named_by: str,
    asked: Cursor | None,
    read_cursor: Callable[[Mapping[str, Any], str], Cursor | None] = reading.whole,
) -> Answer[CursorPage[R]]:
    """A page by cursor. A list that cannot be gone on with must not look finished, so a cursor that stands still is NotUnderstood."""

    def page(data: Mapping[str, Any]) -> CursorPage[R]:
        records = reading.each(data, name, read, noun=f"the {noun}", named_by=named_by)
        has_more = reading.yes_or_no(data, "has_more")
        if has_more is None:
            raise reading.Malformed("has_more")  # taken for "no more", it would end the list early and nobody would know
        return CursorPage(records, read_cursor(data, "cursor"), has_more)

    found = understood(answer, page, f"the list of {noun}s")
    if found.value.has_more and found.value.cursor in (None, asked):
        raise NotUnderstood(call=answer.call, sentence=f"TikTok says there are more {noun}s but not where to go on. We try again later.")
    return found


def numbered_page(
    answer: Answer[Mapping[str, Any]], name: str, read: Read[R], *, noun: str, named_by: str = "", asked: int
) -> Answer[NumberedPage[R]]:
    """A page by number. Another page than the asked one is NotUnderstood: rows would be missed or counted twice."""

    def page(data: Mapping[str, Any]) -> NumberedPage[R]:
        records = reading.each(data, name, read, noun=f"the {noun}", named_by=named_by)
        info = reading.required_part(data, "page_info")
        number, page_count, total_count = (reading.whole(info, part) for part in ("page", "total_page", "total_number"))
        if number != asked or page_count is None or page_count < 0 or total_count is None or total_count < 0:
            raise reading.Malformed("page_info")
        return NumberedPage(records, number, page_count, total_count)

    return understood(answer, page, f"the list of {noun}s")


def each_page(ask: Callable[[int], Answer[NumberedPage[R]]], *, first: int = 1) -> Iterator[Answer[NumberedPage[R]]]:
    """Page after page, each asked for when the one before has been taken. What `ask` raises is raised here, and asking again may begin
    with `first` at the page that failed."""
    number = first
    while True:
        answer = ask(number)
        yield answer
        if not answer.value.has_more:
            return
        number += 1
