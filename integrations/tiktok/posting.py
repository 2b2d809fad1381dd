"""Content Posting of TikTok for Developers: what the person allows, beginning a post, sending its file, how it is coming, calling it off.

Owns the shapes of posting and the arithmetic of pieces. Every function needs a Login Kit token with the scope `video.publish`, or
`video.upload` for drafts. Besides what it names, each raises TokenExpired (refresh once), NotGranted and TryLater with the reason as their
sentence when the person may not post now, OurMistake (also an address that is not verified), Throttled, AnswerLost, and NotUnderstood.

A post whose error says `may_have_run` may have begun, and TikTok names no id for it. Without its file nothing is posted; one that TikTok
fetches by itself may be posted twice when it is begun twice.
TikTok's pages: https://developers.tiktok.com/doc/content-posting-api-get-started
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import done, understood
from integrations.tiktok.publishing import MOST_PHOTOS, PostSettings, settings_in
from integrations.tiktok.reading import Figure
from integrations.tiktok.transport import Answer, Transport
from integrations.tiktok.wire import Piece

# TikTok writes MB and means one or the other: both readings allow these.
LARGEST_WHOLE_BYTES = 64_000_000
PIECE_BYTES = 32_000_000
LARGEST_FILE_BYTES = 4_000_000_000
VIDEO_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})


@dataclass(frozen=True)
class CreatorInfo:
    """Who is about to post, to be shown to them, and what they allow at this moment. The picture's address lives two hours."""

    avatar_url: str | None
    username: str | None
    nickname: str
    settings: PostSettings


@dataclass(frozen=True)
class FileOf:
    """A video file of so many bytes, which is sent in pieces: whole up to 64 MB, then 32 MB each, and the last one takes the rest."""

    size: int

    def __post_init__(self) -> None:
        if not 1 <= self.size <= LARGEST_FILE_BYTES:
            raise ValueError("a video file has one byte to four gigabytes")

    @property
    def piece_size(self) -> int:
        return self.size if self.size <= LARGEST_WHOLE_BYTES else PIECE_BYTES

    @property
    def piece_count(self) -> int:
        return self.size // self.piece_size

    def piece_from(self, first: int) -> range:
        """The bytes of the piece that begins at `first`; ValueError when none begins there."""
        number, inside = divmod(first, self.piece_size)
        if inside or not 0 <= number < self.piece_count:
            raise ValueError("no piece begins there")
        return range(first, self.size if number == self.piece_count - 1 else first + self.piece_size)

    def source(self) -> dict[str, Any]:
        return {
            "source": "FILE_UPLOAD",
            "video_size": self.size,
            "chunk_size": self.piece_size,
            "total_chunk_count": self.piece_count,
        }


@dataclass(frozen=True)
class AddressOf:
    """An https address under a verified domain or prefix, from which TikTok fetches the video within an hour. No redirects."""

    url: str

    def source(self) -> dict[str, Any]:
        return {"source": "PULL_FROM_URL", "video_url": self.url}


@dataclass(frozen=True)
class DirectPost:
    """How a post is to appear. `privacy_level` is one of those that `creator_info` names now. Nothing is allowed unless it is said.

    The title of a video has up to 2,200 UTF-16 units, that of photos 90, beside a `description` of 4,000, which only they have.
    """

    privacy_level: str
    title: str = ""
    description: str = ""
    allow_comments: bool = False
    allow_duet: bool = False
    allow_stitch: bool = False
    is_branded_content: bool = False
    is_brand_organic: bool = False
    is_ai_generated: bool = False
    cover_timestamp_ms: int | None = None
    auto_add_music: bool = False


@dataclass(frozen=True)
class Begun:
    """A post on its way. `upload_address` takes the file for an hour from whoever has it; None when TikTok fetches the file."""

    publish_id: str
    upload_address: Secret | None


@dataclass(frozen=True)
class Progress:
    """How many bytes TikTok has. Not `is_taken` means that another piece is due: the one that begins at `received_bytes`."""

    received_bytes: int
    is_taken: bool


@dataclass(frozen=True)
class PostState:
    """`status` is PROCESSING_UPLOAD, PROCESSING_DOWNLOAD, SEND_TO_USER_INBOX, PUBLISH_COMPLETE or FAILED, with `fail_reason`. A complete
    post has no ids until it is public; a draft may become several."""

    status: str
    fail_reason: str | None
    post_ids: tuple[str, ...]
    moved_bytes: Figure


def creator_info(transport: Transport, *, access_token: Secret) -> Answer[CreatorInfo]:
    """POST /v2/post/publish/creator_info/query/: ask each time before offering the form for a post. Needs `video.publish`.

    Raises TryLater or NotGranted, with the reason as its sentence, when the person may not post now; TikTok says so with HTTP 200.
    """
    answer = transport.developers_post("/v2/post/publish/creator_info/query/", params={}, body={}, access_token=access_token)
    return understood(answer, _creator, "the settings of the account")


