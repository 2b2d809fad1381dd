"""Comments as TikTok tells them, what people here do with them, and what goes back to TikTok."""

from community.models.comments import Comment, Forgotten, GroupReading, PostReading, Reading, UnderAd
from community.models.sending import Sending
from community.models.triage import Aim, Mention, Note, SavedView, Tag, ThreadTag, Triage

__all__ = [
    "Aim", "Comment", "Forgotten", "GroupReading", "Mention", "Note", "PostReading", "Reading", "SavedView", "Sending", "Tag", "ThreadTag",
    "Triage", "UnderAd",
]  # fmt: skip
