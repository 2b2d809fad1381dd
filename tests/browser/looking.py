"""What is looked for on every page: accessibility, the console, requests that leave, sideways scroll."""

import functools
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.urls import Resolver404, resolve
from playwright.sync_api import BrowserContext, Error, Page

# axe's groups: WCAG 2.0, 2.1 and 2.2 at A and AA, and its best practices
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
# What can differ between light and dark at one width. The other rules look at structure and size.
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
PICTURES = os.environ.get("PICTURES", "")  # a folder: every page that was looked at is kept there as a picture
# Every width and every scheme; in the long form, and for pictures, each width in both.
LOOKS: tuple[tuple[int, Any, dict[str, Any]], ...] = ((1360, "light", RULES), (375, "dark", RULES))
if PICTURES or os.environ.get("CHAOS") == "long":
    LOOKS += ((1360, "dark", COLOURS), (375, "light", COLOURS))
FITS = (768, 320)  # widths at which a page only has to fit

ON_THE_WAY: dict[str, str] = {}  # pages that a test comes to by doing something: the name of the address, the name of the test
_looked: set[str] = set()


def leads_to(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Names the addresses whose pages a test looks at on its way. The test fails when it has not."""

    def wrap(test: Callable[..., None]) -> Callable[..., None]:
        ON_THE_WAY.update(dict.fromkeys(names, test.__name__))

        @functools.wraps(test)
        def walk(*args: Any, **kwargs: Any) -> None:
            _looked.clear()
            test(*args, **kwargs)
            assert set(names) <= _looked, f"never looked at: {set(names) - _looked}"

        return walk

    return wrap


def address_name(path: str) -> str:
    """The name of the address that a path belongs to; empty for what does not exist."""
    try:
        return resolve(urlsplit(path).path).url_name or ""
    except Resolver404:
        return ""


@dataclass
class Watched:
    """A page under watch. `base` is the platform's address, `beside` that of local TikTok where the way leads over it."""

    page: Page
    base: str
    beside: str
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def in_context(cls, context: BrowserContext, demo: dict[str, Any]) -> "Watched":
        """A new page that notes everything that should not happen in it."""
        watched = cls(context.new_page(), demo["base_url"], demo["sandbox_url"])
        page = watched.page
        page.emulate_media(reduced_motion="reduce")  # a page that still fades in complains when its window is made another size
        page.on("console", lambda m: watched._note(f"console {m.type}: {m.text}") if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: watched._note(f"script: {e}"))
        page.on("request", lambda r: watched._note(f"fetched {r.url}") if not r.url.startswith(watched.allowed) else None)
        return watched

    @property
    def allowed(self) -> tuple[str, ...]:
        """Where anything may come from."""
        return self.base, self.beside, "data:"

    @property
    def path(self) -> str:
        """Where the page is, without our address."""
        return self.page.url.removeprefix(self.base)

    def _note(self, what: str) -> None:
        self.wrong.append(what)

    def open(self, path: str, *, refuses: bool = False) -> list[str]:
        """Go to one of our pages and report what is not right with it."""
        self.wrong.clear()
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400 or (refuses and answer.status < 500), f"{path} answers {answer.status}"
        return self._problems(path, expected_error=answer.status >= 400)

    def here(self, name: str) -> list[str]:
        """What is not right with the page that a click or a redirect has led to."""
        assert self.page.url.startswith(self.base), self.page.url
        return self._problems(name, expected_error=True)

    def _problems(self, name: str, *, expected_error: bool) -> list[str]:
        try:
            return self._all_looks(name, expected_error=expected_error)
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
        # A page that waits for something loads itself anew when it has come; what it became is looked at.
        self.page.wait_for_load_state()
        return self._all_looks(name, expected_error=expected_error)

    def _all_looks(self, name: str, *, expected_error: bool) -> list[str]:
        _looked.add(address_name(self.path))
        page, problems = self.page, []
        before = page.viewport_size
        for width, scheme, rules in LOOKS:
            page.set_viewport_size({"width": width, "height": 860})
            page.emulate_media(color_scheme=scheme)
            problems += [f"{name} at {width} {scheme}: {p}" for p in (*self._against_access(rules), *self._sideways())]
            if PICTURES:
                file = re.sub(r"[^a-z0-9]+", "-", f"{address_name(self.path)} {name}".lower()).strip("-")[:60]
                page.screenshot(path=Path(PICTURES) / f"{file}-{width}-{scheme}.png", full_page=True)
        for width in FITS:
            page.set_viewport_size({"width": width, "height": 860})
            problems += [f"{name} at {width}: {p}" for p in self._sideways()]
        if before:
            page.set_viewport_size(before)
        # A page that answers 4xx is itself reported as an error by the browser's console; everything else on the console is ours.
        return problems + [f"{name}: {w}" for w in self.wrong if not (expected_error and "Failed to load resource" in w)]

    def _against_access(self, rules: dict[str, Any]) -> list[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("rules => axe.run(rules)", rules)
        return [f"{v['id']}: {n['target']}" for v in found["violations"] for n in v["nodes"]]

    def _sideways(self) -> list[str]:
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return ["scrolls sideways"] if wide else []
