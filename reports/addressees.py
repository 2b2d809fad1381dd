"""Who gets reports by mail, by their own word: stopping and resuming, extra addresses and their confirmation. No network.

The links in mails carry a workspace, a row and a signature, and no address; they work without signing in.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from agency import address_book, audit, clock, jobs
from agency.models import Membership, Workspace
from reports import queries
from reports.models import Delivery, ExtraRecipient, StoppedMail
from reports.queries import Addressee

Kind = StoppedMail.Kind
_STOPS = {Kind.REPORT: "stop", Kind.REVIEW: "stop-review", Kind.UNUSUAL: "stop-unusual"}
MOST_EXTRAS = 20
CONFIRM_WITHIN = timedelta(days=7)
ASK_AGAIN_AFTER = timedelta(days=1)


class Unwanted(Exception):
    """An address cannot be added, in words for whoever wanted to."""


def stop_token(workspace_id: UUID, ref: UUID, kind: str = Kind.REPORT) -> str:
    """The signed part of a link that stops one kind of mail: of a membership, or of an extra recipient, who gets reports only."""
    return f"{workspace_id.hex}{ref.hex}{_signature(_STOPS[Kind(kind)], workspace_id, ref)}"


def behind_stop(token: str) -> tuple[UUID, UUID, str] | None:
    """Workspace and row of a stop link, and the kind of mail that it stops, if it is genuine."""
    for kind, name in _STOPS.items():
        found = _behind(name, token)
        if found is not None:
            return *found, kind
    return None


def confirm_token(extra: ExtraRecipient) -> str:
    """The signed part of the link with which an address is confirmed."""
    return f"{extra.workspace_id.hex}{extra.pk.hex}{_signature('confirm-report', extra.workspace_id, extra.pk)}"


def behind_confirm(token: str) -> tuple[UUID, UUID] | None:
    """Workspace and extra recipient of such a link, if it is genuine. Whether it still holds, its row says."""
    return _behind("confirm-report", token)


def _behind(kind: str, token: str) -> tuple[UUID, UUID] | None:
    try:
        workspace_id, ref = UUID(token[:32]), UUID(token[32:64])
    except ValueError:
        return None
    return (workspace_id, ref) if address_book.same(token[64:], _signature(kind, workspace_id, ref)) else None


def _signature(kind: str, workspace_id: UUID, ref: UUID) -> str:
    return address_book.hash_of(kind, f"{workspace_id}{ref}").hex()[:32]


def addressee_behind(workspace_id: UUID, ref: UUID) -> Addressee | None:
    """The member or extra recipient of a stop link, inside the workspace's scope."""
    member = Membership.objects.select_related("workspace", "person").filter(pk=ref).first()
    if member:
        return queries.addressee_of(member)
    extra = queries.extra_recipients().filter(pk=ref).first()
    return queries.extra_addressee(extra, Workspace.objects.get(pk=workspace_id)) if extra else None


def stop_mail(addressee: Addressee) -> None:
    """No more reports of this workspace by mail. Stopping again changes nothing."""
    with transaction.atomic():
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING)
        if addressee.role is None:
            is_new = bool(ExtraRecipient.objects.filter(pk=addressee.ref, stopped_at=None).update(stopped_at=clock.now()))
            waiting.filter(extra=addressee.ref).update(state=Delivery.State.STOPPED)
            subject, by = ExtraRecipient.objects.get(pk=addressee.ref), None
        else:
            subject = by = Membership.objects.get(pk=addressee.ref)
            _, is_new = StoppedMail.objects.get_or_create(
                workspace_id=addressee.workspace.pk, membership=subject, kind=Kind.REPORT, defaults={"stopped_at": clock.now()}
            )
            waiting.filter(person_id=subject.person_id).update(state=Delivery.State.STOPPED)
        if is_new:
            audit.record("report_mail.stopped", subject, by=by)


