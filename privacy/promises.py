"""What is promised in public, each bound to a check that looks at the data itself. One literal table; checks only read.

A check says whether the promise is kept, with the figures that show it. What could not be looked at is "not checked", which does not
count as kept.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.models import Q

from agency import audit, audit_export, clock
from agency.anchors import anchors
from agency.audit_verifier import verify
from agency.keyring import key_refs
from agency.models import Guess, Membership, Session
from agency.roles import Role
from agency.sealing import OVERHEAD_BYTES
from integrations.features import SCOPES
from integrations.models import AdAccount, ApiCall, Connection, ConsentRequest, Flow, PendingRevocation, WebhookEvent
from integrations.tiktok.codes import CODES
from integrations.tiktok.errors import Throttled
from privacy import backups, timing
from privacy.models import Correction, DeletionRequest, DeletionRun, PromiseCheck, PublicRequest

_DB = "privacy"
_THROTTLED = tuple(code for code, error in CODES.items() if error is Throttled)
Result = PromiseCheck.Result


@dataclass(frozen=True)
class Checked:
    """What a look found."""

    result: str
    evidence: str


@dataclass(frozen=True)
class Promise:
    """Words as the public pages say them, how they are checked, and how often."""

    key: str
    words: str
    check: str
    look: Callable[[], Checked]
    every: timedelta = timedelta(minutes=4)


def _checked(is_kept: bool, evidence: str) -> Checked:
    return Checked(Result.KEPT if is_kept else Result.BROKEN, evidence)


def _window() -> Checked:
    today = clock.today()
    accounts = Connection.objects.using(_DB).filter(delete_data_on__lt=today).count()
    ad_accounts = AdAccount.objects.using(_DB).filter(delete_data_on__lt=today).count()
    waiting = Connection.objects.using(_DB).filter(state=Connection.State.DISCONNECTED).count()
    return _checked(accounts + ad_accounts == 0, f"{accounts + ad_accounts} overdue; {waiting} disconnected and waiting for their day")


def _requests() -> Checked:
    now = clock.now()
    opened = DeletionRequest.objects.using(_DB).filter(state__in=DeletionRequest.OPEN)
    forms = PublicRequest.objects.filter(state=PublicRequest.State.CHECKING)
    late = opened.filter(due_at__lt=now).count() + forms.filter(due_at__lt=now).count()
    return _checked(late == 0, f"{late} overdue; {opened.count() + forms.count()} open")


def _corrections() -> Checked:
    opened = Correction.objects.using(_DB).filter(state=Correction.State.OPEN)
    late = opened.filter(due_at__lt=clock.now()).count()
    return _checked(late == 0, f"{late} overdue; {opened.count()} open")


def _runs() -> Checked:
    failed = DeletionRun.objects.using(_DB).filter(state=DeletionRun.State.FAILED).count()
    done = DeletionRun.objects.using(_DB).filter(state=DeletionRun.State.DONE)
    unproven = done.filter(certificates=None).count()
    return _checked(failed + unproven == 0, f"{failed} left something; {done.count()} done, {unproven} of them without certificate")


def _keys() -> Checked:
    ended = Connection.objects.using(_DB).filter(
        state=Connection.State.DISCONNECTED, disconnected_at__lt=clock.now() - timedelta(minutes=10)
    )
    held = {ref.split(":")[1] for ref in key_refs("connection:")}
    left = sum(str(pk) in held for pk in ended.values_list("pk", flat=True))
    tokens = ended.exclude(access_token_sealed=None, refresh_token_sealed=None).count()
    return _checked(left + tokens == 0, f"{ended.count()} disconnected: {left} keys and {tokens} tokens left")


def _revocations() -> Checked:
    late = PendingRevocation.objects.using(_DB).filter(give_up_at__lt=clock.now() - timedelta(minutes=15)).count()
    return _checked(late == 0, f"{late} tokens to revoke are older than a day; {PendingRevocation.objects.using(_DB).count()} wait")


def _sealed() -> Checked:
    """Sealed values begin with their version and are longer than what sealing adds; TikTok's own tokens do neither."""
    with connections[_DB].cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE get_byte(t, 0) <> 1 OR octet_length(t) <= %s) FROM (
                SELECT access_token_sealed AS t FROM integrations_connection
                UNION ALL SELECT refresh_token_sealed FROM integrations_connection
                UNION ALL SELECT token_sealed FROM integrations_pendingrevocation
            ) AS held WHERE t IS NOT NULL AND octet_length(t) > 0
            """,
            [OVERHEAD_BYTES],
        )
        count, clear = cursor.fetchone()
    return _checked(clear == 0, f"{count - clear} of {count} sealed, {clear} in clear")


def _scopes() -> Checked:
    lately = ConsentRequest.objects.using(_DB).filter(flow=Flow.ACCOUNT, started_at__gt=clock.now() - timedelta(days=30))
    asked = {scope for scopes in lately.values_list("scopes_asked", flat=True) for scope in scopes}
    unused = sorted(asked - set(SCOPES))
    return _checked(
        not unused, f"{len(asked)} asked in 30 days, {len(asked) - len(unused)} with a use" + (f": {', '.join(unused)}" if unused else "")
    )


def _walls() -> Checked:
    with connections[_DB].cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE NOT (relrowsecurity AND relforcerowsecurity)) FROM pg_class c
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL(%s) AND EXISTS (
                SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped)
            """,
            [["agency_duework", "agency_addressbook", "agency_audittail", "agency_auditseal"]],
        )
        count, open_count = cursor.fetchone()
    return _checked(open_count == 0, f"{count - open_count} of {count} tables of workspaces behind row-level security")


