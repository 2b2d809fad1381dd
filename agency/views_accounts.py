"""The platform admin's pages of people over all workspaces: finding somebody, their sign-in, their second factor."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from agency import directory, emails, operating
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, networked, requires
from agency.chrome import mark
from agency.forms_operating import ResetForm, SearchForm
from agency.outlets import mail
from agency.roles import Can

PAGE = 50


@require_safe
@requires(Can.CLOSE_ACCOUNTS)
def accounts(request: WorkspaceRequest) -> HttpResponse:
    """Everybody who can sign in, by address. What to look for stands in the address."""
    search = SearchForm(request.GET)
    wanted, after = "", ""
    if search.is_valid():
        wanted, after = search.cleaned_data["q"].strip(), search.cleaned_data["after"]
    found = list(directory.people(wanted, after=after)[: PAGE + 1])
    context = {
        "search": search,
        "wanted": wanted,
        "rows": [
            {
                "public_id": p.pk,
                "name": p.name,
                "email": p.email,
                "mark": mark(p.name),
                "is_closed": not p.is_active,
                "joined_at": p.joined_at,
            }
            for p in found[:PAGE]
        ],
        "next_href": f"?{urlencode({'q': wanted, 'after': found[PAGE - 1].email})}" if len(found) > PAGE else "",
    }
    return render(request, "agency/accounts.html", context)


@require_safe
@requires(Can.CLOSE_ACCOUNTS)
def account_page(request: WorkspaceRequest, person_id: UUID) -> HttpResponse:
    """One person: where they have access, and how they sign in."""
    return _show(request, _find(person_id), ResetForm())


def _find(person_id: UUID) -> directory.Account:
    found = directory.account(person_id)
    if found is None:
        raise Http404("No such person.")
    return found


def _show(request: WorkspaceRequest, found: directory.Account, form: ResetForm) -> HttpResponse:
    directory.note_looks("account_page", (m.workspace_id for m in found.memberships), by=request.membership)
    person = found.person
    context = {
        "person": {
            "public_id": person.pk,
            "name": person.name,
            "email": person.email,
            "mark": mark(person.name),
            "is_closed": not person.is_active,
        },
        "is_you": person.pk == request.user.pk,
        "memberships": [
            {
                "workspace_id": m.workspace_id,
                "workspace": m.workspace.name,
                "role_label": m.as_role.label,
                "purpose": m.purpose,
                "ends_at": m.ends_at,
                "is_closed": m.workspace.closed_at is not None,
            }
            for m in found.memberships
        ],
        "session_count": found.session_count,
        "has_second_factor": found.has_second_factor,
        "needs_second_factor": any(m.as_role.is_staff for m in found.memberships),
        "form": form,
    }
    return render(request, "agency/account_page.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Can.CLOSE_ACCOUNTS)
def close_person(request: WorkspaceRequest, person_id: UUID) -> HttpResponse:
    """No signing in any more, anywhere."""
    person = _find(person_id).person
    said = f"{person.name} cannot sign in any more and is signed out everywhere."
    return _act(request, person_id, lambda: operating.close_person(person, by=request.membership), said)


@require_POST
@requires(Can.CLOSE_ACCOUNTS)
def open_person(request: WorkspaceRequest, person_id: UUID) -> HttpResponse:
    """Signing in works again."""
    person = _find(person_id).person
    return _act(request, person_id, lambda: operating.open_person(person, by=request.membership), f"{person.name} can sign in again.")


@require_POST
@requires(Can.CLOSE_ACCOUNTS)
def sign_out_person(request: WorkspaceRequest, person_id: UUID) -> HttpResponse:
    """Every browser of theirs."""
    person = _find(person_id).person
    said = f"{person.name} is signed out everywhere."
    return _act(request, person_id, lambda: operating.sign_out_person(person, by=request.membership), said)


@require_POST
@networked
@requires(Can.CLOSE_ACCOUNTS)
def reset_second_factor(request: WorkspaceRequest, person_id: UUID) -> HttpResponse:
    """Devices are forgotten, and the person is told by mail: if it was not they who asked, they learn of it."""
    found, form = _find(person_id), ResetForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form)
    person, reason = found.person, form.cleaned_data["reason"]
    said = f"The second factor of {person.name} is reset. They were told by mail."

    def act() -> None:
        operating.reset_second_factor(person, by=request.membership, reason=reason)
        try:
            mail.send(emails.second_factor_reset(person))
        except (mail.TryAgain, mail.Refused):
            messages.warning(request, f"The mail to {person.email} could not be sent. Tell them yourself.")

    return _act(request, person_id, act, said)


def _act(request: WorkspaceRequest, person_id: UUID, act: Callable[[], Any], said: str) -> HttpResponse:
    if not confirmed_lately(request):
        return ask_to_confirm(request, f"/settings/accounts/{person_id}")
    try:
        act()
    except operating.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("account_page", person_id=person_id)
