"""The endpoint families. A family is a module with an ENDPOINTS tuple; it is served once it is listed here."""

from tiktok_sandbox.endpoints import Endpoint
from tiktok_sandbox.families import (
    ad_creatives,
    ad_entities,
    ad_writes,
    advertiser_tokens,
    advertisers,
    business_profile,
    business_video,
    group_writes,
    identities,
    post_codes,
    report,
    report_tasks,
    tt_user,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *tt_user.ENDPOINTS,
    *business_profile.ENDPOINTS,
    *business_video.ENDPOINTS,
    *advertiser_tokens.ENDPOINTS,
    *advertisers.ENDPOINTS,
    *ad_entities.ENDPOINTS,
    *ad_writes.ENDPOINTS,
    *group_writes.ENDPOINTS,
    *ad_creatives.ENDPOINTS,
    *report.ENDPOINTS,
    *report_tasks.ENDPOINTS,
    *identities.ENDPOINTS,
    *post_codes.ENDPOINTS,
)
