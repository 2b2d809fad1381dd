"""Sessions that know whose they are: shown to the person, ended one by one or all together. Keeps no network address.

The same signed and stored data as Django's own; beside it the person, a word for the device, and two times.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.http import HttpRequest

from agency import address_book, clock
from agency.database import prepared
from agency.models import Person, Session

_SEEN_EVERY = timedelta(minutes=10)
BEGAN = "began"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)  # fmt: skip


class SessionStore(db.SessionStore):
    """Named by SESSION_ENGINE. A session that was ended is not brought back by a request that is still under way.

    `seen_at` is what stood in its row when it was read.
    """

    seen_at: datetime | None = None

    def _get_session_from_db(self) -> Session | None:
        found = prepared.objects(Session, "session_key = %s AND expire_date > %s", [self.session_key, _real_now()])
        row = found[0] if found else None
        if row is None:
            self._session_key = None
        self.seen_at = row.seen_at if row is not None else None
        return row

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = super().create_model_instance(data)
        began = data.get(BEGAN, {})
        row.person_id = data.get("_auth_user_id")
        row.device = began.get("device", "")
        row.began_at = datetime.fromisoformat(began["at"]) if began else None
        row.seen_at = clock.now()
        return row


def _real_now() -> datetime:
    """Django stamps the end of a session with the machine's time."""
    return datetime.fromtimestamp(clock.real_timestamp(), UTC)


def device_of(user_agent: str) -> str:
    """Chrome on Windows. A word to recognise one's own device by, and no more than that."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser


def notice(request: HttpRequest) -> None:
    """Note that a signed-in session is in use: where and when it began, and now and then that it still is."""
    if BEGAN not in request.session:
        request.session[BEGAN] = {"at": clock.now().isoformat(), "device": device_of(request.headers.get("User-Agent", ""))}
        request.session.save()  # the page of this very request may list it
        return
    # Beside the session's data: saving that would push its end further away.
    now = clock.now()
    if request.session.seen_at is None or request.session.seen_at < now - _SEEN_EVERY:
        Session.objects.filter(pk=request.session.session_key).update(seen_at=now)


def of(person: Person) -> list[Session]:
    """A person's sessions that have not run out, the last used first."""
    return list(Session.objects.filter(person=person, expire_date__gt=_real_now()).order_by("-seen_at"))


def public_id(session: Session) -> str:
    """What a page calls a session; the session's own key would let whoever reads it sign in."""
    return address_book.hash_of("session", session.session_key).hex()[:32]


def end_one(person: Person, public: str) -> bool:
    """Sign one device out. False when there is no such session of this person."""
    found = [session.pk for session in Session.objects.filter(person=person) if address_book.same(public, public_id(session))]
    return Session.objects.filter(pk__in=found).delete()[0] > 0


def end_all(person: Person, *, but: str | None = None) -> int:
    """Sign a person out everywhere, or everywhere else."""
    return Session.objects.filter(person=person).exclude(pk=but or "").delete()[0]


def clear_expired() -> None:
    """Take out what has run out."""
    SessionStore.clear_expired()
