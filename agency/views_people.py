"""Pages about who is in a workspace: the list, inviting, and one person's access."""

from typing import Any
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from agency import actions, emails, queries, scope
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, get_visible, networked, requires
from agency.chrome import mark
from agency.forms import AccessForm, InvitationForm
from agency.models import Invitation, Membership
from agency.outlets import mail
from agency.roles import INVITES, Can, Role


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@requires(Can.VIEW_PEOPLE)
def people(request: WorkspaceRequest) -> HttpResponse:
    """Who is in this workspace; inviting."""
    role = request.membership.as_role
    can_manage = role.can(Can.MANAGE_PEOPLE)
    if request.method == "POST" and not can_manage:
        raise PermissionDenied(Can.MANAGE_PEOPLE.name)
    form = InvitationForm(request.POST if request.method == "POST" else None, roles=INVITES.get(role, ()))
    if request.method == "POST" and form.is_valid():
        if Role(form.cleaned_data["role"]).is_staff and not confirmed_lately(request):
            return ask_to_confirm(request, reverse("people"))
        if _invite(request, form):
            return redirect("people")
    with scope.inside(request.membership.workspace_id, person_id=request.user.pk):
        rows = [_row(request, m) for m in queries.members()]
        invitations = [
            {
                "email": i.email,
                "role_label": Role(i.role).label,
                "expires_at": i.expires_at,
                "public_id": i.pk,
                "can_change": can_manage and Role(i.role) in INVITES.get(role, ()),
            }
            for i in queries.open_invitations()
        ]
        context = {
            "people": [row for row in rows if not row["is_staff"]],
            "staff": [row for row in rows if row["is_staff"]],
            "invitations": invitations,
            "form": form,
            "can_manage": can_manage,
        }
        return render(request, "agency/people.html", context, status=422 if form.errors else 200)


def _row(request: WorkspaceRequest, m: Membership) -> dict[str, Any]:
    by = request.membership
    knows_staff = by.as_role.is_staff or not m.as_role.is_staff  # of staff, clients learn name, role, purpose and end
    return {
        "public_id": m.pk,
        "name": m.person.name,
        "email": m.person.email if knows_staff else "",
        "role_label": m.as_role.label,
        "is_staff": m.as_role.is_staff,
        "mark": mark(m.person.name),
        "since": m.created_at,
        "last_seen": m.last_seen_at,
        "purpose": m.purpose,
        "ends_at": m.ends_at,
        "knows_more": knows_staff,
        "two_factor": is_mfa_enabled(m.person),
        "is_closed": not m.person.is_active,
        "you": m.pk == by.pk,
        "can_change": m.pk != by.pk and by.as_role.can(Can.MANAGE_PEOPLE) and m.as_role in INVITES.get(by.as_role, ()),
    }


def _invite(request: WorkspaceRequest, form: InvitationForm) -> bool:
    """Row first, then the mail. If the mail cannot leave, inviting again replaces the row."""
    data = form.cleaned_data
    try:
        with scope.inside(request.membership.workspace_id, person_id=request.user.pk):
            invitation, token = actions.invite(
                email=data["email"],
                role=Role(data["role"]),
                by=request.membership,
                purpose=data.get("purpose", ""),
                access_ends_at=data.get("ends_at"),
            )
        _mail_invitation(request, invitation, token)
    except actions.NotAllowed as refusal:
        form.add_error(None, str(refusal))
    except (mail.TryAgain, mail.Refused):
        form.add_error(None, f"The invitation to {data['email']} could not be sent by mail. Check the address and invite again.")
    else:
        messages.success(request, f"Invitation sent to {invitation.email}.")
        return True
    return False


def _mail_invitation(request: WorkspaceRequest, invitation: Invitation, token: str) -> None:
    mail.send(emails.invitation(invitation, token, inviter=request.user.name, workspace=request.membership.workspace.name))


@require_POST
@networked
@requires(Can.MANAGE_PEOPLE)
def resend_invitation(request: WorkspaceRequest, invitation_id: UUID) -> HttpResponse:
    """A fresh link to the same address; the old one stops working."""
    try:
        with scope.inside(request.membership.workspace_id, person_id=request.user.pk):
            invitation = get_visible(request, Invitation, invitation_id)
            token = actions.resend_invitation(invitation, by=request.membership)
            invitation.refresh_from_db()
        _mail_invitation(request, invitation, token)
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    except (mail.TryAgain, mail.Refused):
        messages.error(request, "The mail could not be sent. Check the address, or send it again in a minute.")
    else:
        messages.success(request, f"Invitation sent again to {invitation.email}. The link from before no longer works.")
    return redirect("people")


@require_POST
@requires(Can.MANAGE_PEOPLE)
def withdraw_invitation(request: WorkspaceRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_visible(request, Invitation, invitation_id)
    actions.withdraw_invitation(invitation, by=request.membership)
    messages.success(request, f"The invitation to {invitation.email} was withdrawn.")
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PEOPLE)
def member(request: WorkspaceRequest, membership_id: UUID) -> HttpResponse:
    """One person's access: role, and for staff purpose and end; the way out."""
    found = get_visible(request, Membership, membership_id)
    row, roles = _row(request, found), INVITES.get(request.membership.as_role, ())
    form = None
    if row["can_change"]:
        form = AccessForm(request.POST if request.method == "POST" else None, roles=roles, membership=found)
    if request.method == "POST" and form is None:
        raise PermissionDenied(Can.MANAGE_PEOPLE.name)
    if request.method == "POST" and form.is_valid():
        if not confirmed_lately(request):
            return ask_to_confirm(request)
        data = form.cleaned_data
        try:
            actions.change_access(
                found, role=Role(data["role"]), by=request.membership, purpose=data.get("purpose", ""), ends_at=data.get("ends_at")
            )
        except actions.NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{found.person.name} is now {Role(data['role']).label.lower()}.")
            return redirect("people")
    context = {"person": row, "form": form, "can_close": row["can_change"] and request.membership.as_role.can(Can.CLOSE_ACCOUNTS)}
    return render(request, "agency/member.html", context, status=422 if form and form.errors else 200)


@require_POST
@requires(Can.MANAGE_PEOPLE)
def end_access(request: WorkspaceRequest, membership_id: UUID) -> HttpResponse:
    """Out of this workspace, and signed out everywhere, at once."""
    found = get_visible(request, Membership, membership_id)
    return _done(request, actions.end_access, found, f"{found.person.name} has no access to this workspace any more and is signed out.")


@require_POST
@requires(Can.CLOSE_ACCOUNTS)
def close_account(request: WorkspaceRequest, membership_id: UUID) -> HttpResponse:
    """No signing in any more, in any workspace."""
    found = get_visible(request, Membership, membership_id)
    return _done(request, actions.close_account, found, f"{found.person.name} cannot sign in any more and is signed out everywhere.")


@require_POST
@requires(Can.CLOSE_ACCOUNTS)
def open_account(request: WorkspaceRequest, membership_id: UUID) -> HttpResponse:
    """Signing in works again."""
    found = get_visible(request, Membership, membership_id)
    return _done(request, actions.open_account, found, f"{found.person.name} can sign in again.")


def _done(request: WorkspaceRequest, act: Any, membership: Membership, said: str) -> HttpResponse:
    try:
        act(membership, by=request.membership)
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("people")
