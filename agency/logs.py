"""Logs as one JSON object a line, with a request id and without secrets. Owns the format; never decides what is logged."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")

# Token-shaped text, the secret parameters of an address, and addresses whose last part is the proof itself. A net, not the rule:
# secrets travel as Secret and print as dots. A backslash ends a value, because whole JSON lines are redacted.
_SECRETS = re.compile(
    r"\b(?:act|rft|clt)\.[\w!*.~-]+"
    r"|(?<=[?&])(?P<name>(?:auth_)?code|state|code_verifier|key|(?:\w+_)?(?:token|secret|ticket)|password)=[^&\s\"'\\]+"
    r"|(?P<path>(?:(?<!people)(?:/|%2F)invitations|(?:/|%2F)password(?:/|%2F)reset|(?:/|%2F)email(?:/|%2F)stop)(?:/|%2F))[^/%?&\s\"'\\]+"
)


def redact(text: str) -> str:
    """Text with everything token-shaped replaced."""
    return _SECRETS.sub(lambda m: f"{m['name']}=…" if m["name"] else f"{m['path'] or ''}…", text)


class JsonFormatter(logging.Formatter):
    """One line per record. json escapes line breaks and all that is not ASCII, so a hostile value cannot forge a line."""

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
        facts = {str(name): value for name, value in getattr(record, "facts", {}).items()}
        return redact(json.dumps(line | {name: value for name, value in facts.items() if name not in line}, default=str))
