"""Comments as TikTok tells them, and what people here do with them. Every comment knows the call it came from.

A thread is a comment with its replies; its first comment stands for it, carries its standing and is what the inbox lists. A thread waits
while somebody else's visible comment in it is neither settled by a person nor answered by the account.
"""

import uuid

from django.db import models
from django.db.models import Q

from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role
from integrations.models import ApiCall
from metrics.models import Account, Post


class Reading(WorkspaceTable):
    """How far the comments of one account have been read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField(help_text="What was said long before counts as settled.")
    read_at = models.DateTimeField(null=True, help_text="When TikTok was last asked for comments and answered.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account"), name="community_reading_account"),)

    def __str__(self) -> str:
        return f"comments of {self.account_id}"


class Forgotten(WorkspaceTable):
    """Somebody asked for everything they had said to be forgotten. Until then nothing of it is kept again; what they say later is new."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mark = models.BinaryField(max_length=32, help_text="A keyed hash of TikTok's mark of them.")
    until = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "mark"), name="community_forgotten_mark"),)

    def __str__(self) -> str:
        return f"forgotten until {self.until}"


class PostReading(WorkspaceTable):
    """How far the comments of one post have been read, and when they are looked at again. Cursor and rows are kept together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="+")
    post = InWorkspaceKey(Post, on_delete=models.CASCADE, related_name="+")
    look_at = models.DateTimeField(help_text="When its newest comments are looked at again.")
    whole_at = models.DateTimeField(null=True, help_text="When all of them had last been read.")
    began_at = models.DateTimeField(null=True, help_text="When the reading of all of them began that is under way.")
    cursor = models.BigIntegerField(null=True, help_text="Where it goes on; empty at its beginning and once the last page is read.")
    is_listed = models.BooleanField(default=False, help_text="Its last page is read; what was not on any page remains to be asked for.")
    counted = models.PositiveBigIntegerField(null=True, help_text="TikTok's number of comments at the last look.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "post"), name="community_post_reading"),)
        indexes = (models.Index(fields=("workspace", "account", "look_at"), name="community_post_look"),)

    def __str__(self) -> str:
        return f"comments under {self.post_id}"


class CommentQuerySet(WorkspaceQuerySet):
    """Comments by what can be done with them."""

    def visible_to(self, membership: Membership) -> "CommentQuerySet":
        """A creator sees those of the accounts that they connected themselves."""
        rows = self.of(membership.workspace_id)
        return rows.filter(account__connection__connected_by_id=membership.person_id) if membership.as_role is Role.CREATOR else rows

    def threads(self) -> "CommentQuerySet":
        """Those that stand for a thread."""
        return self.filter(is_reply=False)

    def waiting(self) -> "CommentQuerySet":
        """Threads in which somebody waits for us."""
        return self.threads().filter(waits_since__isnull=False, later_until=None)


class Comment(WorkspaceTable):
    """A comment or a reply under a post of a connected account."""

    class Shown(models.TextChoices):
        """How it stands on TikTok."""

        VISIBLE = "visible"
        HIDDEN = "hidden"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, on_delete=models.CASCADE, related_name="+")
    post = InWorkspaceKey(Post, on_delete=models.CASCADE, related_name="+")
    thread = InWorkspaceKey("self", on_delete=models.CASCADE, related_name="comments", help_text="The first comment of its thread.")
    is_reply = models.BooleanField()
    tiktok_comment_id = models.CharField(max_length=32)
    tiktok_author_id = models.CharField(max_length=120, blank=True, help_text="TikTok's opaque mark of the author, for this app only.")
    author_handle = models.CharField(max_length=120, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    is_own = models.BooleanField(default=False, help_text="Written by the account itself.")
    text = models.TextField(blank=True)
    has_image = models.BooleanField(default=False)
    language = models.CharField(max_length=3, blank=True)
    likes_count = models.PositiveBigIntegerField(null=True)
    replies_count = models.PositiveBigIntegerField(null=True, help_text="By TikTok; only the first comment of a thread has replies.")
    replies_read_count = models.PositiveBigIntegerField(null=True, help_text="What that number was when the replies were last read.")
    replies_cursor = models.BigIntegerField(null=True, help_text="Where reading the replies goes on.")
    replies_began_at = models.DateTimeField(null=True, help_text="When the reading of the replies began that is under way.")
    is_liked = models.BooleanField(default=False, help_text="By the account.")
    is_pinned = models.BooleanField(default=False)
    shown = models.CharField(max_length=8, choices=Shown, default=Shown.VISIBLE)
    said_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, help_text="When a changed text was first seen.")
    gone_at = models.DateTimeField(null=True, help_text="Since when TikTok does not know it any more.")
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+", help_text="The one that brought its last change.")

    # What we did with it.
    settled_at = models.DateTimeField(null=True, help_text="Since when nobody has to look at it any more.")
    settled_act = models.UUIDField(null=True, help_text="The act that settled it; undoing that opens it again.")
    answered_at = models.DateTimeField(null=True, help_text="When the account first said something after it in its thread.")

    # How the thread stands, on its first comment.
    waits_since = models.DateTimeField(null=True, help_text="When the oldest thing was said that waits.")
    stirred_at = models.DateTimeField(null=True, help_text="When we last learned of something new that waits.")
    last_said_at = models.DateTimeField(null=True)
    later_until = models.DateTimeField(null=True)
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True, help_text="When it last stopped waiting.")

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "tiktok_comment_id"), name="community_comment_id"),)
        indexes = (
            models.Index(fields=("workspace", "thread", "said_at"), name="community_comment_thread"),
            models.Index(fields=("workspace", "post", "said_at"), name="community_comment_post"),
            models.Index(fields=("workspace", "said_at"), name="community_comment_said"),
            models.Index(
                fields=("workspace", "tiktok_author_id"), condition=~Q(tiktok_author_id=""), name="community_comment_author"
            ),  # who comes back
            models.Index(fields=("workspace", "-last_said_at", "id"), condition=Q(is_reply=False), name="community_threads"),
            models.Index(
                fields=("workspace", "waits_since", "id"),
                condition=Q(is_reply=False, waits_since__isnull=False, later_until=None),
                name="community_waiting",
            ),
            models.Index(
                fields=("workspace", "assignee", "waits_since"),
                condition=Q(is_reply=False, waits_since__isnull=False, later_until=None),
                name="community_waiting_of",
            ),
            models.Index(
                fields=("workspace", "account", "waits_since"),
                condition=Q(is_reply=False, waits_since__isnull=False, later_until=None),
                name="community_waiting_account",
            ),
            models.Index(
                fields=("workspace", "post"),
                condition=Q(is_reply=False, waits_since__isnull=False, later_until=None),
                name="community_waiting_post",
            ),
            models.Index(
                fields=("workspace", "stirred_at"),
                condition=Q(is_reply=False, waits_since__isnull=False, later_until=None),
                name="community_stirred",
            ),
            models.Index(fields=("workspace", "later_until"), condition=Q(later_until__isnull=False), name="community_later"),
            models.Index(fields=("workspace", "-done_at", "id"), condition=Q(done_at__isnull=False), name="community_done"),
        )

    def __str__(self) -> str:
        return self.tiktok_comment_id

    @property
    def author(self) -> str:
        """By handle, else by name."""
        return f"@{self.author_handle}" if self.author_handle else self.author_name or "Somebody"
