"""What public pages say that no other registry holds: use cases, measures, subprocessors, commitments. Literal tables; pages are drawn from
these, from the features' scopes, the limits, the register and the settings, so that a page cannot say what the code does not know.
"""

from dataclasses import dataclass

from django.conf import settings

from integrations.features import NEEDS, SCOPES, Feature
from integrations.limits import ACCOUNTS_APP, GENERAL_MINUTE, GENERAL_SECOND, PENALTY_SECONDS, PER_ACCOUNT_AND_ENDPOINT
from privacy import timing
from privacy.register import REGISTER, Entry

DISCONNECT_DAYS, REQUEST_DAYS, BACKUP_DAYS = (
    term.days for term in (timing.DISCONNECT_WITHIN, timing.REQUEST_WITHIN, timing.BACKUPS_GO_WITHIN)
)
ENGAGEMENT_DAYS = DISCONNECT_DAYS  # closing a workspace disconnects its accounts


@dataclass(frozen=True)
class UseCase:
    """Something people do here with TikTok's data, and the features that serve it."""

    title: str
    text: str
    features: tuple[Feature, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of these features, each once, in the registry's order."""
        needed = {name for feature in self.features for name in NEEDS[feature]}
        return tuple(name for name in SCOPES if name in needed)


USE_CASES = (
    UseCase(
        "Performance of managed accounts",
        "Clients and the staff who work for them see followers, views, engagement and watch-through of the accounts that were connected,"
        " with the day through which TikTok's figures are final.",
        (Feature.DASHBOARD, Feature.ACCOUNT_GROWTH),
    ),
    UseCase(
        "Monday's report",
        "Every week the client's people and the creators whose posts are in it get one report: aggregated metrics,"
        " nothing about single viewers.",
        (Feature.DASHBOARD,),
    ),
    UseCase(
        "Public comments",
        "The community team reads public comments on managed accounts, and under the ads of linked ad accounts, and sees which ones still"
        " wait for an answer. Answers are written by people, one at a time, under posts of managed accounts only, and only where that was"
        " switched on and granted.",
        (Feature.COMMUNITY, Feature.REPLIES),
    ),
    UseCase(
        "Brands",
        "Agencies that run several accounts of one brand see them side by side, and how often the brand is mentioned.",
        (Feature.BRAND_ROLLUP,),
    ),
    UseCase(
        "Creator campaigns",
        "Creators who authorized us are briefed, and a campaign's posts are reported together with what came of them.",
        (Feature.CREATORS,),
    ),
    UseCase(
        "Spark Ads and recommendations",
        "A creator's post is attached to a paid campaign and reported beside its organic figures; TikTok's own"
        " recommendations are shown with"
        " TikTok's words, and a person decides about each.",
        (Feature.SPARK_ADS, Feature.RECOMMENDATIONS),
    ),
)


@dataclass(frozen=True)
class Fact:
    """A heading and what is true of it."""

    name: str
    text: str


AUTHORIZATION = (
    Fact(
        "The person asks",
        "A client admin or a creator, signed in, presses Connect TikTok. The server makes a one-time state and a PKCE"
        " verifier and ties both"
        " to this person and this browser session for ten minutes. Neither is usable anywhere else.",
    ),
    Fact(
        "TikTok asks back",
        "The browser goes to TikTok's own consent page with the scopes that the workspace's features need. The person can leave out any of"
        " them, or refuse.",
    ),
    Fact(
        "The server exchanges",
        "TikTok returns with a code. The state is used up by it, whether or not it was good. The code is exchanged from server to server;"
        " no token passes through a browser.",
    ),
    Fact(
        "Tokens are sealed",
        "Access and refresh token are encrypted with AES-256-GCM under a key that belongs to this one consent, before they reach the"
        " database. What was granted is stored, not what was asked for.",
    ),
    Fact(
        "Figures come",
        "Profile and posts are read first, history after that. Refresh tokens are rotated on every use; a revocation"
        " inside TikTok is noticed"
        " by webhook, and at the next refresh at the latest.",
    ),
    Fact(
        "Leaving without a sign-in",
        "Whoever asks for deletion on the public form can show on the same page that the account is theirs: user.info.basic is asked for,"
        " nothing else. The tokens are never stored, and given back at once where nobody here is connected to the account.",
    ),
)

SECURITY = (
    Fact(
        "Workspaces",
        "Each workspace's rows are kept apart by the database itself (PostgreSQL row-level security, forced). A"
        " forgotten filter shows nothing.",
    ),
    Fact(
        "Roles",
        "Nobody registers by themselves. People are invited into a role, and each role sees the least it needs, workspace by workspace.",
    ),
    Fact("Second factor", "All staff sign in with an authenticator app or a passkey, renewed after twelve hours at the latest."),
    Fact(
        "Record of looks",
        "Every look by staff at a workspace's data is written down before the page leaves the house, in a log that"
        " cannot be changed unnoticed."
        " The people concerned can read who looked, in which role, for what purpose and when.",
    ),
    Fact(
        "Tokens", "Never in a browser, a log, an error page or an address. Keys are managed by a key service, in a database of their own."
    ),
    Fact("In transit and at rest", "TLS 1.3 only. Database, object storage and backups are encrypted."),
    Fact("Checks", "Dependencies are scanned for known weaknesses on every deploy; an outside penetration test happens every quarter."),
)

COMMITMENTS = (
    Fact("No sale", "TikTok data is not sold, rented or traded."),
    Fact("No profiles for resale", "No profiles of people are built for anybody outside the engagement."),
    Fact("No mixing", "TikTok data is not combined with other platforms' data without written authorization."),
    Fact("No scope without a use", "A scope that no switched-on feature needs cannot be asked for: pages and requests read one registry."),
    Fact("No model training", "Identifiable data trains no model."),
    Fact("No way around limits", "TikTok's rate limits are kept by all servers together, and nothing is scraped."),
    Fact("No data past its time", f"After a disconnect nothing is kept beyond {DISCONNECT_DAYS} days."),
    Fact("No bought attention", "Nothing here buys, fakes or automates engagement."),
    Fact("No private messages", "Direct messages and private content are never read."),
    Fact("Logs serve operations", "Logs are kept to run the service and find errors. They are never sold or published."),
)

CONTROLS = (
    Fact(
        "Disconnect",
        "One click on Integrations revokes the tokens at TikTok and destroys them here at once. Removing the app inside"
        " TikTok does the same.",
    ),
    Fact(
        "Request deletion",
        f"From the danger zone, or without a sign-in from the public form, shown by mail or by signing in to TikTok: done"
        f" within {REQUEST_DAYS} days, with a reference to follow.",
    ),
    Fact("See who looked", "Clients and creators read which staff opened their data, when and why."),
    Fact("Stop the mail", "Every report carries a link that stops it with one click, without signing in."),
    Fact("Access, correction, copy", "Ask for what is held, have it corrected, or take it along in a machine-readable form."),
)

POLICIES = (
    "TikTok Marketing API Terms of Service",
    "TikTok Developer Data Use Policy",
    "TikTok Developer API Acceptable Use Policy",
    "TikTok for Business Terms of Service",
    "TikTok Branded Content Policy",
    "TikTok Community Guidelines, on managed accounts",
    "Data handling aligned with GDPR and CCPA",
    "Controls aligned with SOC 2",
)


def storage() -> tuple[Fact, ...]:
    """Where what lies."""
    return (
        Fact("Figures, posts, reports", f"PostgreSQL (Amazon RDS), encrypted with KMS keys, in {settings.HOSTING_PLACE}."),
        Fact(
            "Tokens", "In the same database, sealed before they reach it. Their keys lie in a second database, wrapped by the key service."
        ),
        Fact("Finished videos", "Object storage (Amazon S3, SSE-KMS). Deliverables only; nothing that TikTok's API returned."),
        Fact("Backups", f"Encrypted, in rotation: the oldest is {BACKUP_DAYS} days old."),
    )


def limits() -> tuple[Fact, ...]:
    """The limits that the scheduler keeps, as it knows them."""
    return (
        Fact(
            "Account endpoints",
            f"At most {ACCOUNTS_APP.limit} calls a minute over all accounts, and {PER_ACCOUNT_AND_ENDPOINT} for each account and endpoint.",
        ),
        Fact("All other endpoints", f"At most {GENERAL_SECOND.limit} calls a second and {GENERAL_MINUTE.limit} a minute."),
        Fact(
            "When TikTok says no",
            f"The times it names are kept; after a breach of a limit per minute we are silent for {PENALTY_SECONDS / 60:.0f} minutes.",
        ),
        Fact(
            "When TikTok is down", "One server asks, one call at a time, with growing pauses. Pages show the age of the figures meanwhile."
        ),
    )


def retention() -> tuple[Fact, ...]:
    """How long, for people in a hurry; the register says it of each table."""
    return (
        Fact("While connected", "For as long as the engagement lasts."),
        Fact("After a disconnect", f"Tokens go at once, the account's TikTok data within {DISCONNECT_DAYS} days."),
        Fact(
            "After a deletion request",
            f"Within {REQUEST_DAYS} days: figures, reports, stored responses and the references in the audit log.",
        ),
        Fact("After the engagement", f"Operational data {ENGAGEMENT_DAYS} days more, then it is permanently deleted."),
        Fact("In backups", f"At most {BACKUP_DAYS} days longer than in the database."),
    )


@dataclass(frozen=True)
class Subprocessor:
    """A company that handles data for the operator."""

    name: str
    purpose: str
    place: str


def subprocessors() -> tuple[Subprocessor, ...]:
    """From the settings: another operator has others."""
    return tuple(Subprocessor(*(part.strip() for part in row.split("|"))) for row in settings.SUBPROCESSORS)


@dataclass(frozen=True)
class ScopeRow:
    """A scope in the public table: what for, which features need it, and whether a new workspace asks for it."""

    name: str
    reason: str
    without_it: str
    features: tuple[Feature, ...]


def scope_rows() -> tuple[ScopeRow, ...]:
    """Every scope that can be asked for, in the registry's order."""
    return tuple(
        ScopeRow(s.name, s.reason, s.without_it, tuple(f for f, needs in NEEDS.items() if s.name in needs)) for s in SCOPES.values()
    )


_KINDS = {
    "tiktok": "What TikTok tells us",
    "people": "People who sign in",
    "operational": "How a workspace is set up",
    "trace": "Who did what",
    "technical": "Machinery",
}


def register_by_kind() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """The register of everything held, in groups that people can read."""
    return tuple((label, tuple(e for e in REGISTER.values() if e.kind == kind)) for kind, label in _KINDS.items())
