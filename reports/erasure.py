"""What reports hold about an account: its name, its posts and its captions in frozen reports.

A report of that account alone keeps that it was sent, and nothing else. In a report of several accounts the erased one's part goes; the
totals stay as they were sent, and the report says that they still count an account that is gone. When the account was a creator's only one,
the creator has no name any more where reports credit them with posts on accounts of others.
"""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from agency import clock
from agency.keyring import keyring
from agency.models import Membership
from agency.roles import Role
from integrations.models import Connection
from metrics.models import Post
from reports.models import Credit, ExportFile, ExportPart, WeeklyReport, export_key_ref

_DB = "privacy"
GONE = "an erased account"
A_CREATOR = "a creator"


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Who was credited for its posts."""
    return (Credit.objects.filter(workspace_id=connection.workspace_id, post__account__connection_id=connection.pk),)


def parts_of(content: Any, connection: Connection) -> list[Any]:
    """What of a report is the account's own, for whoever asks for a copy."""
    if isinstance(content, dict):
        return [part for value in content.values() for part in parts_of(value, connection)]
    if isinstance(content, list):
        own = [value for value in content if _is_its_own(value, connection.shown_name, set())]
        return own + [part for value in content if value not in own for part in parts_of(value, connection)]
    return []


def redact(connection: Connection, *, limit: int) -> int:
    """Take the account out of frozen reports, and exported files away. Returns how many were changed; 0 when nothing of it is left."""
    name, changed = connection.shown_name, files_go(connection.workspace_id, limit=limit)
    posts = {
        str(pk)
        for pk in Post.objects.using(_DB)
        .filter(workspace_id=connection.workspace_id, account__connection_id=connection.pk)
        .values_list("pk", flat=True)
    }
    creator = _creator_behind(connection)
    reports = WeeklyReport.objects.using(_DB).filter(workspace_id=connection.workspace_id, erased_at=None)
    for pk in list(reports.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(using=_DB):
            row = WeeklyReport.objects.using(_DB).select_for_update().get(pk=pk)
            stays = without(row.content, name, posts)
            left = without_creator(stays, creator)
            if left == row.content:
                continue
            values: dict[str, Any] = {"accounts_erased_count": row.accounts_erased_count + (stays != row.content)}
            if left.get("accounts") or left.get("missing_accounts"):
                values["content"] = left
            else:
                values |= {"content": {}, "content_hash": "", "erased_at": clock.now()}
            WeeklyReport.objects.using(_DB).filter(pk=pk).update(**values)
        changed += 1
        if changed == limit:
            break
    return changed


def _creator_behind(connection: Connection) -> str:
    """The name of the creator whose account it is, when no other account of theirs stays; empty for accounts of a client."""
    row = Connection.objects.using(_DB).filter(pk=connection.pk).select_related("connected_by").first()
    if row is None:
        return ""
    here = {"workspace_id": row.workspace_id}
    is_creator = Membership.all_time.using(_DB).filter(**here, person_id=row.connected_by_id, role=Role.CREATOR.value).exists()
    others = Connection.objects.using(_DB).filter(**here, connected_by_id=row.connected_by_id, delete_data_on=None).exclude(pk=row.pk)
    return row.connected_by.name if is_creator and not others.exists() else ""


def without_creator(content: Any, name: str) -> Any:
    """A report in whose lines about creators this one has no name: their posts on accounts of others stay, and stay counted."""
    if not name or not isinstance(content, dict) or not content.get("creators"):
        return content
    return content | {"creators": [line | {"creator": A_CREATOR} if line["creator"] == name else line for line in content["creators"]]}


def redact_creator(workspace_id: UUID, name: str, *, limit: int) -> int:
    """Take a creator's name out of frozen reports of a workspace. Returns how many were changed."""
    reports, changed = WeeklyReport.objects.using(_DB).filter(workspace_id=workspace_id, erased_at=None), 0
    for pk in list(reports.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(using=_DB):
            row = WeeklyReport.objects.using(_DB).select_for_update().get(pk=pk)
            left = without_creator(row.content, name)
            if left != row.content:
                WeeklyReport.objects.using(_DB).filter(pk=pk).update(content=left)
                changed += 1
        if changed == limit:
            break
    return changed


def files_go(workspace_id: UUID, *, limit: int) -> int:
    """Long exports of the workspace, whatever is in them: a file is sealed, and nobody looks into it to find out. Its key goes first."""
    files = ExportFile.objects.using(_DB).filter(workspace_id=workspace_id).order_by("pk")
    gone = list(files.values_list("pk", flat=True)[:limit])
    for pk in gone:
        keyring().destroy(export_key_ref(pk))
    with transaction.atomic(using=_DB):
        ExportPart.objects.using(_DB).filter(workspace_id=workspace_id, file_id__in=gone).delete()
        ExportFile.objects.using(_DB).filter(workspace_id=workspace_id, pk__in=gone).delete()
    return len(gone)


def without(content: Any, name: str, posts: set[str]) -> Any:
    """A report without one account's part, whatever blocks the report has: what is the account's own goes from every list, and its name
    is replaced where it stands in a sentence."""
    if isinstance(content, dict):
        return {key: without(value, name, posts) for key, value in content.items()}
    if isinstance(content, list):
        return [without(value, name, posts) for value in content if not _is_its_own(value, name, posts)]
    return re.sub(rf"{re.escape(name)}(?![A-Za-z0-9_.])", GONE, content) if isinstance(content, str) else content


def _is_its_own(value: Any, name: str, posts: set[str]) -> bool:
    said = value.values() if isinstance(value, dict) else (value,)
    return any(isinstance(word, str) and (word == name or word in posts) for word in said)
