"""Whom a run erases: what the account, or the person, is known by, kept sealed for as long as the run takes.

Strong identifiers belong to the account alone; none may be left anywhere. Names may rightly stand in what others published or wrote: they
are looked for where no other account's data lies.
"""

import json
import re
from dataclasses import asdict, dataclass
from uuid import UUID

from allauth.account.models import EmailAddress

from agency.keyring import data_key
from agency.models import Brand, Membership, Person, Workspace
from agency.roles import Role
from agency.sealing import Binding, seal, unseal
from community.erasure import Commenter, commenter_behind
from integrations import queries
from integrations.erasure import handle_patterns
from integrations.models import AdAccount, Connection
from metrics.models import Account
from privacy.erasure import made_archives
from privacy.models import DataArchive, DeletionRun, PersonCopy
from reports.models import ExportFile, export_key_ref

_DB = "privacy"


@dataclass(frozen=True)
class Subject:
    """An account, or one ad account of it, or somebody who commented or signed in, with everything it is known by."""

    workspace_id: str
    connection_id: str
    kind: str
    open_id: str
    handle: str
    display_name: str
    generation: int
    ad_account_id: str | None
    ids: tuple[str, ...]  # UUIDs of its rows that other rows may name
    words: tuple[str, ...]  # names that are looked for as they stand
    keys: tuple[str, ...]  # names of keys beside those of the connection's own generations
    handles: tuple[str, ...] = ()  # others that it had
    is_workspace: bool = False  # then `connection_id` is the workspace's own, which may stay
    is_person: bool = False  # then `connection_id` is the person's own, which stays as a pseudonym, and `ids` begins with it
    addresses: tuple[str, ...] = ()  # of a person
    workspaces: tuple[str, ...] = ()  # where a person is or was a member
    creator_in: tuple[str, ...] = ()  # and where as a creator

    def as_connection(self) -> Connection:
        """What `erasure` modules ask by. Not the row, which may be gone already."""
        return Connection(
            pk=UUID(self.connection_id),
            workspace_id=UUID(self.workspace_id),
            kind=self.kind,
            tiktok_open_id=self.open_id,
            handle=self.handle,
            display_name=self.display_name,
            generation=self.generation,
        )

    @property
    def strong(self) -> tuple[str, ...]:
        """Identifiers that nothing else has."""
        open_id = () if self.ad_account_id or not self.open_id else (self.open_id,)
        return (*self.ids, *(i.replace("-", "") for i in self.ids), *open_id)

    @property
    def pattern(self) -> str:
        """Strong identifiers and names, as a PostgreSQL regular expression that ignores case."""
        return "|".join([*map(re.escape, self.strong), *self._names()])

    @property
    def strong_pattern(self) -> str:
        """Strong identifiers alone, likewise."""
        return "|".join(map(re.escape, self.strong))

    @property
    def spoken_pattern(self) -> str:
        """What people write of a person: addresses and the name, likewise. Empty when there is neither."""
        return "|".join([*map(address_pattern, self.addresses), *map(name_pattern, self.words)])

    def _names(self) -> list[str]:
        if self.is_person:
            return [self.spoken_pattern] if self.spoken_pattern else []
        names = [pattern for handle in (self.handle, *self.handles) if handle for pattern in handle_patterns(handle)]
        return names + [rf'"{re.escape(word)}"' for word in self.words]

    def as_commenter(self) -> Commenter:
        """What is asked by when it is somebody who commented."""
        return Commenter(UUID(self.workspace_id), self.open_id, tuple(filter(None, (self.handle, *self.handles))))


def address_pattern(address: str) -> str:
    """An address where it is not a part of another."""
    return rf"(?<![a-z0-9._%+-]){re.escape(address)}(?!\.?[a-z0-9-])"


def name_pattern(name: str) -> str:
    """A name where it is not a part of another word, with whatever blanks between its words."""
    words = r"\s+".join(map(re.escape, name.split()))
    return rf"(?<![a-z0-9_]){words}(?![a-z0-9_])"


def of_run(run: DeletionRun) -> Subject | None:
    """Look up whom the run is about. None when the row is gone already. Inside the run's workspace."""
    if run.of == DeletionRun.Of.COMMENTER:
        return _commenter(run)
    if run.of == DeletionRun.Of.WORKSPACE:
        return _workspace(run.workspace_id)
    if run.of == DeletionRun.Of.PERSON:
        return _person(run)
    ad_account = None
    if run.of == DeletionRun.Of.AD_ACCOUNT:
        ad_account = AdAccount.objects.filter(pk=run.subject_id).first()
        if ad_account is None:
            return None
    connection = Connection.objects.filter(pk=ad_account.connection_id if ad_account else run.subject_id).first()
    if connection is None:
        return None
    ids = (
        [ad_account.pk]
        if ad_account
        else [
            connection.pk,
            *Account.objects.filter(connection=connection).values_list("pk", flat=True),
            *AdAccount.objects.filter(connection=connection).values_list("pk", flat=True),
        ]
    )
    return Subject(
        workspace_id=str(connection.workspace_id),
        connection_id=str(connection.pk),
        kind=connection.kind,
        open_id=connection.tiktok_open_id,
        handle="" if ad_account else connection.handle,
        display_name="" if ad_account else connection.display_name,
        generation=connection.generation,
        ad_account_id=str(ad_account.pk) if ad_account else None,
        ids=tuple(map(str, ids)),
        words=() if ad_account else _words(connection),
        keys=()
        if ad_account
        else (
            *queries.revocation_keys(connection.pk),
            *(archive.key_ref for archive in DataArchive.objects.filter(account_id=connection.pk)),
        ),
    )


