"""TikTok's published limits as a table: which calls count together, and how many there may be. Decides nothing, asks nobody.

Source pages: https://business-api.tiktok.com/portal/docs?id=1740029171730433 (API for Business) and
https://developers.tiktok.com/doc/tiktok-api-v2-rate-limit (TikTok for Developers). Each app starts at TikTok's lowest level.
"""

from dataclasses import dataclass
from enum import StrEnum

from integrations.budget import Bucket, Pace, Window


class Family(StrEnum):
    """Endpoints that stand and fall together at TikTok."""

    ACCOUNTS = "accounts"
    ADS = "ads"
    DEVELOPERS = "developers"
    TOKENS = "tokens"

    @property
    def label(self) -> str:
        """For people."""
        return _LABELS[self]


_LABELS = {
    Family.ACCOUNTS: "Accounts: profile, posts, comments, mentions",
    Family.ADS: "Ads: campaigns and reports",
    Family.DEVELOPERS: "TikTok for Developers: posting and profile",
    Family.TOKENS: "Tokens: connecting, renewing, revoking",
}


def family_of(endpoint: str) -> Family:
    """The family of an endpoint, by its path."""
    if endpoint.startswith(("/tt_user/", "/oauth2/", "/v2/oauth/")):
        return Family.TOKENS
    if endpoint.startswith("/v2/"):
        return Family.DEVELOPERS
    if endpoint.startswith(("/business/", "/tto/", "/discovery/")):
        return Family.ACCOUNTS
    return Family.ADS


# 596 in any minute at the most, and two seconds' worth at once, so that a worker that looks every second misses nothing.
ACCOUNTS_PACE = Pace("accounts:pace", per_second=9.6, burst=20)
ACCOUNTS_APP = Window("accounts:app", limit=600, seconds=60)
GENERAL_SECOND = Window("general:second", limit=10, seconds=1)
GENERAL_MINUTE = Window("general:minute", limit=600, seconds=60)
GENERAL_PACE = Pace("general:pace", per_second=9.6, burst=10)  # keeps the limit of a day too
REPORT_TASKS = (
    Window("report-task:second", limit=1, seconds=1),
    Window("report-task:minute", limit=60, seconds=60),
    Window("report-task:day", limit=4_500, seconds=86_400),
)
PER_ACCOUNT_AND_ENDPOINT = 40
PUBLISHING_PER_ACCOUNT = ((6, 60), (15, 86_400))
PER_DEVELOPERS_ENDPOINT = 600
PER_TOKEN_OF_DEVELOPERS = {
    "/v2/post/publish/creator_info/query/": 20,
    "/v2/post/publish/video/init/": 6,
    "/v2/post/publish/inbox/video/init/": 6,
    "/v2/post/publish/content/init/": 6,
    "/v2/post/publish/status/fetch/": 30,
}
REFUSALS_THAT_MEAN_THE_APP = 3
PENALTY_SECONDS = 300.0  # after a breach of a limit per minute TikTok wants five minutes of silence


@dataclass(frozen=True)
class Rules:
    """What applies to one call. `wide` is shared by the app, `narrow` is the account's own."""

    wide: tuple[Bucket, ...]
    narrow: tuple[Bucket, ...] = ()

    @property
    def all(self) -> tuple[Bucket, ...]:
        """Every bucket in which the call needs a slot."""
        return self.wide + self.narrow


def rules_for(endpoint: str, holder: str) -> Rules:
    """The buckets of one call. `holder` names the account whose token is used, without saying who it is."""
    match family_of(endpoint):
        case Family.ACCOUNTS:
            own = [Window(f"accounts:{endpoint}:{holder}", limit=PER_ACCOUNT_AND_ENDPOINT, seconds=60)]
            if endpoint.endswith("/publish/"):
                own += [Window(f"publish:{holder}:{seconds}", limit=limit, seconds=seconds) for limit, seconds in PUBLISHING_PER_ACCOUNT]
            return Rules((ACCOUNTS_PACE, ACCOUNTS_APP), tuple(own))
        case Family.DEVELOPERS if endpoint in PER_TOKEN_OF_DEVELOPERS:
            return Rules((), (Window(f"developers:{endpoint}:{holder}", limit=PER_TOKEN_OF_DEVELOPERS[endpoint], seconds=60),))
        case Family.DEVELOPERS:
            return Rules((Window(f"developers:{endpoint}", limit=PER_DEVELOPERS_ENDPOINT, seconds=60),))
        case _:
            special = REPORT_TASKS if endpoint == "/report/task/create/" else (Window(f"general:{endpoint}", limit=600, seconds=60),)
            return Rules((GENERAL_PACE, GENERAL_SECOND, GENERAL_MINUTE), special)


def endpoint_of(window: str) -> tuple[str, bool] | None:
    """Of a window's name: the endpoint that it counts, and whether it is one account's own. None when it counts something else."""
    if not window.startswith(COUNTED_BY_ENDPOINT):
        return None
    endpoint, _, holder = window.partition(":")[2].partition(":")
    return endpoint, bool(holder)


def limit_of(endpoint: str, *, is_of_account: bool) -> int:
    """How many calls a minute TikTok allows to an endpoint: in all, or for each account."""
    return min(
        w.limit for w in rules_for(endpoint, "any").all if isinstance(w, Window) and endpoint_of(w.name) == (endpoint, is_of_account)
    )


COUNTED_BY_ENDPOINT = ("accounts:/", "general:/", "developers:/")
SHOWN: tuple[tuple[str, Window], ...] = (
    ("Accounts, all endpoints together", ACCOUNTS_APP),
    ("Everything else, per minute", GENERAL_MINUTE),
    ("Report tasks, per minute", REPORT_TASKS[1]),
)
