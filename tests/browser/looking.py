"""What is looked for on every page: accessibility, the console, requests that leave, sideways scroll."""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

# axe's groups: WCAG 2.0, 2.1 and 2.2 at A and AA, and its best practices
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
PICTURES = os.environ.get("PICTURES", "")  # a folder: every page that was looked at is kept there as a picture
WIDTHS_AND_SCHEMES = [(1360, "light"), (1360, "dark"), (375, "light"), (375, "dark")]


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
        page.on("console", lambda m: watched._note(f"console {m.type}: {m.text}") if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: watched._note(f"script: {e}"))
        page.on("request", lambda r: watched._note(f"fetched {r.url}") if not r.url.startswith(watched.allowed) else None)
        return watched

    @property
    def allowed(self) -> tuple[str, ...]:
        """Where anything may come from."""
        return self.base, self.beside, "data:"

    def _note(self, what: str) -> None:
        self.wrong.append(what)

    def open(self, path: str) -> list[str]:
        """Go to one of our pages and report what is not right with it."""
        self.wrong.clear()
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 500
        return self._problems(path, expected_error=answer.status >= 400)

    def here(self, name: str) -> list[str]:
        """What is not right with the page that a click or a redirect has led to."""
        assert self.page.url.startswith(self.base), self.page.url
        return self._problems(name, expected_error=True)

    def _problems(self, name: str, *, expected_error: bool) -> list[str]:
        problems = [f"{v['id']}: {n['target']}" for v in Axe().run(self.page, options=RULES).response["violations"] for n in v["nodes"]]
        # A page that answers 4xx is itself reported as an error by the browser's console; everything else on the console is ours.
        problems += [w for w in self.wrong if not (expected_error and "Failed to load resource" in w)]
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            problems.append("scrolls sideways")
        size: Any = self.page.viewport_size
        if PICTURES:
            scheme = "dark" if self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
            file = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "home"
            self.page.screenshot(path=Path(PICTURES) / f"{file}-{size['width']}-{scheme}.png", full_page=True)
        return [f"{name} at {size['width']}: {p}" for p in problems]
