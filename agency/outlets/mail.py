"""The one door for mail. Owns composing from three template files, headers, and handing over; never decides who gets what."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.mime.image import MIMEImage
from email.utils import format_datetime
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any, Literal

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from agency import clock, telemetry
from agency.outlets.mailmarkup import inline

# Line breaks would end a header; the others let a name reorder or hide what people read.
_NOT_IN_HEADERS = re.compile(r"[\r\n\t\v\f\x00-\x1f\x7f\u0085\u2028\u2029]+")
_INVISIBLE = {"Cf", "Cc", "Cs", "Co"}


class TryAgain(Exception):
    """The mail server could not take the message now."""


class Refused(Exception):
    """The mail server refused this message or address for good."""


@dataclass(frozen=True)
class Ending:
    """How handing a message over ended: it was accepted, it may be tried again later, or it was refused; and what the server said."""

    outcome: Literal["sent", "later", "refused"]
    said: str = ""

    @property
    def is_sent(self) -> bool:
        """It was accepted."""
        return self.outcome == "sent"

    @property
    def may_come_later(self) -> bool:
        """The server could not take it now."""
        return self.outcome == "later"


@dataclass(frozen=True)
class Picture:
    """An embedded picture, named by `cid:` in the HTML part."""

    cid: str
    png: bytes


@dataclass(frozen=True)
class Message:
    """A mail ready to leave."""

    to: str
    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    reply_to: str = ""


def header_text(value: str) -> str:
    """Text fit for a header: one line, without invisible and reordering characters."""
    value = _NOT_IN_HEADERS.sub(" ", value)
    value = "".join(c for c in value if unicodedata.category(c) not in _INVISIBLE)
    return " ".join(value.split())


def compose(name: str, *, to: str, context: dict[str, Any], **parts: Any) -> Message:
    """A message from `templates/emails/<name>/{subject.txt,body.txt,body.html}`."""
    context = context | {
        "operator_name": settings.OPERATOR_NAME,
        "operator_place": settings.OPERATOR_PLACE,
        "product_name": settings.PRODUCT_NAME,
    }
    return Message(
        to=to,
        subject=header_text(render_to_string(f"emails/{name}/subject.txt", context)),
        text=render_to_string(f"emails/{name}/body.txt", context).strip() + "\n",
        html=inline(render_to_string(f"emails/{name}/body.html", context)),
        **parts,
    )


def message_id_of(ref: str) -> str:
    """The Message-ID of a mail that is known by `ref`: the same for every try."""
    return f"<{ref}@{settings.MAIL_DOMAIN}>"


class Line:
    """A way to the mail server that stays open over several messages. Not for more than one thread."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None

    def send(self, message: Message, *, message_id: str | None = None) -> None:
        """Hand one message over. Raises TryAgain or Refused; after a plain return it was accepted."""
        try:
            self._hand_over(_mail(message, message_id))
        except (TryAgain, Refused) as error:
            telemetry.count("mail", outcome=type(error).__name__)
            self.close()  # whatever state the server is in now, the next message begins anew
            raise
        telemetry.count("mail", outcome="accepted")

    def try_to_send(self, message: Message, *, message_id: str | None = None) -> Ending:
        """The same, told instead of raised."""
        return _told(self.send, message, message_id)

    def close(self) -> None:
        """Hang up."""
        backend, self._backend = self._backend, None
        if backend is not None:
            with suppress(SMTPException, OSError):  # a farewell that fails does not undo an acceptance
                backend.close()

    def _hand_over(self, mail: EmailMultiAlternatives) -> None:
        try:
            if self._backend is None:
                self._backend = get_connection()
                self._backend.open()
            self._backend.send_messages([mail])
        except SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise (Refused if all(code >= 500 for code in codes) else TryAgain)(f"refused with {codes}") from error
        except SMTPDataError as error:
            raise (Refused if error.smtp_code >= 500 else TryAgain)(f"answered {error.smtp_code}") from error
        except AnymailRecipientsRefused as error:
            raise Refused(type(error).__name__) from error
        except (SMTPException, AnymailError, OSError) as error:
            # Whatever else a server says, 535 to our password or 5xx to our sender too, is about us and not about the person written to.
            raise TryAgain(f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()) from error


@contextmanager
def line() -> Iterator[Line]:
    """An open line for several messages."""
    opened = Line()
    try:
        yield opened
    finally:
        opened.close()


def send(message: Message, *, message_id: str | None = None) -> None:
    """Hand one message to the mail server. Raises TryAgain or Refused; after a plain return it was accepted."""
    with line() as opened:
        opened.send(message, message_id=message_id)


def try_to_send(message: Message, *, message_id: str | None = None) -> Ending:
    """The same, told instead of raised: for mails of jobs, which put off what may come later and note what was refused."""
    return _told(send, message, message_id)


def _told(hand_over: Callable[..., None], message: Message, message_id: str | None) -> Ending:
    try:
        hand_over(message, message_id=message_id)
    except TryAgain as error:
        return Ending("later", str(error))
    except Refused as error:
        return Ending("refused", str(error))
    return Ending("sent")


def _mail(message: Message, message_id: str | None) -> EmailMultiAlternatives:
    headers = {k: header_text(v) for k, v in message.headers.items()} | {"Date": format_datetime(clock.now())}
    if message_id:
        headers["Message-ID"] = message_id
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.to],
        headers=headers,
        reply_to=[message.reply_to] if message.reply_to else None,
    )
    mail.attach_alternative(message.html, "text/html")
    for picture in message.pictures:
        part = MIMEImage(picture.png, "png")
        part.add_header("Content-ID", f"<{picture.cid}>")
        part.add_header("Content-Disposition", "inline", filename=f"{picture.cid}.png")
        mail.attach(part)
    return mail
