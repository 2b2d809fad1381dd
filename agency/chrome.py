"""What every signed-in page shows around its content: workspace switcher, navigation, the person. A context processor."""

from typing import Any

from django.http import HttpRequest

from agency.models import Workspace
from agency.outlets.parts import Chrome, NavItem, Space
from agency.paths import path_of
from agency.roles import Can, Role

# icon, label, address, capability
_MAIN = (
    ("chart", "Performance", "performance", Can.VIEW_PERFORMANCE),
    ("chart", "Posts", "posts", Can.VIEW_OWN_POSTS),
    ("report", "Reports", "reports", Can.VIEW_REPORTS),
    ("community", "Community", "community", Can.VIEW_COMMUNITY),
    ("campaigns", "Campaigns", "campaigns", Can.VIEW_CAMPAIGNS),
    ("privacy", "Deletions", "privacy_requests", Can.MANAGE_PRIVACY),
    ("publishing", "Corrections", "privacy_corrections", Can.MANAGE_PRIVACY),
    ("check", "Promises", "privacy_promises", Can.MANAGE_PRIVACY),
    ("alert", "Incidents", "privacy_incidents", Can.MANAGE_PRIVACY),
    ("report", "Register", "privacy_register", Can.MANAGE_PRIVACY),
)
_SETTINGS = (
    ("plug", "Integrations", "integrations", Can.VIEW_INTEGRATIONS),
    ("brand", "Brands", "brands", Can.MANAGE_BRANDS),
    ("people", "People", "people", Can.VIEW_PEOPLE),
    ("privacy", "Who looked", "looks", Can.VIEW_LOOKS),
    ("privacy", "Audit log", "audit", Can.VIEW_AUDIT),
    ("workspaces", "Workspaces", "workspaces", Can.MANAGE_WORKSPACES),
    ("people", "All people", "accounts", Can.CLOSE_ACCOUNTS),
    ("health", "Health", "health_page", Can.VIEW_HEALTH),
)
# Where each role lands, by the name of the address. Each may open its own.
_LANDING = {
    Role.CLIENT_ADMIN: "performance",
    Role.CLIENT_VIEWER: "performance",
    Role.CREATOR: "reports",
    Role.REVIEWER: "performance",
    Role.ACCOUNT_MANAGER: "performance",
    Role.COMMUNITY: "community",
    Role.MEDIA_BUYER: "campaigns",
    Role.PRIVACY: "privacy_requests",
    Role.PLATFORM_ADMIN: "health_page",
}


def mark(name: str) -> str:
    """A monogram of two characters: initials of a name, first letter and number of a handle."""
    words = [w for w in name.replace("@", " ").split() if w[0].isalnum()]
    if not words:
        return "?"
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return (words[0][0] + words[0][-1] if words[0][-1].isdigit() else words[0][:2]).upper()


def home_of(membership: Any) -> str:
    """Where a person lands: the first page of their own work."""
    return path_of(_LANDING[membership.as_role])


def chrome(request: HttpRequest) -> dict[str, Any]:
    """`chrome` for templates/layouts/app.html; nothing for strangers."""
    membership = getattr(request, "membership", None)
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"chrome": None}
    workspace = membership.workspace if membership else Workspace(name="No workspace", slug="", accent="teal")
    role = membership.as_role if membership else None

    def items(rows: tuple[tuple[str, str, str, Can], ...]) -> tuple[NavItem, ...]:
        return tuple(
            NavItem(icon=icon, label=label, href=path_of(name), current=request.path.startswith(path_of(name)), count=0)
            for icon, label, name, capability in rows
            if role and role.can(capability)
        )

    nav, settings_nav = items(_MAIN), items(_SETTINGS)
    everything = (*nav, *settings_nav)
    return {
        "chrome": Chrome(
            workspace_name=workspace.name,
            workspace_mark=mark(workspace.name),
            workspace_kind="Workspace",
            accent=workspace.accent,
            theme=user.theme,
            spaces=tuple(
                Space(
                    slug=m.workspace.slug,
                    name=m.workspace.name,
                    kind=m.as_role.label,
                    current=membership is not None and m.pk == membership.pk,
                    mark=mark(m.workspace.name),
                    accent=m.workspace.accent,
                )
                for m in request.memberships
            ),
            nav=nav,
            settings_nav=settings_nav,
            tabs=everything if len(everything) <= 5 else everything[:4],
            person_name=user.name,
            person_mark=mark(user.name),
            role_label=role.label if role else "",
            switch_href=path_of("switch_workspace"),
            sign_out_href=path_of("account_logout"),
            account_href=path_of("account"),
        )
    }
