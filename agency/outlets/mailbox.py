"""Reads the mails that the demo's catcher stored. Never in production; never writes."""

import base64
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

_NAME = re.compile(r"[\w.+-]{1,120}\.eml")


@dataclass(frozen=True)
class Letter:
    """One caught mail."""

    name: str
    subject: str
    sender: str
    to: str
    date: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    raw: str
    html_with_pictures: str


def listing(limit: int = 200) -> list[Letter]:
    """Newest first."""
    folder = Path(settings.MAIL_FOLDER)
    names = sorted((p.name for p in folder.glob("*.eml")), reverse=True)[:limit] if folder.is_dir() else []
    return [letter for name in names if (letter := read(name))]


def read(name: str) -> Letter | None:
    """One mail by its file name; None for anything that is not one."""
    if not _NAME.fullmatch(name):
        return None
    path = Path(settings.MAIL_FOLDER) / name
    if not path.is_file():
        return None
    raw = path.read_bytes()
    mail: EmailMessage = message_from_bytes(raw, policy=policy.default)  # type: ignore[assignment]
    html, text = _part(mail, "html"), _part(mail, "plain")
    return Letter(
        name=name,
        subject=str(mail["subject"] or ""),
        sender=str(mail["from"] or ""),
        to=str(mail["to"] or ""),
        date=str(mail["date"] or ""),
        headers=tuple((k, str(v)) for k, v in mail.items()),
        text=text,
        html=html,
        raw=raw.decode("utf-8", "replace"),
        html_with_pictures=_with_pictures(html, mail),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


def _with_pictures(html: str, mail: EmailMessage) -> str:
    for part in mail.walk():
        cid = str(part.get("Content-ID", "")).strip("<>")
        if cid and part.get_content_maintype() == "image":
            data = base64.b64encode(part.get_payload(decode=True)).decode()
            html = html.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{data}")
    return html
