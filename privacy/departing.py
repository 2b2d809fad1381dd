"""The end of a person: what is their own goes, over all workspaces; what they did in rows of others keeps a pseudonym.

The pseudonym is the id of their row, which stays because audit rows, replies and connections refer to it, and which then holds neither name
nor address: one that nobody can follow back. GOES and STAYS name every reference to a person; a test insists.
"""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet

import agency.erasure
import reports.erasure
from agency import address_book, clock, sessions
from agency.keyring import keyring
from agency.models import AddressBook, DueWork, Guess, Invitation, Membership, Person, Session, SignInLink, Suppression
from agency.outlets import suppression
from community.models import Comment, Mention, Note, SavedView
from integrations.models import ConsentRequest, Letter, Notice
from privacy import wording
from privacy.erasure import made_archives
from privacy.models import ArchivePart, Correction, DataArchive, DeletionRequest, DeletionRun, PersonCopy, PersonCopyPart, RequestStep
from privacy.references import BOOK_OF_PEOPLE
from privacy.subjects import Subject
from reports.models import Credit, Delivery, ExtraRecipient, ReportSchedule, ReviewCall, StoppedMail

_DB = "privacy"
NAME = "Somebody who left"
_NOWHERE = "@erased.invalid"
# A row goes when one of these columns leads to the person, or to a membership of theirs.
GOES: dict[str, tuple[str, ...]] = {
    "agency.Session": ("person",),
    "agency.SignInLink": ("person",),
    "agency.Membership": ("person",),
    "agency.Invitation": ("accepted_by",),
    "account.EmailAddress": ("user",),
    "mfa.Authenticator": ("user",),
    "integrations.ConsentRequest": ("person",),
    "integrations.Letter": ("membership",),
    "integrations.Notice": ("membership",),
    "community.Note": ("person",),
    "community.Mention": ("person",),
    "community.SavedView": ("person",),
    "reports.ExportFile": ("membership",),
    "reports.Delivery": ("person",),
    "reports.ReviewCall": ("membership",),
    "reports.StoppedMail": ("membership",),
    "reports.Credit": ("creator",),
    "privacy.DataArchive": ("asked_by",),
    "privacy.PersonCopy": ("person",),
    "privacy.Correction": ("asked_by",),
}
# In these columns the pseudonym stays: what they did for others, and would be wrong or incomplete without it.
STAYS: dict[str, tuple[str, ...]] = {
    "agency.Person": ("id",),
    "agency.AuditRow": ("person_id", "subject_id"),
    "agency.Invitation": ("invited_by_id",),
    "integrations.FeatureSwitch": ("person_id",),
    "integrations.SyncPace": ("person_id",),
    "integrations.Connection": ("connected_by_id", "disconnected_by_id"),
    "integrations.AdAccount": ("linked_by_id",),
    "community.Triage": ("person_id", "assignee_id", "before"),
    "community.ThreadTag": ("person_id",),
    "community.Sending": ("person_id",),
    "community.Aim": ("person_id",),
    "reports.ReportStep": ("person_id",),
    "reports.ExtraRecipient": ("added_by_id",),
    "reports.ShareLink": ("made_by_id",),
    "reports.Credit": ("credited_by_id",),
    "privacy.DeletionRequest": ("asked_by_id",),
    "privacy.RequestStep": ("person_id",),
    "privacy.Incident": ("opened_by_id", "closed_by_id"),
    "privacy.Correction": ("answered_by_id",),
}
# These are emptied and the row stays.
EMPTIED: dict[str, tuple[str, ...]] = {"community.Comment": ("assignee_id",)}


def begin(person_id: UUID) -> None:
    """From now on nobody signs in as them, and no browser is."""
    person = Person.objects.select_for_update().get(pk=person_id)
    Person.objects.filter(pk=person.pk).update(is_active=False, erasure_began_at=clock.now())
    sessions.end_all(person)


def is_erased(person: Person) -> bool:
    """Whether a run has already done it. Asked of a database that came out of a backup as well."""
    if person.erasure_began_at is None:
        return False
    under_way = DeletionRun.objects.using(_DB).filter(of=DeletionRun.Of.PERSON, subject_id=person.pk)
    return not under_way.exclude(state__in=(DeletionRun.State.DONE, DeletionRun.State.DROPPED)).exists()