def _log_is_kept() -> Checked:
    with connections[_DB].cursor() as cursor:
        cursor.execute(
            """
            SELECT has_any_column_privilege('platform_app', 'agency_auditrow', 'UPDATE'),
                has_table_privilege('platform_app', 'agency_auditrow', 'DELETE'),
                (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'agency_auditrow'::regclass AND tgenabled = 'O' AND NOT tgisinternal)
            """
        )
        may_change, may_delete, triggers = cursor.fetchone()
    is_kept = not may_change and not may_delete and triggers >= 2
    return _checked(
        is_kept, f"The application {'may' if may_change or may_delete else 'cannot'} change rows; {triggers} of 2 guards in place"
    )


def _log_is_whole() -> Checked:
    if not settings.DATABASE_BACKUP_URL:
        return Checked(Result.UNKNOWN, "DATABASE_BACKUP_URL is not set, so nobody can read the whole log")
    anchored = [json.loads(line) for line in anchors().lines()]
    with audit_export.snapshot(settings.DATABASE_BACKUP_URL) as connection:
        report = verify(audit_export.rows(connection), audit_export.seals(connection), anchored, key=audit.root_key(), now=clock.now())
    return _checked(report.is_whole, f"{report.row_count} rows, {report.seal_count} steps, {len(report.findings)} findings")


def _second_factor() -> Checked:
    staff = [role.value for role in Role if role.is_staff]
    lately = clock.now() - timedelta(hours=12)
    people = set(Membership.objects.using(_DB).filter(role__in=staff, last_seen_at__gt=lately).values_list("person_id", flat=True))
    bare = sum(not _has_factor(person) for person in people)
    return _checked(bare == 0, f"{len(people) - bare} of {len(people)} members of staff who were here lately have a second factor")


def _has_factor(person_id: object) -> bool:
    with connections[_DB].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM mfa_authenticator WHERE user_id = %s AND type IN ('totp', 'webauthn'))", [person_id])
        return bool(cursor.fetchone()[0])


def _terms() -> Checked:
    now = clock.now()
    events = WebhookEvent.objects.using(_DB).filter(received_at__lt=now - WebhookEvent.KEPT - timedelta(days=1)).count()
    sessions = Session.objects.using(_DB).filter(expire_date__lt=now - timedelta(days=1)).count()
    tries = Guess.objects.using(_DB).filter(at__lt=now - timedelta(hours=3)).count()
    return _checked(events + sessions + tries == 0, f"Past their term: {events} webhooks, {sessions} sessions, {tries} sign-in tries")


def _nobody_named() -> Checked:
    done = DeletionRequest.objects.using(_DB).filter(state=DeletionRequest.State.DONE)
    named = done.filter(~Q(account_id=None) | ~Q(account_name="") | ~Q(identity_note="")).count()
    addresses = done.exclude(contact="").filter(done_at__lt=clock.now() - timedelta(days=1)).count()
    return _checked(named + addresses == 0, f"{done.count()} done, {named} still name an account, {addresses} an address")


