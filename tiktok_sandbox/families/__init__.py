"""The endpoint families. A family is a module with an ENDPOINTS tuple; it is served once it is listed here."""

from tiktok_sandbox.endpoints import Endpoint
from tiktok_sandbox.families import business_comment, business_profile, business_video, login_display, login_tokens, tt_user

ENDPOINTS: tuple[Endpoint, ...] = (
    *tt_user.ENDPOINTS,
    *business_profile.ENDPOINTS,
    *business_video.ENDPOINTS,
    *business_comment.ENDPOINTS,
    *login_tokens.ENDPOINTS,
    *login_display.ENDPOINTS,
)
