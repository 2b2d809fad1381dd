"""What people here do with threads: acts, tags, notes, saved views, and how soon something is to be answered."""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from agency.models import InWorkspaceKey, Person, WorkspaceTable
from community.models.comments import Comment


class Triage(WorkspaceTable):
    """One act on a thread: who did what, when, and how it stood before, so that it can be undone."""

    class Kind(models.TextChoices):
        DONE = "done", "Done"
        OPENED = "opened", "Opened again"
        LATER = "later", "Later"
        ASSIGNED = "assigned", "Assigned"
        TAGGED = "tagged", "Tagged"
        UNTAGGED = "untagged", "Tag taken off"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=8, choices=Kind)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField(default=dict, help_text="How the thread stood: assignee, later_until.")
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    until = models.DateTimeField(null=True)
    tag = InWorkspaceKey("Tag", null=True, on_delete=models.CASCADE, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "thread", "at"), name="community_triage_thread"),
            models.Index(fields=("workspace", "at"), name="community_triage_at"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.thread_id}"


class Tag(WorkspaceTable):
    """A word that the team sorts comments by."""

    LONGEST = 30

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=LONGEST)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "name"), name="community_tag_name"),)

    def __str__(self) -> str:
        return self.name


class ThreadTag(WorkspaceTable):
    """A tag on a thread, and who put it there."""

    id = models.BigAutoField(primary_key=True)
    thread = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="tags")
    tag = InWorkspaceKey(Tag, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "thread", "tag"), name="community_thread_tag"),)
        indexes = (models.Index(fields=("workspace", "tag"), name="community_tagged"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.thread_id}"


class Note(WorkspaceTable):
    """What the team says among itself about a thread. Never shown on TikTok."""

    LONGEST = 2_000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    thread = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="notes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        indexes = (models.Index(fields=("workspace", "thread", "at"), name="community_note_thread"),)

    def __str__(self) -> str:
        return f"note on {self.thread_id}"


class Mention(WorkspaceTable):
    """Somebody who was named in a note, and since when they know."""

    id = models.BigAutoField(primary_key=True)
    note = InWorkspaceKey(Note, on_delete=models.CASCADE, related_name="mentions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "note", "person"), name="community_mention_once"),)
        indexes = (models.Index(fields=("workspace", "person"), condition=Q(seen_at=None), name="community_mention_unseen"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.note_id}"


class SavedView(WorkspaceTable):
    """A person's own filter, by a name. Holds what to look for and never what was found."""

    MOST = 20

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    wanted = models.JSONField(help_text="The filter, by the names that it has in addresses.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "person", "name"), name="community_saved_view"),)

    def __str__(self) -> str:
        return self.name


class Aim(WorkspaceTable):
    """How soon a comment is to be answered, or settled, in this workspace."""

    AT_FIRST = timedelta(hours=4)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seconds = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace",), name="community_one_aim"),)

    def __str__(self) -> str:
        return f"{self.seconds} s"
