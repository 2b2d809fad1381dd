"""What the advertiser flow brings home: a token, whose it is, and the ad accounts it opens. Asks TikTok; stores nothing.

The token cannot be narrowed: it opens what the person may use, and goes on doing so until it is revoked. What we read of it is chosen
here, after the consent.
"""

from dataclasses import dataclass

from agency.secret import Secret
from integrations.gateway import app, transport, transport_for
from integrations.tiktok import advertisers
from integrations.tiktok.advertisers import MOST_ADVERTISERS_AT_ONCE, Advertiser, AdvertiserGrant, AdvertiserName
from integrations.tiktok.errors import NotGranted

MOST_OFFERED = 2_000  # more are not shown on one page; whoever has them connects as a person who may use fewer


@dataclass(frozen=True)
class Arrival:
    """A grant with what TikTok says about it."""

    grant: AdvertiserGrant
    person_id: str
    person_name: str
    ad_accounts: tuple[Advertiser, ...]

    @property
    def permissions(self) -> frozenset[str]:
        """TikTok's numbers, as a connection keeps them."""
        return frozenset(map(str, self.grant.permissions))


def exchange(code: Secret) -> Arrival:
    """Turn the code of a callback into a token, and ask who stands behind it. Raises what the client raises."""
    grant = advertisers.exchange_auth_code(transport(), app(), auth_code=code).value
    token = grant.access_token
    person = advertisers.business_user(transport_for("", for_person=True), access_token=token).value
    opened = opened_by(token, for_person=True)[:MOST_OFFERED]
    return Arrival(grant, person.core_user_id, person.display_name or "", _described_in_parts(token, opened))


def opened_by(token: Secret, *, for_person: bool = False) -> tuple[AdvertiserName, ...]:
    """The ad accounts that a token opens."""
    return advertisers.granted_advertisers(transport_for("", for_person=for_person), app(), access_token=token).value


def _described_in_parts(token: Secret, opened: tuple[AdvertiserName, ...]) -> tuple[Advertiser, ...]:
    """With currency and time zone, as far as TikTok tells: one ad account that it keeps to itself fails the call for its neighbours."""
    found: list[Advertiser] = []
    for start in range(0, len(opened), MOST_ADVERTISERS_AT_ONCE):
        found += _described(token, opened[start : start + MOST_ADVERTISERS_AT_ONCE])
    return tuple(found)


def _described(token: Secret, asked: tuple[AdvertiserName, ...]) -> list[Advertiser]:
    ids, wire = [one.advertiser_id for one in asked], transport_for("", for_person=True)
    try:
        answer = advertisers.advertiser_info(wire, access_token=token, advertiser_ids=ids).value
    except NotGranted:
        if len(asked) == 1:
            return [_unknown(asked[0])]
        half = len(asked) // 2
        return _described(token, asked[:half]) + _described(token, asked[half:])
    told = {one.advertiser_id: one for one in answer}
    return [told.get(one.advertiser_id) or _unknown(one) for one in asked]


def _unknown(one: AdvertiserName) -> Advertiser:
    return Advertiser(one.advertiser_id, one.advertiser_name, *[None] * 14)
