"""What an account's posts gained by day, out of dated looks at their counters. Kept in step by a trigger on `metrics_postsnapshot`, in the
transaction of the look. No code writes these rows.

It stands in for TikTok's own days where those were not granted. A look counts on its own day what the post gained since the look before, so
that a post that is looked at weekly brings a week's views at once: a sum over days is right between two looks, a single day may be late.
"""

from django.db import models

from agency.models import InWorkspaceKey, WorkspaceTable


class GainedDay(WorkspaceTable):
    """Sums of one UTC day over an account's posts. A day without a row is one on which nobody looked."""

    id = models.BigAutoField(primary_key=True)
    account = InWorkspaceKey("metrics.Account", on_delete=models.CASCADE, related_name="+")
    date = models.DateField()
    looks_count = models.BigIntegerField()
    begun_count = models.BigIntegerField(help_text="Looks of which nobody knows since when the post gained its views: nothing is counted.")
    lacking_count = models.BigIntegerField(help_text="Looks whose views are counted and whose likes, comments or shares cannot be.")
    views = models.BigIntegerField(help_text="A counter that TikTok lowered has gained nothing; so have the next three.")
    likes = models.BigIntegerField()
    comments = models.BigIntegerField()
    shares = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_gained_day"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.date}"
