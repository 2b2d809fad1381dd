"""Who follows an account, in which hours, and how posts were found: shares of kinds, dated, as TikTok told them on a day.

Shares are lists of name and part (0 to 1), in TikTok's order; NULL is not told. Nothing about single people is among them.
"""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, WorkspaceTable
from integrations.models import ApiCall


def _shares() -> models.JSONField:
    return models.JSONField(null=True)


class AccountAudience(WorkspaceTable):
    """An account's followers by kind, as told last on a day. A day on which nothing changed has no row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = InWorkspaceKey("metrics.Account", on_delete=models.CASCADE, related_name="audiences")
    date = models.DateField(help_text="The UTC day on which it was told.")
    ages = _shares()
    genders = _shares()
    countries = _shares()
    cities = _shares()
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_account_audience"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.date}"


class ActiveHours(WorkspaceTable):
    """How many followers were active in each hour of a UTC day."""

    id = models.BigAutoField(primary_key=True)
    account = InWorkspaceKey("metrics.Account", on_delete=models.CASCADE, related_name="hours")
    date = models.DateField()
    counts = models.JSONField(help_text="Twenty-four, of the hours 0 to 23 UTC; null where one was not told.")
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "account", "date"), name="metrics_active_hours"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.date}"


class PostAudience(WorkspaceTable):
    """How a post was found and who watched, as told last on a day. A day on which nothing changed has no row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = InWorkspaceKey("metrics.Post", on_delete=models.CASCADE, related_name="audiences")
    date = models.DateField(help_text="The UTC day on which it was told.")
    sources = _shares()
    countries = _shares()
    cities = _shares()
    genders = _shares()
    viewer_types = _shares()
    retention = models.JSONField(null=True, help_text="Lists of a second and the part of viewers still there.")
    call = InWorkspaceKey(ApiCall, on_delete=models.DO_NOTHING, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "post", "date"), name="metrics_post_audience"),)

    def __str__(self) -> str:
        return f"{self.post_id} {self.date}"