def _commenter(run: DeletionRun) -> Subject | None:
    """Copies of accounts that were made already may hold their comments; they are sealed, and nobody looks into them to find out."""
    somebody = commenter_behind(run.workspace_id, run.subject_id) if run.subject_id else None
    if somebody is None:
        return None
    return Subject(
        workspace_id=str(run.workspace_id),
        connection_id=str(run.subject_id),
        kind=DeletionRun.Of.COMMENTER,
        open_id=somebody.author_id,
        handle=somebody.handles[0] if somebody.handles else "",
        display_name="",
        generation=0,
        ad_account_id=None,
        ids=(),
        words=(),
        keys=tuple(archive.key_ref for archive in made_archives(run.workspace_id)),
        handles=somebody.handles[1:],
    )


def _workspace(workspace_id: UUID) -> Subject:
    return Subject(
        workspace_id=str(workspace_id),
        connection_id=str(workspace_id),
        kind="",
        open_id="",
        handle="",
        display_name="",
        generation=0,
        ad_account_id=None,
        ids=(str(workspace_id),),
        words=(),
        keys=_keys_of(workspace_id),
        is_workspace=True,
    )


def _person(run: DeletionRun) -> Subject | None:
    """Over all workspaces, as the privacy role: a person belongs to none of them."""
    person = Person.objects.using(_DB).filter(pk=run.subject_id).first()
    if person is None:
        return None
    held = list(Membership.all_time.using(_DB).filter(person=person).order_by("created_at"))
    workspaces = tuple(dict.fromkeys(str(m.workspace_id) for m in held))
    addresses = {person.email, *(a.lower() for a in EmailAddress.objects.using(_DB).filter(user=person).values_list("email", flat=True))}
    files = ExportFile.objects.using(_DB).filter(workspace_id__in=workspaces).values_list("pk", flat=True)
    return Subject(
        workspace_id=str(run.workspace_id),
        connection_id=str(person.pk),
        kind=DeletionRun.Of.PERSON,
        open_id="",
        handle="",
        display_name=person.name,
        generation=0,
        ad_account_id=None,
        ids=(str(person.pk), *(str(m.pk) for m in held)),
        words=_person_words(person),
        keys=(
            *(copy.key_ref for copy in PersonCopy.objects.using(_DB).filter(person=person)),
            *map(export_key_ref, files),
            *(archive.key_ref for workspace in workspaces for archive in made_archives(UUID(workspace)).using(_DB)),
        ),
        is_person=True,
        addresses=tuple(sorted(addresses)),
        workspaces=workspaces,
        creator_in=tuple(dict.fromkeys(str(m.workspace_id) for m in held if m.as_role is Role.CREATOR)),
    )


def _person_words(person: Person) -> tuple[str, ...]:
    """Their name, when it is theirs alone and more than one word: a first name alone means many, and may be a word of the language."""
    name = " ".join(person.name.split())
    stays = {" ".join(n.split()).lower() for n in Person.objects.using(_DB).exclude(pk=person.pk).values_list("name", flat=True)}
    for model, column in ((Workspace, "name"), (Brand, "name"), (Connection, "display_name")):
        stays |= {n.lower() for n in model.objects.using(_DB).values_list(column, flat=True)}
    return (name,) if " " in name and name.lower() not in stays else ()


def _keys_of(workspace_id: UUID) -> tuple[str, ...]:
    """Names of keys under which something of the workspace is sealed."""
    here = {"workspace_id": workspace_id}
    return (
        f"workspace:{workspace_id}",
        *(export_key_ref(pk) for pk in ExportFile.objects.filter(**here).values_list("pk", flat=True)),
        *(archive.key_ref for archive in DataArchive.objects.filter(**here)),
    )


def _words(connection: Connection) -> tuple[str, ...]:
    """The name that people see, unless it is also that of somebody or something that stays."""
    name = connection.display_name.strip()
    stays = {connection.handle, *Workspace.objects.values_list("name", flat=True), *Brand.objects.values_list("name", flat=True)}
    stays |= set(Membership.all_time.values_list("person__name", flat=True))
    others = Connection.objects.exclude(pk=connection.pk).values_list("display_name", flat=True)
    return (name,) if len(name) > 3 and name not in stays | set(others) else ()


def sealed(subject: Subject, run: DeletionRun) -> bytes:
    """For the run's row. Talks to the key service: call it outside a transaction."""
    return seal(data_key(run.key_ref, create=True), json.dumps(asdict(subject)).encode(), _binding(run))


def opened(run: DeletionRun) -> Subject:
    """Whom a run that has begun is about."""
    held = json.loads(unseal(data_key(run.key_ref), bytes(run.subject_sealed or b""), _binding(run)))
    return Subject(**{name: tuple(value) if isinstance(value, list) else value for name, value in held.items()})


def _binding(run: DeletionRun) -> Binding:
    return Binding(
        workspace=str(run.workspace_id),
        subject=run.key_ref,
        table="privacy_deletionrun",
        column="subject_sealed",
        row=str(run.pk),
        generation=0,
        purpose="deletion run",
    )