def _backups() -> Checked:
    if not settings.BACKUP_FOLDER:
        return Checked(Result.UNKNOWN, "BACKUP_FOLDER is not set on this machine")
    now = clock.now()
    taken = [at for path in Path(settings.BACKUP_FOLDER).glob("backup-*") if (at := backups.taken_at(path.name))]
    keys = [at for ref in key_refs("backup:") if (at := backups.taken_at(ref.removeprefix("backup:") + ".sealed"))]
    old = sum(now - at > timing.BACKUPS_GO_WITHIN for at in taken + keys)
    if not taken:
        return Checked(Result.UNKNOWN, "No backup was taken yet")
    is_fresh = now - max(taken) < timedelta(days=2)
    oldest = (now - min(taken)).days
    return _checked(
        old == 0 and is_fresh, f"{len(taken)} backups, the oldest {oldest} days old" + ("" if is_fresh else "; none for two days")
    )


def _limits() -> Checked:
    lately = ApiCall.objects.using(_DB).filter(called_at__gt=clock.now() - timedelta(hours=1))
    told_off = lately.filter(code__in=_THROTTLED).count()
    return _checked(told_off == 0, f"{lately.count()} calls in an hour, {told_off} of them over TikTok's limits")


PROMISES: dict[str, Promise] = {
    promise.key: promise
    for promise in (
        Promise(
            "window", "Nothing is kept past the 90-day window after a disconnect", "Everything with a last day, against today", _window
        ),
        Promise("requests", "Deletion requests are done within 30 days", "Open requests against their due dates", _requests),
        Promise("corrections", "Requests for correction are answered within 30 days", "Open ones against their due dates", _corrections),
        Promise("proof", "Every deletion is swept and proven", "Runs that left something, and certificates", _runs),
        Promise(
            "nobody", "After a deletion nothing here names the account or who asked", "Finished requests, looked through", _nobody_named
        ),
        Promise("keys", "Tokens and their key are destroyed at once on disconnect", "Keys of disconnected accounts", _keys),
        Promise(
            "revoked", "A token that TikTok has not revoked yet lives a day at most", "Age of tokens that wait to be revoked", _revocations
        ),
        Promise("sealed", "Tokens are encrypted with AES-256", "Each stored token's form", _sealed),
        Promise("scopes", "No scope is asked for that no feature uses", "Scopes asked for against the registry", _scopes),
        Promise(
            "limits", "TikTok's rate limits are kept", "Calls of the last hour that TikTok refused", _limits, every=timedelta(minutes=30)
        ),
        Promise("walls", "Workspaces are kept apart by the database itself", "Row-level security of every table", _walls),
        Promise("second_factor", "Staff always use a second factor", "Staff who were here in twelve hours", _second_factor),
        Promise("log_kept", "Looks by staff are on a log that nobody can change", "Rights and guards of the audit log", _log_is_kept),
        Promise(
            "log_whole", "The audit log is not altered", "Chain checked by a second program", _log_is_whole, every=timedelta(minutes=30)
        ),
        Promise("backups", "Backups rotate out after 35 days", "Age of every backup and of its key", _backups),
        Promise("terms", "Webhooks, sessions and sign-in tries go when their term ends", "Rows past their term", _terms),
    )
}

# What the public pages commit to, by its title there, and the checks that show it. What no program can see is looked at by people.
BEHIND: dict[str, tuple[str, ...]] = {
    "No scope without a use": ("scopes",),
    "No way around limits": ("limits",),
    "No data past its time": ("window", "requests", "backups"),
}
BY_PEOPLE: dict[str, str] = {
    "No sale": "The operator's contracts",
    "No profiles for resale": "The operator's contracts; exports hold one workspace's own accounts",
    "No mixing": "No other platform is connected; the quarterly review of features",
    "No model training": "The quarterly review of subprocessors and code",
    "No bought attention": "The quarterly review of features",
    "No private messages": "No such scope is on the registry; the quarterly review of features",
    "Logs serve operations": "The operator's contracts and the settings of the log store",
}
