"""The upload host of TikTok for Developers: chunks in order, each at its place, until all bytes are there."""

import re
from typing import Any

from tiktok_sandbox import publishing
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.params import HEADER, Param
from tiktok_sandbox.publishing import UPLOADING
from tiktok_sandbox.readers import Text
from tiktok_sandbox.wire import Response

UPLOAD_LIFE = 3_600
VIDEO_KINDS = ("video/mp4", "video/quicktime", "video/webm")
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")


def upload(call: Call) -> Response:
    """One chunk. The bytes are counted and forgotten."""
    assert call.request is not None
    rows = (row for row in call.desk.writes.publishes.values() if row["upload_id"] == call.values["upload_id"] and row["size"])
    row = next(rows, None)
    if row is None or row["upload_token"] != call.values["upload_token"] or publishing.standing(row, call.moment).status != UPLOADING:
        return Response(404, b"", "text/plain")
    if not 0 <= call.moment - row["made"] <= UPLOAD_LIFE:
        return Response(403, b"", "text/plain")
    size = call.request.size
    found = RANGE.fullmatch(call.values["content-range"])
    if found is None or call.values["content-type"].partition(";")[0].strip().lower() not in VIDEO_KINDS:
        return Response(400, b"", "text/plain")
    first, last, whole = map(int, found.groups())
    if whole != row["size"] or last - first + 1 != size:
        return Response(400, b"", "text/plain")
    if first != row["uploaded"]:
        return _progress(416, row)
    number = first // row["chunk"]
    wanted = row["chunk"] if number < row["count"] - 1 else row["size"] - row["chunk"] * (row["count"] - 1)
    if size != wanted:
        return Response(400, b"", "text/plain")
    return _progress(201 if publishing.receive(call.desk, row, size, call.moment) else 206, row)


def _progress(status: int, row: dict[str, Any]) -> Response:
    return Response(status, b"", "text/plain", [("Content-Range", f"bytes 0-{row['uploaded']}/{row['size']}")])


ENDPOINTS = (
    Endpoint(
        "/video/",
        "PUT",
        upload,
        (
            Param("upload_id", Text(64), required=True),
            Param("upload_token", Text(64), required=True),
            Param("content-range", Text(100), default="", where=HEADER),
            Param("content-type", Text(), default="", where=HEADER),
        ),
        evidence="T",
        dialect=Dialect.UPLOAD,
        body="raw",
        kinds=VIDEO_KINDS,
        statuses=(201, 206, 400, 403, 404, 416),
    ),
)
