"""Pictures of accounts, from our own address: nobody's browser asks TikTok for them."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from agency.access import WorkspaceRequest, get_visible, signed_in
from integrations import queries
from integrations.models import Connection
from integrations.thumbnails import TYPE


@require_safe
@signed_in
def avatar(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Whoever sees the account sees its picture. It is part of pages whose reading is recorded, and is not recorded once more.

    A browser keeps it for an hour, for this person alone; the address changes with the picture.
    """
    if request.membership is None:
        raise Http404("No workspace.")
    connection = get_visible(request, Connection, connection_id)
    if connection.state == Connection.State.ASKED and connection.connected_by_id != request.user.pk:
        raise Http404("Somebody else's question.")
    picture = queries.picture_of(connection)
    if picture is None:
        raise Http404("No picture.")
    etag = f'"{connection.avatar_tag}"'
    answer = HttpResponse(picture, content_type=TYPE, headers={"ETag": etag, "Cache-Control": "private, max-age=3600"})
    return get_conditional_response(request, etag=etag, response=answer)
