"""A worker for tests: does what is due, in this process, until nothing is."""

from typing import Any

from agency import jobs, scope
from community import ad_sync as ad_comments
from community import sync as comments
from integrations import tasks as integrations
from metrics import ad_sync, sync
from privacy import tasks as privacy
from reports import tasks as reports

_SYNCS: dict[str, Any] = {"sync": sync.run, "ad_sync": ad_sync.run, "comments": comments.run, "ad_comments": ad_comments.run}
_TASKS: dict[str, Any] = {
    "refresh": integrations.refresh_one,
    "advertiser_look": integrations.look_one,
    "revoke": integrations.revoke_one,
    "unanswered": integrations.unanswered_one,
    "connection_lost_mail": integrations.tell_one,
    "grant_end_mail": integrations.tell_end,
    "avatar": integrations.avatar_one,
    "notice": reports.write_one,
    "unusual_day": reports.look_at_one,
    "event": integrations.event_one,
    "old_events": integrations.forget_events,
    "old_consents": integrations.forget_consents,
    "report": lambda **message: reports.compose_some(claims=[message]),
    "delivery": lambda **message: reports.deliver_some(claims=[message]),
    "report_release": reports.release_one,
    "confirm_mail": reports.confirm_one,
    "review_mail": reports.call_reviewer,
    "export": reports.export_one,
    "erase": privacy.erase_one,
    "deletion_mail": privacy.tell_one,
    "archive": privacy.archive_one,
    "correction_mail": privacy.correction_one,
}
_LEADS_TO = {"connection_lost_mail": "notice"}  # the letters that it writes down

_ALL = ("sync", "ad_sync", *_TASKS)  # comments, of which there are thousands, only where they are named


def work_off(*kinds: str, rounds: int = 20) -> int:
    """Sweep and work until nothing is due. Returns how many pieces were done."""
    done = 0
    wanted = (*kinds, *(_LEADS_TO[kind] for kind in kinds if kind in _LEADS_TO)) or _ALL
    for _ in range(rounds):
        due = jobs.due_kinds()
        claims = [claim for kind in wanted if kind in due for claim in jobs.claim_due(kind)]
        if not claims:
            return done
        for claim in claims:
            if claim.kind in _SYNCS:
                with scope.bound_to(claim.workspace_id):
                    _SYNCS[claim.kind](claim)
            else:
                _TASKS[claim.kind](**claim.message())
            done += 1
    raise AssertionError(f"work never ends: {claims}")