def resume_mail(addressee: Addressee) -> None:
    """Reports by mail again, from the next one on."""
    with transaction.atomic():
        if addressee.role is None:
            if ExtraRecipient.objects.filter(pk=addressee.ref, stopped_at__isnull=False).update(stopped_at=None):
                audit.record("report_mail.resumed", ExtraRecipient.objects.get(pk=addressee.ref), by=None)
            return
        member = Membership.objects.get(pk=addressee.ref)
        if StoppedMail.objects.filter(membership=member, kind=Kind.REPORT).delete()[0]:
            audit.record("report_mail.resumed", member, by=member)


def stop_kind(member: Membership, kind: str) -> None:
    """No more mails of one kind, other than reports, to a member. Stopping again changes nothing."""
    with transaction.atomic():
        _, is_new = StoppedMail.objects.get_or_create(
            workspace_id=member.workspace_id, membership=member, kind=kind, defaults={"stopped_at": clock.now()}
        )
        if is_new:
            audit.record(f"{kind}_mail.stopped", member, by=member)


def resume_kind(member: Membership, kind: str) -> None:
    """Mails of this kind again."""
    with transaction.atomic():
        if StoppedMail.objects.filter(membership=member, kind=kind).delete()[0]:
            audit.record(f"{kind}_mail.resumed", member, by=member)


def add_extra(email: str, *, by: Membership) -> ExtraRecipient:
    """Ask an address whether it wants the reports. Nothing else goes there before it says yes."""
    email = email.strip().lower()
    with transaction.atomic():
        if Membership.objects.filter(person__email=email).exists():
            raise Unwanted("That is somebody of this workspace. They get the reports as what they are here.")
        if queries.extra_recipients().filter(email=email).exists():
            raise Unwanted("That address is on the list already.")
        if queries.extra_recipients().count() >= MOST_EXTRAS:
            raise Unwanted(f"A workspace has at most {MOST_EXTRAS} extra addresses. Remove one first.")
        extra = ExtraRecipient.objects.create(workspace_id=by.workspace_id, email=email, added_by_id=by.person_id, asked_at=clock.now())
        jobs.put("confirm_mail", extra.pk, workspace_id=by.workspace_id, at=clock.now())
        audit.record("report_recipient.asked", extra, by=by)
    return extra


def ask_again(extra: ExtraRecipient, *, by: Membership) -> None:
    """The same question once more, a day after the last one at the earliest."""
    with transaction.atomic():
        extra = ExtraRecipient.objects.select_for_update().get(pk=extra.pk)
        if extra.confirmed_at is not None or extra.removed_at is not None:
            return
        if clock.now() - extra.asked_at < ASK_AGAIN_AFTER:
            raise Unwanted("That address was asked less than a day ago. Give it some time.")
        extra.asked_at, extra.refused = clock.now(), ""
        extra.save(update_fields=("asked_at", "refused"))
        jobs.put("confirm_mail", extra.pk, workspace_id=extra.workspace_id, at=clock.now())
        audit.record("report_recipient.asked", extra, by=by)


def remove_extra(extra: ExtraRecipient, *, by: Membership) -> None:
    """The address gets nothing more; a mail that waits for it does not leave."""
    with transaction.atomic():
        if ExtraRecipient.objects.filter(pk=extra.pk, removed_at=None).update(removed_at=clock.now()):
            audit.record("report_recipient.removed", extra, by=by)


def confirm(extra: ExtraRecipient) -> bool:
    """Its owner says yes, within a week of being asked. Said again changes nothing."""
    with transaction.atomic():
        extra = ExtraRecipient.objects.select_for_update().get(pk=extra.pk)
        if extra.removed_at is not None or clock.now() - extra.asked_at > CONFIRM_WITHIN:
            return False
        if extra.confirmed_at is None:
            extra.confirmed_at, extra.stopped_at = clock.now(), None
            extra.save(update_fields=("confirmed_at", "stopped_at"))
            audit.record("report_recipient.confirmed", extra, by=None)
    return True
