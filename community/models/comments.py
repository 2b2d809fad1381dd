"""Comments as TikTok tells them, and what people here do with them. Every comment knows the call it came from.

A thread is a comment with its replies; its first comment stands for it, carries its standing and is what the inbox lists. A thread waits
while somebody else's visible comment in it is neither settled by a person nor answered by the account.
"""

import uuid

from django.db import models
from django.db.models import Q

from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role
from integrations.models import AdAccount, ApiCall
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


def name_of_author(handle: str, name: str) -> str:
    """By handle, else by name."""
    return f"@{handle}" if handle else name or "Somebody"


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
    """A comment or a reply under a post of a connected account, or under an ad of a linked ad account.

    What an account's own list names is that account's, and what an ad account tells of it besides changes nothing. `ad_account` says who
    brought what no account's list has named: it may stand under a post that we know, or under one that we do not.
    """

    class Shown(models.TextChoices):
        """How it stands on TikTok."""

        VISIBLE = "visible"
        HIDDEN = "hidden"
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    post = InWorkspaceKey(Post, null=True, on_delete=models.CASCADE, related_name="+")
    ad_account = InWorkspaceKey(
        AdAccount, null=True, on_delete=models.CASCADE, related_name="+", help_text="Through which alone we know of it."
    )
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
        constraints = (
            # TikTok's ids are one series: what comes by an account's list and by an ad account's is one row.
            models.UniqueConstraint(fields=("workspace", "tiktok_comment_id"), name="community_comment_id"),
            models.CheckConstraint(
                condition=Q(account__isnull=False, post__isnull=False) | Q(account=None, post=None, ad_account__isnull=False),
                name="community_comment_stands_somewhere",
            ),
        )
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
            models.Index(fields=("workspace", "ad_account"), condition=Q(ad_account__isnull=False), name="community_comment_of_ads"),
            models.Index(
                fields=("workspace", "later_until", "waits_since", "id"),
                condition=Q(is_reply=False, later_until__isnull=False),
                name="community_later",
            ),
            models.Index(fields=("workspace", "-done_at", "id"), condition=Q(is_reply=False, done_at__isnull=False), name="community_done"),
        )

    def __str__(self) -> str:
        return self.tiktok_comment_id

    @property
    def author(self) -> str:
        """By handle, else by name."""
        return name_of_author(self.author_handle, self.author_name)

    @property
    def stands_under(self) -> str:
        """Whose post or ad it stands under."""
        if self.account is not None:
            return self.account.connection.shown_name
        return self.ad_account.shown_name if self.ad_account is not None else ""


class UnderAd(WorkspaceTable):
    """A comment was told as standing under this ad. Names and figures of the ad are where ads are kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    comment = InWorkspaceKey(Comment, on_delete=models.CASCADE, related_name="ads")
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="+")
    tiktok_ad_id = models.CharField(max_length=32)
    tiktok_adgroup_id = models.CharField(max_length=32)
    tiktok_campaign_id = models.CharField(max_length=32, blank=True)
    answers = models.CharField(max_length=32, blank=True, help_text="TikTok's id of the comment that it answers, known here or not yet.")
    seen_at = models.DateTimeField()
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "comment", "ad_account", "tiktok_ad_id"), name="community_under_ad"),)
        indexes = (
            models.Index(fields=("workspace", "answers"), condition=~Q(answers=""), name="community_under_ad_answers"),
            models.Index(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="community_under_ad_group"),
        )

    def __str__(self) -> str:
        return f"{self.comment_id} under {self.tiktok_ad_id}"


class GroupReading(WorkspaceTable):
    """How far the comments under the ads of one ad group have been read, and when they are looked at again. A look goes through its days
    from the latest window to the first; place and rows are kept together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ad_account = InWorkspaceKey(AdAccount, on_delete=models.CASCADE, related_name="+")
    tiktok_adgroup_id = models.CharField(max_length=32)
    look_at = models.DateTimeField()
    whole_at = models.DateTimeField(null=True, help_text="When all of its days had last been read.")
    began_at = models.DateTimeField(null=True, help_text="When the look began that is under way.")
    first_on = models.DateField(null=True, help_text="The first UTC day of that look.")
    window_on = models.DateField(null=True, help_text="The last UTC day of the window that is being read; before the first once all are.")
    page = models.PositiveIntegerField(default=1, help_text="The next page of that window.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "ad_account", "tiktok_adgroup_id"), name="community_group_reading"),)
        indexes = (models.Index(fields=("workspace", "ad_account", "look_at"), name="community_group_look"),)

    def __str__(self) -> str:
        return f"comments under the ads of {self.tiktok_adgroup_id}"
