"""Pages as a browser judges them: what came, and what its policy would refuse to run."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Seen:
    """Every answer that a browser got from the platform."""

    origin: str
    answers: list[httpx.Response] = field(default_factory=list)

    def note(self, answer: httpx.Response) -> None:
        """An event hook of httpx."""
        if str(answer.url).startswith(self.origin):
            answer.read()
            self.answers.append(answer)

    @property
    def pages(self) -> list[httpx.Response]:
        """Those that are HTML."""
        return [a for a in self.answers if a.headers.get("content-type", "").startswith("text/html")]


class Inline(HTMLParser):
    """What a policy without 'unsafe-inline' blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Elements and attributes that carry script or style."""
        values = {name: value or "" for name, value in attrs}
        self._is_script = tag == "script"
        if tag == "style" or (tag == "script" and not values.get("src")):
            self.found.append(self.get_starttag_text() or tag)
        for name, value in values.items():
            if name == "style" or name.startswith(("on", "hx-on")) or value.strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        """A script element that has a body as well."""
        if self._is_script and data.strip():
            self.found.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        """The element is over."""
        self._is_script = False


def inline_of(page: str) -> list[str]:
    """Inline scripts and styles of a page."""
    parser = Inline()
    parser.feed(page)
    return parser.found


def policy_of(header: str) -> dict[str, list[str]]:
    """A Content-Security-Policy by directive."""
    return {words[0]: words[1:] for words in (part.split() for part in header.split(";")) if words}
