"""Roles and what they may do: one literal table. Owns the vocabulary; agency/access.py enforces it."""

from enum import Enum, StrEnum, auto


class Can(Enum):
    """A capability. Every address names the one it needs."""

    VIEW_PERFORMANCE = auto()
    VIEW_POSTS = auto()
    VIEW_OWN_POSTS = auto()
    MANAGE_BRANDS = auto()
    VIEW_REPORTS = auto()
    MANAGE_REPORTS = auto()
    REVIEW_REPORTS = auto()
    VIEW_INTEGRATIONS = auto()
    MANAGE_CONNECTIONS = auto()
    MANAGE_AD_ACCOUNTS = auto()
    VIEW_PEOPLE = auto()
    MANAGE_PEOPLE = auto()
    CLOSE_ACCOUNTS = auto()
    MANAGE_WORKSPACES = auto()
    VIEW_LOOKS = auto()
    VIEW_AUDIT = auto()
    VIEW_HEALTH = auto()
    MANAGE_PRIVACY = auto()
    VIEW_CAMPAIGNS = auto()
    EXPORT = auto()
    SET_PACE = auto()
    VIEW_COMMUNITY = auto()
    TRIAGE = auto()


class Role(StrEnum):
    """Who somebody is in a workspace."""

    CLIENT_ADMIN = "client_admin"
    CLIENT_VIEWER = "client_viewer"
    CREATOR = "creator"
    REVIEWER = "reviewer"
    ACCOUNT_MANAGER = "account_manager"
    COMMUNITY = "community"
    MEDIA_BUYER = "media_buyer"
    PRIVACY = "privacy"
    PLATFORM_ADMIN = "platform_admin"

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]

    @property
    def is_staff(self) -> bool:
        """Staff always use a second factor."""
        return self in _STAFF

    def can(self, capability: Can) -> bool:
        """Default is no."""
        return capability in ROLES[self]


_LABELS = {
    Role.CLIENT_ADMIN: "Client admin",
    Role.CLIENT_VIEWER: "Client viewer",
    Role.CREATOR: "Creator",
    Role.REVIEWER: "Reviewer",
    Role.ACCOUNT_MANAGER: "Account manager",
    Role.COMMUNITY: "Community staff",
    Role.MEDIA_BUYER: "Media buyer",
    Role.PRIVACY: "Privacy team",
    Role.PLATFORM_ADMIN: "Platform admin",
}
_STAFF = frozenset({Role.ACCOUNT_MANAGER, Role.COMMUNITY, Role.MEDIA_BUYER, Role.PRIVACY, Role.PLATFORM_ADMIN})

_READ = frozenset({Can.VIEW_PERFORMANCE, Can.VIEW_POSTS, Can.VIEW_REPORTS, Can.VIEW_INTEGRATIONS, Can.VIEW_CAMPAIGNS})
_TRIAGE = frozenset({Can.VIEW_COMMUNITY, Can.TRIAGE})
ROLES: dict[Role, frozenset[Can]] = {
    Role.CLIENT_ADMIN: _READ
    | {
        Can.MANAGE_BRANDS,
        Can.VIEW_COMMUNITY,
        Can.MANAGE_REPORTS,
        Can.MANAGE_CONNECTIONS,
        Can.MANAGE_AD_ACCOUNTS,
        Can.VIEW_PEOPLE,
        Can.MANAGE_PEOPLE,
        Can.VIEW_LOOKS,
        Can.EXPORT,
    },
    Role.CLIENT_VIEWER: _READ | {Can.VIEW_COMMUNITY, Can.VIEW_LOOKS},
    Role.CREATOR: frozenset(
        {Can.VIEW_POSTS, Can.VIEW_OWN_POSTS, Can.VIEW_REPORTS, Can.VIEW_INTEGRATIONS, Can.MANAGE_CONNECTIONS, Can.VIEW_LOOKS}
    ),
    Role.REVIEWER: _READ | {Can.VIEW_COMMUNITY, Can.MANAGE_CONNECTIONS, Can.MANAGE_AD_ACCOUNTS, Can.VIEW_LOOKS, Can.EXPORT},
    Role.ACCOUNT_MANAGER: _READ
    | _TRIAGE
    | {
        Can.MANAGE_BRANDS,
        Can.MANAGE_REPORTS,
        Can.REVIEW_REPORTS,
        Can.MANAGE_CONNECTIONS,
        Can.MANAGE_AD_ACCOUNTS,
        Can.VIEW_PEOPLE,
        Can.MANAGE_PEOPLE,
        Can.VIEW_HEALTH,
        Can.SET_PACE,
        Can.EXPORT,
    },
    Role.COMMUNITY: frozenset({Can.VIEW_PERFORMANCE, Can.VIEW_POSTS}) | _TRIAGE,
    Role.MEDIA_BUYER: _READ | {Can.MANAGE_AD_ACCOUNTS, Can.EXPORT},
    Role.PRIVACY: frozenset({Can.VIEW_INTEGRATIONS, Can.VIEW_PEOPLE, Can.VIEW_AUDIT, Can.MANAGE_PRIVACY}),
    Role.PLATFORM_ADMIN: frozenset(
        {
            Can.VIEW_INTEGRATIONS,
            Can.VIEW_PEOPLE,
            Can.MANAGE_PEOPLE,
            Can.CLOSE_ACCOUNTS,
            Can.MANAGE_WORKSPACES,
            Can.VIEW_HEALTH,
            Can.SET_PACE,
        }
    ),
}
# Whom a role may invite. Nobody can hand out more than they hold; staff roles are given by the platform admin.
INVITES: dict[Role, tuple[Role, ...]] = {
    Role.CLIENT_ADMIN: (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR),
    Role.ACCOUNT_MANAGER: (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR),
    Role.PLATFORM_ADMIN: tuple(Role),
}
