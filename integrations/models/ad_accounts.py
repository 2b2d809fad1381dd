"""Ad accounts, read through a person of TikTok for Business."""

import uuid

from django.db import models

from agency.models import InWorkspaceKey, Membership, Person, WorkspaceQuerySet, WorkspaceTable
from agency.roles import Role
from integrations.models.connections import Connection


def name_of_ad_account(name: str, advertiser_id: str) -> str:
    """What an ad account is called, for whoever read no more of it than this."""
    return name or f"ad account {advertiser_id}"


class AdAccountQuerySet(WorkspaceQuerySet):
    """Ad accounts by what can be done with them."""

    def visible_to(self, membership: Membership) -> "AdAccountQuerySet":
        """Those of the workspace, or none."""
        rows = self.of(membership.workspace_id)
        return rows if AdAccount.are_seen_by(membership) else rows.none()

    def linked(self) -> "AdAccountQuerySet":
        """Those whose figures are read."""
        return self.filter(state=AdAccount.State.LINKED)


class AdAccount(WorkspaceTable):
    """An ad account that a consent opens, and what was chosen about it. Currency and time zone are TikTok's and say what its money and
    its days mean."""

    class State(models.TextChoices):
        OFFERED = "offered", "Waiting for a choice"
        LINKED = "linked", "Linked"
        LOST = "lost", "No longer open to us"
        UNLINKED = "unlinked", "Unlinked"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = InWorkspaceKey(Connection, on_delete=models.CASCADE, related_name="ad_accounts")
    advertiser_id = models.CharField(max_length=32, help_text="TikTok's id. Beyond what a float holds.")
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Its days are those of this zone.")
    tiktok_status = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(null=True, help_text="When it was made at TikTok: there are no figures before.")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    state_since = models.DateTimeField()
    linked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    figures_from = models.DateField(null=True, help_text="The first of its days whose paid figures have been read.")
    figures_seen_at = models.DateTimeField(null=True)
    delete_data_on = models.DateField(null=True, help_text="The last day on which its data may still be here.")

    objects = AdAccountQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "connection", "advertiser_id"), name="integrations_ad_account"),
            models.UniqueConstraint(
                fields=("workspace", "advertiser_id"), condition=models.Q(state="linked"), name="integrations_ad_account_linked_once"
            ),
        )

    def __str__(self) -> str:
        return self.shown_name

    @staticmethod
    def are_seen_by(membership: Membership) -> bool:
        """A creator has no business with what the workspace spends."""
        return membership.as_role is not Role.CREATOR

    @property
    def shown_name(self) -> str:
        """Its name, else its number."""
        return name_of_ad_account(self.name, self.advertiser_id)
