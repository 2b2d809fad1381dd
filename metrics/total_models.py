"""Days summed over accounts: of a brand and of a workspace. Kept in step by triggers on `metrics_accountday` and `metrics_account`, in the
transaction of whatever changes a day: a sync, a correction, an erasure, an account that joins another brand. No code writes these rows.
"""

from django.db import models

from agency.models import Brand, InWorkspaceKey, WorkspaceTable


class DayTotal(WorkspaceTable):
    """Sums of one UTC day. Each sum says over how many accounts it goes: a part that is missing must not look like a fall.

    Signed columns: a trigger proposes differences, which may be negative, before they meet the row that they change.
    """

    id = models.BigAutoField(primary_key=True)
    date = models.DateField()
    accounts_count = models.BigIntegerField(help_text="Accounts with a row of this day.")
    views = models.BigIntegerField()
    with_views = models.BigIntegerField()
    profile_views = models.BigIntegerField()
    with_profile_views = models.BigIntegerField()
    viewers = models.BigIntegerField(help_text="Unique within each account; somebody who watches two accounts counts twice.")
    with_viewers = models.BigIntegerField()
    likes = models.BigIntegerField(help_text="Over accounts that told views, likes, comments and shares; so are the next two.")
    comments = models.BigIntegerField()
    shares = models.BigIntegerField()
    with_engagement = models.BigIntegerField()
    followers = models.BigIntegerField()
    with_followers = models.BigIntegerField()

    class Meta:
        abstract = True


class WorkspaceDay(DayTotal):
    """One day of all accounts of a workspace."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "date"), name="metrics_workspace_day"),)

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.date}"


class BrandDay(DayTotal):
    """One day of all accounts of a brand."""

    brand = InWorkspaceKey(Brand, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "brand", "date"), name="metrics_brand_day"),)

    def __str__(self) -> str:
        return f"{self.brand_id} {self.date}"
