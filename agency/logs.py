"""Logs as one JSON object a line, with a request id and without secrets. Owns the format; never decides what is logged."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Token-shaped text and the OAuth parameters of an address. A net, not the rule: secrets travel as Secret and print as dots.
_SECRETS = re.compile(r"\b(?:act|rft|clt)\.[\w!*.~-]+|(?<=[?&])(code|auth_code|state|code_verifier|token|key)=[^&\s\"']+")


def redact(text: str) -> str:
    """Text with everything token-shaped replaced."""
    return _SECRETS.sub(lambda m: f"{m.group(1)}=…" if m.group(1) else "…", text)


class JsonFormatter(logging.Formatter):
    """One line per record. json escapes line breaks, so a hostile value cannot forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if record.exc_info:
            line["error"] = redact(self.formatException(record.exc_info))
        line |= getattr(record, "facts", {})
        return json.dumps(line, ensure_ascii=False, default=str)
