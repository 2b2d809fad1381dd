"""Connecting without pages, as the callback does once TikTok has given tokens: for tests that need hundreds of connections."""

from typing import Any

from agency import clock, scope
from agency.models import Membership
from agency.secret import Secret
from integrations import actions, vault
from integrations.models import Connection, ConsentRequest, Flow
from integrations.tiktok.oauth import TokenGrant


def connect(told: dict[str, Any], by: Membership, handle: str) -> Connection:
    """Keep the grant that local TikTok's control plane has `told`, in the member's workspace."""
    grant = TokenGrant(
        open_id=told["open_id"],
        access_token=Secret(told["access_token"]),
        refresh_token=Secret(told["refresh_token"]),
        expires_in_seconds=told["expires_in"],
        refresh_expires_in_seconds=told["refresh_token_expires_in"],
        scopes=frozenset(told["scope"].split(",")),
    )
    with scope.inside(by.workspace_id):
        request = ConsentRequest.objects.create(
            workspace_id=by.workspace_id,
            person_id=by.person_id,
            browser_hash=b"",
            verifier_sealed=b"",
            scopes_asked=sorted(grant.scopes),
            redirect_uri="",
            started_at=clock.now(),
            expires_at=clock.now(),
        )
        connection_id, generation = actions.place_for(Flow.ACCOUNT, grant.open_id)
    sealed = vault.seal_grant(grant, workspace_id=by.workspace_id, connection_id=connection_id, generation=generation)
    with scope.inside(by.workspace_id):
        connection = actions.keep_grant(
            request, connection_id=connection_id, generation=generation, open_id=grant.open_id, scopes=grant.scopes, sealed=sealed
        )
        if connection.state == Connection.State.ASKED:  # another workspace holds it too
            actions.attach(connection, by=by)
            connection.refresh_from_db()
        actions.name_account(connection, handle=handle, display_name=handle)
    return connection
