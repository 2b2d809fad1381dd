"""What a new post, its file, a picture and a code of a post look like on the wire, and to whom a file is handed."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok import comments, creators, post_codes, posting, publishing, url_properties
from integrations.tiktok.errors import AnswerLost, NotUnderstood, OurMistake, Throttled, TryLater, UploadGone
from integrations.tiktok.oauth import App
from integrations.tiktok.posting import AddressOf, DirectPost, FileOf
from integrations.tiktok.transport import Transport
from integrations.tiktok.upload_addresses import parts_of_upload
from integrations.tiktok.url_properties import PropertyKind
from tests.integrations.tiktok.loopback import Loopback, Reply, envelope, http, raw

ME: dict[str, Any] = {"access_token": Secret("act.1"), "business_id": "_000X"}
TOKEN = Secret("act.1")
APP = App("7400000000000000001", Secret("CanarySecret"))


def begun(**data: Any) -> Reply:
    return raw(http(json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L"}}).encode()))


def put(status: str, received: str = "") -> Reply:
    return raw(http(b"", status=status, headers={"Content-Range": received} if received else {}))


# Posts by address


def test_nothing_is_allowed_on_a_post_unless_it_is_said(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"share_id": "v_pub_url~v1.75"}))
    details = publishing.PostDetails(caption="a #b", allow_comments=True, is_branded_content=True)
    made = publishing.publish_video(transport, **ME, video_url="https://m.example/a.mp4", details=details)
    assert made.value == "v_pub_url~v1.75"
    info = server.received[0].json["post_info"]
    assert (info["disable_comment"], info["disable_duet"], info["disable_stitch"]) == (False, True, True)
    assert (info["caption"], info["is_branded_content"], info["is_brand_organic"]) == ("a #b", True, False)
    assert None not in info.values()
    assert "custom_thumbnail_url" not in server.received[0].json


def test_a_draft_says_nothing_of_itself(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"share_id": "v"}))
    publishing.publish_photos(transport, **ME, photo_urls=["https://m.example/a.jpg"], details=None)
    assert server.received[0].json["post_info"] == {"upload_to_draft": True}
    for photos, cover in (([], 0), (["a"] * 36, 0), (["a"], 1), (["a"], -1)):
        with pytest.raises(ValueError, match="photos"):
            publishing.publish_photos(transport, **ME, photo_urls=photos, details=None, cover_index=cover)
        with pytest.raises(ValueError, match="photos"):
            posting.begin_photos(transport, access_token=TOKEN, photo_urls=photos, post=None, cover_index=cover)
    assert len(server.received) == 1


def test_a_status_that_failed_says_why(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"status": "FAILED", "post_ids": [], "reason": "video_pull_failed"}), envelope(code=40016))
    read = publishing.publish_status(transport, **ME, publish_id="v").value
    assert (read.status, read.post_ids, read.reason) == ("FAILED", (), "video_pull_failed")
    with pytest.raises(Throttled):
        publishing.publish_video(transport, **ME, video_url="https://m.example/a.mp4", details=None)


def test_an_account_without_choices_is_not_one_that_may_not_post(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"comment_disabled": True}))
    with pytest.raises(NotUnderstood, match="privacy_level_options"):
        publishing.post_settings(transport, **ME)


# Posts by file


@pytest.mark.parametrize(
    ("size", "piece", "count", "last"),
    [
        (1, 1, 1, 1),
        (1_500_000, 1_500_000, 1, 1_500_000),
        (64_000_000, 64_000_000, 1, 64_000_000),
        (64_000_001, 32_000_000, 2, 32_000_001),
        (121_000_000, 32_000_000, 3, 57_000_000),
        (602_285_541, 32_000_000, 18, 58_285_541),
        (4_000_000_000, 32_000_000, 125, 32_000_000),
    ],
)
def test_a_file_is_cut_as_tiktok_wants_it(size: int, piece: int, count: int, last: int) -> None:
    file = FileOf(size)
    assert file.source() == {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": piece, "total_chunk_count": count}
    pieces = [file.piece_from(number * piece) for number in range(count)]
    assert pieces[0].start == 0
    assert pieces[-1].stop == size
    assert all(one.stop == following.start for one, following in pairwise(pieces))
    assert len(pieces[-1]) == last


@pytest.mark.parametrize("size", [0, -1, 4_000_000_001])
def test_a_file_that_tiktok_would_not_take_is_not_offered(size: int) -> None:
    with pytest.raises(ValueError, match="video file"):
        FileOf(size)


@pytest.mark.parametrize("first", [-32_000_000, 1, 31_999_999, 64_000_000])
def test_a_piece_begins_where_one_begins(first: int) -> None:
    with pytest.raises(ValueError, match="begins there"):
        FileOf(64_000_001).piece_from(first)


def test_a_post_begins_and_its_file_goes_to_the_address_as_it_was_given(server: Loopback, transport: Transport) -> None:
    address = f"{server.url}/video/?upload_token=Canary%2B%2f=&upload_id=7&empty"
    server.answer_with(begun(publish_id="v_pub_file~1", upload_url=address), put("206 Partial Content", "bytes 0-4/4"))
    post = DirectPost("SELF_ONLY", title="a", cover_timestamp_ms=500)
    made = posting.begin_video(transport, access_token=TOKEN, source=FileOf(4), post=post).value
    assert made.upload_address is not None
    assert "Canary" not in repr(made)
    sent = posting.send_piece(
        transport, upload_address=made.upload_address, file=FileOf(4), first=0, content=b"\x00\xff\r\n", video_type="video/mp4"
    )
    assert sent.value == posting.Progress(4, is_taken=True)
    assert sent.call.endpoint == "/video/"
    begin, piece = server.received
    assert begin.json["post_info"]["video_cover_timestamp_ms"] == 500
    assert begin.headers["authorization"] == "Bearer act.1"
    assert (piece.method, piece.body, piece.headers["content-range"]) == ("PUT", b"\x00\xff\r\n", "bytes 0-3/4")
    assert piece.target == "/video/?upload_token=Canary%2B%2f=&upload_id=7&empty"
    assert piece.headers["content-type"] == "video/mp4"
    assert "authorization" not in piece.headers
    assert "access-token" not in piece.headers


def send(transport: Transport, address: str) -> Any:
    return posting.send_piece(transport, upload_address=Secret(address), file=FileOf(3), first=0, content=b"abc", video_type="video/webm")


def test_another_piece_than_was_sent_may_be_due(server: Loopback, transport: Transport) -> None:
    server.answer_with(put("416 Range Not Satisfiable", "bytes 0-32000000/64000001"))
    assert send(transport, f"{server.url}/video/?a=1").value == posting.Progress(32_000_000, is_taken=False)


@pytest.mark.parametrize(
    ("reply", "error_class"),
    [
        (put("403 Forbidden"), UploadGone),
        (put("404 Not Found"), UploadGone),
        (put("400 Bad Request"), OurMistake),
        (put("429 Too Many Requests"), Throttled),
        (put("503 Service Unavailable"), TryLater),
        (put("502 Bad Gateway"), AnswerLost),
        (put("200 OK"), NotUnderstood),
        (put("416 Range Not Satisfiable"), NotUnderstood),
        (put("206 Partial Content", "bytes */3"), NotUnderstood),
        (put("302 Found"), NotUnderstood),
    ],
)
def test_an_upload_that_went_wrong_is_named_by_what_happens_next(
    server: Loopback, transport: Transport, reply: Reply, error_class: type[Exception]
) -> None:
    server.answer_with(reply)
    with pytest.raises(error_class) as caught:
        send(transport, f"{server.url}/video/?upload_token=Canary")
    assert type(caught.value) is error_class
    assert "Canary" not in repr(caught.value) + repr(vars(caught.value))
    assert len(server.received) == 1


@pytest.mark.parametrize("content", [b"", b"ab", b"abcd"])
def test_half_a_piece_is_not_sent(server: Loopback, transport: Transport, content: bytes) -> None:
    for body, kind in ((content, "video/mp4"), (b"abc", "text/html")):
        with pytest.raises(ValueError, match="whole piece"):
            posting.send_piece(
                transport, upload_address=Secret(f"{server.url}/video/"), file=FileOf(3), first=0, content=body, video_type=kind
            )
    assert server.received == []


DEVELOPERS = "https://open.tiktokapis.com"


@pytest.mark.parametrize(
    "address",
    [
        "https://open-upload.tiktokapis.com/video/?upload_id=1&upload_token=x",
        "https://open.tiktokapis.com/video/?a",
        "https://upload.us.tiktokapis.com/video/",
    ],
)
def test_a_sister_of_the_host_may_have_the_file(address: str) -> None:
    parts = parts_of_upload(Secret(address), developers=DEVELOPERS)
    assert parts is not None
    base, path, query = parts
    assert f"{base}{path}?{query.reveal()}".rstrip("?") == address


@pytest.mark.parametrize(
    "address",
    [
        "http://open-upload.tiktokapis.com/video/",
        "https://tiktokapis.com.evil.example/video/",
        "https://eviltiktokapis.com/video/",
        "https://open.tiktokapis.com@evil.example/video/",
        "https://someone@open.tiktokapis.com/video/",
        "https://open-upload.tiktokapis.com:8443/video/",
        "https://169.254.169.254/latest/",
        "https://[::1]/video/",
        "https://open-upload.tiktokapis.com/video/#a",
        "https://open-upload.tiktokapis.com/vi\ndeo/",
        "//open.tiktokapis.com/video/",
        "file:///etc/passwd",
        "https://[broken/video/",
        "https://open.tiktokapis.com:99999/video/",
        "",
    ],
)
def test_nobody_else_gets_the_file(server: Loopback, make_transport: Callable[..., Transport], address: str) -> None:
    assert parts_of_upload(Secret(address), developers=DEVELOPERS) is None
    with pytest.raises(NotUnderstood, match="not its own"):
        send(make_transport(server.url), address)
    assert server.received == []


@pytest.mark.parametrize("address", ["http://10.0.0.1:8788/video/", "http://127.0.0.1:8789/video/", "http://evil.0.0.1/video/"])
def test_a_bare_address_and_a_single_name_have_no_sisters(address: str) -> None:
    assert parts_of_upload(Secret(address), developers="http://127.0.0.1:8788") is None
    assert parts_of_upload(Secret("http://other.localhost/video/"), developers="http://a.localhost") is None


def test_the_state_of_a_post_reads_tiktoks_spelling(server: Loopback, transport: Transport) -> None:
    server.answer_with(
        begun(status="PUBLISH_COMPLETE", publicaly_available_post_id=[7510000000000000001, "7"], downloaded_bytes=10),
        begun(status="FAILED", fail_reason="spam_risk", uploaded_bytes=0),
    )
    read = posting.post_state(transport, access_token=TOKEN, publish_id="v").value
    assert (read.post_ids, read.moved_bytes, read.fail_reason) == (("7510000000000000001", "7"), 10, None)
    assert posting.post_state(transport, access_token=TOKEN, publish_id="v").value.moved_bytes == 0


def test_photos_say_how_they_appear_or_that_they_wait(server: Loopback, transport: Transport) -> None:
    server.answer_with(begun(publish_id="p"))
    post = DirectPost("SELF_ONLY", title="a", description="b", auto_add_music=True)
    for given in (post, None):
        posting.begin_photos(transport, access_token=TOKEN, photo_urls=["https://m.example/a.jpg"], post=given)
    direct, draft = (request.json for request in server.received)
    assert (direct["post_mode"], draft["post_mode"]) == ("DIRECT_POST", "MEDIA_UPLOAD")
    assert (direct["post_info"]["description"], direct["post_info"]["auto_add_music"]) == ("b", True)
    assert "post_info" not in draft
    posting.begin_draft(transport, access_token=TOKEN, source=AddressOf("https://m.example/a.mp4"))
    assert server.received[2].json == {"source_info": {"source": "PULL_FROM_URL", "video_url": "https://m.example/a.mp4"}}


# Pictures, codes, addresses, campaigns


def test_a_picture_travels_as_a_form_with_a_name_that_says_nothing(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"image_uri": "u/1", "width": 640, "height": "480"}), envelope({"comment_id": "7"}))
    content = b"\x89PNG\r\n--\r\n\x00"
    image = comments.upload_comment_image(transport, **ME, content=content, content_type="image/png").value
    assert image == comments.CommentImage("u/1", 640, 480)
    request = server.received[0]
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    first, second = request.body.removesuffix(f"--{boundary}--\r\n".encode()).split(f"--{boundary}\r\n".encode())[1:]
    assert first == b'Content-Disposition: form-data; name="business_id"\r\n\r\n_000X\r\n'
    head, _, sent = second.partition(b"\r\n\r\n")
    assert head == b'Content-Disposition: form-data; name="image_file"; filename="picture.png"\r\nContent-Type: image/png'
    assert sent == content + b"\r\n"
    comments.create_comment(transport, **ME, video_id="1", text="", image=image)
    assert server.received[1].json == {
        "business_id": "_000X", "video_id": "1", "image_uri": "u/1", "image_width": 640, "image_height": 480,
    }  # fmt: skip


@pytest.mark.parametrize(("content", "kind"), [(b"", "image/png"), (bytes(5_000_001), "image/png"), (b"a", "image/svg+xml")])
def test_a_picture_that_is_none_stays_here(server: Loopback, transport: Transport, content: bytes, kind: str) -> None:
    with pytest.raises(ValueError, match="picture"):
        comments.upload_comment_image(transport, **ME, content=content, content_type=kind)
    assert server.received == []


def test_a_code_of_a_post_is_a_secret_with_an_end(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"item_id": 75, "auth_code": "#Canary+/=", "auth_code_end_time": "2026-02-14 10:00:00"}))
    read = post_codes.give_code(transport, **ME, item_id="75", days=60).value
    assert read.auth_code == Secret("#Canary+/=")
    assert (read.ends_at is None, read.starts_at) == (False, None)
    assert "Canary" not in repr(read)
    assert server.received[0].json["authorization_days"] == 60
    for act in (post_codes.give_code, post_codes.allow_ads):
        with pytest.raises(ValueError, match="365"):
            act(transport, **ME, item_id="75", days=31)


def test_an_address_that_was_not_proved_is_an_answer(server: Loopback, transport: Transport) -> None:
    row = {"property_type": 2, "url": "https://m.example/a/", "property_status": 2, "signature": "s", "file_name": "f.txt"}
    server.answer_with(envelope({"url_property_info": row}), envelope({"url_property_info_list": [{**row, "property_type": 3}]}))
    read = url_properties.verify_property(transport, APP, kind=PropertyKind.PREFIX, url="https://m.example/a/").value
    assert (read.kind, read.is_verified, read.file_name) == (PropertyKind.PREFIX, False, "f.txt")
    assert server.received[0].json["url_property_meta"] == {"property_type": 2, "url": "https://m.example/a/"}
    with pytest.raises(NotUnderstood, match="property_type"):
        url_properties.url_properties(transport, APP)


def test_a_creator_without_a_price_has_none(server: Loopback, transport: Transport) -> None:
    labels = [{"label_id": 21, "label_name": "Travel"}]
    server.answer_with(envelope({"handle_name": "jo", "content_labels": labels, "audience_ages": [{"age": "18-24", "percentage": 0.4}]}))
    read = creators.creator(transport, access_token=TOKEN, creator_id="_000X", fields=["handle_name", "handle_name"]).value
    assert (read.rate, read.rate_currency, read.followers_count) == (None, None, None)
    assert (read.content_labels, read.industry_labels, read.audience_ages) == (("Travel",), (), (("18-24", 0.4),))
    assert server.received[0].query["fields"] == ['["handle_name"]']
    with pytest.raises(ValueError, match="one field"):
        creators.creator(transport, access_token=TOKEN, creator_id="_000X", fields=[])
    with pytest.raises(ValueError, match="posts"):
        creators.creator_posts_page(transport, access_token=TOKEN, creator_id="_000X", video_ids=[])