def rows_of(subject: Subject) -> Iterator[QuerySet]:
    """Everything that is the person's own, in an order in which nothing refers to what is already gone."""
    person, mine = subject.ids[0], subject.ids[1:]
    address = _any_of("email__iexact", subject.addresses)
    notes = Note.objects.filter(person_id=person)
    extra = ExtraRecipient.objects.filter(address)
    offers = Invitation.objects.filter(address | Q(accepted_by_id=person))
    trips = ConsentRequest.objects.filter(person_id=person)
    mails = Delivery.objects.filter(Q(person_id=person) | Q(extra__in=extra.values("pk")))
    for lead in (extra, offers, trips, mails):  # first what leads to them: afterwards nobody knows where to look
        yield from _leading_to(lead)
    for model in (AddressBook, DueWork):
        yield model.objects.filter(ref__in=subject.ids)
    yield PersonCopyPart.objects.filter(copy__person_id=person)
    yield PersonCopy.objects.filter(person_id=person)
    yield from _copies(subject, person)
    yield Notice.objects.filter(Q(membership_id__in=mine) | Q(letter__membership_id__in=mine))
    yield Letter.objects.filter(membership_id__in=mine)
    for model in (StoppedMail, ReviewCall):
        yield model.objects.filter(membership_id__in=mine)
    yield Credit.objects.filter(creator_id__in=mine)
    yield SavedView.objects.filter(person_id=person)
    yield Mention.objects.filter(Q(person_id=person) | Q(note__in=notes.values("pk")))
    yield notes
    yield mails
    yield extra
    yield Correction.objects.filter(Q(asked_by_id=person) | _any_of("contact__iexact", subject.addresses))
    yield trips
    yield Session.objects.filter(person_id=person)
    yield SignInLink.objects.filter(person_id=person)
    yield EmailConfirmation.objects.filter(email_address__user_id=person)
    yield EmailAddress.objects.filter(user_id=person)
    yield Authenticator.objects.filter(user_id=person)
    yield offers
    yield Suppression.objects.filter(keyed_hash__in=[suppression.hash_of(a) for a in subject.addresses])
    yield Guess.objects.filter(keyed_hash__in=[address_book.hash_of("guess", a) for a in subject.addresses])
    yield Membership.all_time.filter(person_id=person)


def _any_of(lookup: str, values: tuple[str, ...]) -> Q:
    found = Q(pk__in=())
    for value in values:
        found |= Q(**{lookup: value})
    return found


def _leading_to(rows: QuerySet) -> Iterator[QuerySet]:
    for model in (AddressBook, DueWork):
        yield model.objects.filter(ref__in=rows.values("pk"))


def _copies(subject: Subject, person: str) -> Iterator[QuerySet]:
    """Copies of accounts in the places where they were: notes of theirs may stand in them, and they are sealed. One that still waits is
    made without them, unless they asked for it."""
    made = made_archives(UUID(subject.workspace_id)).none()
    for workspace in subject.workspaces:
        made |= made_archives(UUID(workspace))
    copies = made | DataArchive.objects.filter(asked_by_id=person)
    yield ArchivePart.objects.filter(archive__in=copies.values("pk"))
    yield from _leading_to(copies)
    yield copies


def redactors(subject: Subject) -> Iterator[tuple[str, Callable[[int], int]]]:
    """By place, what takes the person out of rows that stay. Each changes up to so many rows and says how many; 0 when none is left."""
    person = subject.ids[0]
    yield "agency_person", lambda limit: _empty_person(person)
    yield "community_comment", lambda limit: _unassign(person, limit)
    yield "community_savedview", lambda limit: wording.take_out(SavedView, "wanted", person, instead="", limit=limit)
    yield "reports_reportschedule", lambda limit: _blank(ReportSchedule, "reply_to", subject)
    yield "privacy_deletionrequest", lambda limit: _blank(DeletionRequest, "contact", subject)
    for workspace in subject.workspaces:
        yield "reports_exportfile", lambda limit, at=workspace: reports.erasure.files_go(UUID(at), limit=limit)
    name = subject.display_name
    for workspace in subject.creator_in:
        yield "reports_weeklyreport", lambda limit, at=workspace: reports.erasure.redact_creator(UUID(at), name, limit=limit)
    words = [*subject.words, *subject.addresses]
    yield "agency_session", lambda limit: agency.erasure.forget_notices(words, limit=limit)
    if subject.spoken_pattern:
        for model, column in wording.ours():
            place = model._meta.db_table
            yield place, lambda limit, m=model, c=column: wording.replace(m, c, subject.spoken_pattern, instead=NAME, limit=limit)


def _empty_person(person: str) -> int:
    row = Person.objects.using(_DB).filter(pk=person).exclude(email__endswith=_NOWHERE)
    return row.update(
        name=NAME, email=f"{uuid4().hex}{_NOWHERE}", password=make_password(None), theme=Person.Theme.SYSTEM,
        is_active=False, last_login=None, joined_at=None,
    )  # fmt: skip


def _unassign(person: str, limit: int) -> int:
    held = Comment.objects.using(_DB).filter(assignee_id=person)
    return held.filter(pk__in=list(held.values_list("pk", flat=True)[:limit])).update(assignee=None)


def _blank(model: type[ReportSchedule | DeletionRequest], column: str, subject: Subject) -> int:
    """An address of theirs in rows of others. Their own request keeps it until they are told of the end."""
    rows = model.objects.using(_DB).filter(_any_of(f"{column}__iexact", subject.addresses))
    if model is DeletionRequest:
        rows = rows.exclude(account_id=UUID(subject.connection_id))
    return rows.update(**{column: ""})


def forget(person_id: UUID) -> None:
    """Nothing leads from their request, whose reference they know, to the pseudonym. In the transaction that ends the run."""
    about = DeletionRequest.objects.filter(account_id=person_id)
    RequestStep.objects.filter(request__in=about.values("pk"), person_id=person_id).update(person=None)
    AddressBook.objects.filter(kind=BOOK_OF_PEOPLE, ref__in=about.values("pk")).delete()
    about.filter(asked_by_id=person_id).update(asked_by=None)


def destroy_keys(subject: Subject) -> None:
    """Of copies that were made since the run began: their rows are about to go."""
    for workspace in subject.workspaces:
        for archive in made_archives(UUID(workspace)).using(_DB):
            keyring().destroy(archive.key_ref)