def begin_video(transport: Transport, *, access_token: Secret, source: FileOf | AddressOf, post: DirectPost) -> Answer[Begun]:
    """POST /v2/post/publish/video/init/: a video that appears as said. Needs `video.publish`."""
    info = {
        **_appearance(post),
        "disable_duet": not post.allow_duet,
        "disable_stitch": not post.allow_stitch,
        "is_aigc": post.is_ai_generated,
    }
    if post.cover_timestamp_ms is not None:
        info["video_cover_timestamp_ms"] = post.cover_timestamp_ms
    return _begin(transport, "/v2/post/publish/video/init/", access_token, {"post_info": info, "source_info": source.source()})


def begin_draft(transport: Transport, *, access_token: Secret, source: FileOf | AddressOf) -> Answer[Begun]:
    """POST /v2/post/publish/inbox/video/init/: a video that waits in TikTok's inbox for its owner. Needs `video.upload`.

    TryLater when too many drafts wait there already.
    """
    return _begin(transport, "/v2/post/publish/inbox/video/init/", access_token, {"source_info": source.source()})


def begin_photos(
    transport: Transport, *, access_token: Secret, photo_urls: Sequence[str], post: DirectPost | None, cover_index: int = 0
) -> Answer[Begun]:
    """POST /v2/post/publish/content/init/: up to 35 photos from verified addresses; a draft when there is no `post`.

    ValueError for none or more photos, or for a cover that is not among them.
    """
    if not 1 <= len(photo_urls) <= MOST_PHOTOS or not 0 <= cover_index < len(photo_urls):
        raise ValueError("post one to thirty-five photos, one of them the cover")
    body: dict[str, Any] = {
        "media_type": "PHOTO",
        "post_mode": "MEDIA_UPLOAD" if post is None else "DIRECT_POST",
        "source_info": {"source": "PULL_FROM_URL", "photo_images": list(photo_urls), "photo_cover_index": cover_index},
    }
    if post is not None:
        body["post_info"] = {**_appearance(post), "description": post.description, "auto_add_music": post.auto_add_music}
    return _begin(transport, "/v2/post/publish/content/init/", access_token, body)


def send_piece(
    transport: Transport, *, upload_address: Secret, file: FileOf, first: int, content: bytes, video_type: str
) -> Answer[Progress]:
    """PUT to the address of a begun post: the piece that begins at `first`. Send them in order; go on where the answer says.

    UploadGone when the hour is over. When the answer is lost, send the piece again: TikTok says which one it wants. ValueError when the
    content is not that piece, or is no video.
    """
    if len(content) != len(file.piece_from(first)) or video_type not in VIDEO_TYPES:
        raise ValueError("send a whole piece of a video")
    answer = transport.developers_upload(upload_address, piece=Piece(content, video_type, first, file.size))
    return Answer(Progress(answer.value["received"], answer.value["is_taken"]), answer.call)


def post_state(transport: Transport, *, access_token: Secret, publish_id: str) -> Answer[PostState]:
    """POST /v2/post/publish/status/fetch/: how far a post has come. A post that failed is an answer, not an error."""
    answer = transport.developers_post(
        "/v2/post/publish/status/fetch/", params={}, body={"publish_id": publish_id}, access_token=access_token
    )
    return understood(answer, _state, "the state of the post")


def cancel_post(transport: Transport, *, access_token: Secret, publish_id: str) -> Answer[None]:
    """POST /v2/post/publish/cancel/: call a post off while TikTok is still fetching its file; OurMistake afterwards."""
    body = {"publish_id": publish_id}
    return done(transport.developers_post("/v2/post/publish/cancel/", params={}, body=body, access_token=access_token))


def _appearance(post: DirectPost) -> dict[str, Any]:
    return {
        "privacy_level": post.privacy_level,
        "title": post.title,
        "disable_comment": not post.allow_comments,
        "brand_content_toggle": post.is_branded_content,
        "brand_organic_toggle": post.is_brand_organic,
    }


def _begin(transport: Transport, path: str, access_token: Secret, body: Mapping[str, Any]) -> Answer[Begun]:
    return understood(transport.developers_post(path, params={}, body=body, access_token=access_token), _begun, "the new post")


def _begun(data: Mapping[str, Any]) -> Begun:
    address = reading.text_or_none(data, "upload_url")
    return Begun(reading.identifier(data, "publish_id"), None if address is None else Secret(address))


def _state(data: Mapping[str, Any]) -> PostState:
    uploaded = reading.figure(data, "uploaded_bytes")
    return PostState(
        status=reading.required_text(data, "status"),
        fail_reason=reading.text_or_none(data, "fail_reason"),
        post_ids=reading.identifiers(data, "publicaly_available_post_id"),  # TikTok's spelling
        moved_bytes=reading.figure(data, "downloaded_bytes") if uploaded is None else uploaded,
    )


def _creator(data: Mapping[str, Any]) -> CreatorInfo:
    return CreatorInfo(
        avatar_url=reading.text_or_none(data, "creator_avatar_url"),
        username=reading.text_or_none(data, "creator_username"),
        nickname=reading.required_text(data, "creator_nickname"),
        settings=settings_in(data),
    )
