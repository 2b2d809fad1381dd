"""Connections to TikTok, how their sync stands, and what people are told of them."""

from integrations.models.ad_accounts import AdAccount, AdAccountQuerySet, name_of_ad_account
from integrations.models.connections import (
    Avatar,
    Connection,
    ConnectionQuerySet,
    ConnectionTraits,
    Flow,
    PendingRevocation,
    connection_key_ref,
    name_of_account,
    revocation_key_ref,
)
from integrations.models.consents import ConsentRequest, FeatureSwitch, Proof
from integrations.models.events import Letter, Notice, WebhookEvent
from integrations.models.syncing import ApiCall, Pace, SyncPace, SyncRun

__all__ = [
    "AdAccount", "AdAccountQuerySet", "ApiCall", "Avatar", "Connection", "ConnectionQuerySet", "ConnectionTraits", "ConsentRequest",
    "FeatureSwitch", "Flow", "Letter", "Notice", "Pace", "PendingRevocation", "Proof", "SyncPace", "SyncRun", "WebhookEvent",
    "connection_key_ref", "name_of_account", "name_of_ad_account", "revocation_key_ref",
]  # fmt: skip
