"""Whether the database may be served: one that was restored from a backup first has to forget again what was erased since.

Asked once per process: a restore is refused while any process of the platform is connected.
"""

from agency.models import Restoration

_known: set[str] = set()


def is_replayed() -> bool:
    """True from the first time on that nothing waits to be erased again."""
    if not _known and not Restoration.objects.filter(replayed_at=None).exists():
        _known.add("replayed")
    return bool(_known)


def forget() -> None:
    """Ask again, as a new process would."""
    _known.clear()
