"""The endpoint families. A family is a module with an ENDPOINTS tuple; it is served once it is listed here."""

from tiktok_sandbox.endpoints import Endpoint
from tiktok_sandbox.families import (
    business_app,
    business_comment,
    business_mention,
    business_profile,
    business_publish,
    business_tools,
    business_video,
    login_display,
    login_posting,
    login_tokens,
    login_upload,
    tt_user,
    tto_creator,
)

ENDPOINTS: tuple[Endpoint, ...] = (
    *tt_user.ENDPOINTS,
    *business_profile.ENDPOINTS,
    *business_video.ENDPOINTS,
    *business_comment.ENDPOINTS,
    *business_mention.ENDPOINTS,
    *business_tools.ENDPOINTS,
    *business_publish.ENDPOINTS,
    *business_app.ENDPOINTS,
    *tto_creator.ENDPOINTS,
    *login_tokens.ENDPOINTS,
    *login_display.ENDPOINTS,
    *login_posting.ENDPOINTS,
    *login_upload.ENDPOINTS,
)
