"""What is held about one person, over all workspaces, those that they left too: rows of their own, and what they did in rows of others.

Derived from the models: every reference to a person or to a membership leads here, so that a table that comes later is found too. Rows of
others, such as an account that they connected, are told by identifiers and moments alone: what they hold is not the person's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from agency.models import AuditRow, Membership, Person
from agency.roles import Role
from integrations.models import Connection
from privacy import zipped
from privacy.columns import COLUMNS
from privacy.models import PersonCopy, PersonCopyPart
from reports.erasure import parts_of as report_parts_of
from reports.models import WeeklyReport

_DB = "privacy"
# Tables whose rows are a person's own, when one of these columns leads to them. Others are acts in rows of others.
OWN: dict[str, tuple[str, ...]] = {
    "agency.Session": ("person",),
    "agency.Membership": ("person",),
    "agency.Invitation": ("accepted_by",),
    "agency.SignInLink": ("person",),
    "account.EmailAddress": ("user",),
    "mfa.Authenticator": ("user",),
    "integrations.Notice": ("membership",),
    "community.Triage": ("person",),
    "community.ThreadTag": ("person",),
    "community.Note": ("person",),
    "community.Mention": ("person",),
    "community.Sending": ("person",),
    "community.SavedView": ("person",),
    "reports.ExportFile": ("membership",),
    "reports.Delivery": ("person",),
    "reports.StoppedMail": ("membership",),
    "reports.Credit": ("creator",),
    "privacy.DeletionRequest": ("asked_by",),
    "privacy.RequestStep": ("person",),
    "privacy.DataArchive": ("asked_by",),
    "privacy.Correction": ("asked_by",),
}
# Rows that name a person by address alone, or by way of such a row.
BY_ADDRESS: dict[str, str] = {
    "agency.Invitation": "email__iexact",
    "account.EmailConfirmation": "email_address__user__email__iexact",
    "reports.ExtraRecipient": "email__iexact",
    "reports.Delivery": "extra__email__iexact",
    "reports.ReportSchedule": "reply_to__iexact",
    "privacy.DeletionRequest": "contact__iexact",
    "privacy.Correction": "contact__iexact",
}
# The copies themselves.
NOT_DATA = (PersonCopy, PersonCopyPart)


@dataclass(frozen=True)
class Part:
    """Rows of one table, and the columns that are handed over."""

    name: str
    rows: QuerySet
    fields: tuple[models.Field, ...]


def parts_of(person: Person) -> Iterator[Part]:
    """Everything, table by table. Reads as the privacy role: workspaces that the person left hold rows of theirs as well."""
    mine = tuple(Membership.all_time.using(_DB).filter(person=person).values_list("pk", flat=True))
    yield _part(Person, Q(pk=person.pk), whole=True)
    about = Q(person_id=person.pk) | Q(subject_id__in=[str(person.pk), *map(str, mine)])
    yield _part(AuditRow, about, whole=True)
    for model in apps.get_models():
        if model in NOT_DATA or model._meta.label not in COLUMNS:
            continue
        own, acts = _leads(model, person, mine)
        if own:
            yield _part(model, own, whole=True)
        if acts:
            yield _part(model, acts & ~own if own else acts, whole=False)


def _leads(model: type[models.Model], person: Person, mine: tuple[UUID, ...]) -> tuple[Q, Q]:
    """What makes a row the person's own, and what makes it one in which they did something."""
    own, acts = Q(), Q()
    for field in model._meta.concrete_fields:
        if not field.is_relation or field.related_model not in (Person, Membership):
            continue
        lead = Q(**{field.name: person.pk}) if field.related_model is Person else Q(**{f"{field.name}__in": mine})
        if field.name in OWN.get(model._meta.label, ()):
            own |= lead
        else:
            acts |= lead
    address = BY_ADDRESS.get(model._meta.label)
    return (own | Q(**{address: person.email}) if address else own), acts


def _part(model: type[models.Model], where: Q, *, whole: bool) -> Part:
    manager = Membership.all_time if model is Membership else model._default_manager
    # By key: a condition may go over a second table and find a row twice.
    rows = model._base_manager.using(_DB).filter(pk__in=manager.using(_DB).filter(where).values("pk"))
    sealed = set(COLUMNS[model._meta.label].sealed.split())
    fields = [f for f in zipped.columns(model) if f.attname not in sealed]
    if not whole:
        keys = set(COLUMNS[model._meta.label].key.split())
        fields = [f for f in fields if f.attname in keys or isinstance(f, models.DateField)]
    return Part(model._meta.db_table + ("" if whole else "_acts"), rows, tuple(fields))


def reports_of(person: Person) -> list[dict[str, Any]]:
    """What frozen reports say about a creator: lines about accounts that they connected themselves, and lines that credit them with posts.
    Accounts that somebody else connected, or that are a client's, are not the person's."""
    found = []
    held = Membership.all_time.using(_DB).filter(person=person, role=Role.CREATOR.value).order_by("created_at")
    for workspace_id in dict.fromkeys(held.values_list("workspace_id", flat=True)):
        theirs = list(Connection.objects.using(_DB).of_accounts().filter(workspace_id=workspace_id, connected_by=person))
        reports = WeeklyReport.objects.using(_DB).filter(workspace_id=workspace_id, erased_at=None).order_by("week")
        for report in reports.iterator(chunk_size=50):
            lines = [part for account in theirs for part in report_parts_of(report.content, account)]
            lines += [line for line in report.content.get("creators") or () if line["creator"] == person.name]
            if lines:
                found.append({"workspace_id": str(workspace_id), "week": report.week, "sent_as": lines})
    return found


def told_to(person: Person, part: Part) -> zipped.Told:
    """Other people are not named, not even by their identifiers."""
    people = {f.attname for f in part.fields if f.is_relation and f.related_model is Person}
    if part.rows.model is AuditRow:
        people.add("person_id")

    def told(name: str, value: Any) -> Any:
        return "somebody else" if name in people and value not in (None, person.pk) else value

    return told
