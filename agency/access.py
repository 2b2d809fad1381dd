"""The doors: who may open which address and which object. Access is the lookup; there is no other way to an object.

Every address declares what it needs, with one of `requires`, `signed_in`, `public`. A system check refuses to start
with an address that declares nothing.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from agency import audit, clock, scope
from agency.models import Membership, Person
from agency.roles import Can

LONGEST_WAY_BACK = 2_000  # characters; what browsers and proxies agree on
View = Callable[..., HttpResponse]
M = TypeVar("M", bound=models.Model)

PUBLIC, SIGNED_IN = "public", "signed in"


class WorkspaceRequest(Protocol):
    """A request as views behind `requires` see it."""

    user: Person
    membership: Membership
    memberships: list[Membership]
    method: str
    GET: Any
    POST: Any
    session: Any
    htmx: Any


def requires(capability: Can, *, is_look: bool = True) -> Callable[[View], View]:
    """The view needs a member of the current workspace whose role has `capability`. Strangers are asked to sign in.

    `is_look` is false for what an open page asks by itself and what is answered with a number: nobody looked at anything.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def door(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_sign_in(request)
            if request.membership is None or not request.membership.as_role.can(capability):
                raise PermissionDenied(capability.name)
            answer = view(request, *args, **kwargs)
            if is_look:
                note_look(request, kwargs, answer)
            return answer

        door.needs = capability
        door.is_look = is_look
        return door

    return wrap


def signed_in(view: View) -> View:
    """The view needs a person, in whatever role."""

    @wraps(view)
    def door(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        return view(request, *args, **kwargs)

    door.needs = SIGNED_IN
    return door


def public(view: View) -> View:
    """Anybody may open this."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    door.needs = PUBLIC
    return door


def confirmed_lately(request: Any) -> bool:
    """Whether the person has proven within ten minutes who they are: by signing in, or by being asked again."""
    records = get_authentication_records(request, request.user)
    return any(r["at"] > clock.real_timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT for r in records)


def ask_to_confirm(request: Any, back: str = "") -> HttpResponse:
    """To the page that asks again, and then back. A form that was posted is not repeated: the way back is a page."""
    return redirect("/sign-in/again?" + urlencode({"next": back or request.get_full_path()}))


def note_look(request: Any, named: dict[str, Any], answer: HttpResponse) -> None:
    """What staff were shown is on record before it leaves the house; if it cannot be written, it is not shown.

    Redirects and refusals show nothing. What staff changed is recorded by the action that did it.
    """
    membership = request.membership
    if not membership.as_role.is_staff or not (answer.status_code < 300 or answer.status_code == 422):
        return
    name, value = next(((k, v) for k, v in named.items() if isinstance(v, UUID)), ("", ""))
    told = {"of": name.removesuffix("_id"), "ref": str(value), "week": str(named.get("week", ""))}
    here = scope.current()
    if here is not None and here.workspace_id == membership.workspace_id:
        audit.record_read(request.resolver_match.url_name, by=membership, **told)
    else:
        with scope.inside(membership.workspace_id):
            audit.record_read(request.resolver_match.url_name, by=membership, **told)


def networked(view: View) -> View:
    """The view talks to the network: it gets no transaction around it and opens short ones itself."""
    view.talks_to_network = True
    return view


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back. A form that was posted is not repeated: the way back is a page, without what it was asked with where
    that is longer than an address may be."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    if len(back) > LONGEST_WAY_BACK:
        back = request.path if len(request.path) <= LONGEST_WAY_BACK else "/"
    response = redirect("/sign-in?" + urlencode({"next": back}))
    response.headers["Cache-Control"] = "no-store"
    return response


def keep_private(response: HttpResponse) -> HttpResponse:
    """What came in the address (codes, states) must stay neither in caches nor in the next page's referrer. Only a page tells its origin:
    from one that hides even that, browsers send forms from `null`, which is nobody, and "Try again" is refused."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer" if response.has_header("Location") else "strict-origin"
    return response


def get_visible(request: Any, model: type[M], pk: UUID | str, **conditions: Any) -> M:
    """One object that this member may see. Another workspace's object and a missing one answer the same: 404."""
    try:
        return model.objects.visible_to(request.membership).get(pk=pk, **conditions)
    except (model.DoesNotExist, ValueError, TypeError):
        raise Http404("No such object, or not for this person.") from None


def find_membership(memberships: list[Membership], slug: str | None, workspace_id: str | None) -> Membership | None:
    """The membership to act in: the one a link names, else the one the session holds, else the first."""
    by_slug = {m.workspace.slug: m for m in memberships}
    by_id = {str(m.workspace_id): m for m in memberships}
    return by_slug.get(slug or "") or by_id.get(workspace_id or "") or (memberships[0] if memberships else None)
