"""What became of a post: status and cancel of Content Posting at TikTok for Developers."""

from typing import Any

from tiktok_sandbox import publishing
from tiktok_sandbox.answers import COUNT, TEXT, list_of, record, word
from tiktok_sandbox.endpoints import Call, Word
from tiktok_sandbox.envelope import ApiError
from tiktok_sandbox.families.login_posting import BOTH, endpoint
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.publishing import DOWNLOADING, FAILED
from tiktok_sandbox.readers import Text


def status_fetch(call: Call) -> dict[str, Any]:
    row = _own(call)
    state = publishing.standing(row, call.moment)
    answer: dict[str, Any] = {"status": state.status}
    if state.status == FAILED:
        answer["fail_reason"] = state.reason
    return {**answer, "publicaly_available_post_id": state.post_ids, "uploaded_bytes" if row["size"] else "downloaded_bytes": state.moved}


def cancel(call: Call) -> None:
    row = _own(call)
    if publishing.standing(row, call.moment).status != DOWNLOADING:
        raise ApiError("publish_not_cancellable", "The publish is no longer downloading.", status=400)
    publishing.fail(call.desk, row, "publish_cancelled", call.moment)


def _own(call: Call) -> dict[str, Any]:
    row: dict[str, Any] | None = call.desk.writes.publishes.get(call.values["publish_id"])
    if row is None or row["api"] != publishing.OPEN:
        raise ApiError("invalid_publish_id", "unknown publish_id", status=400)
    if (row["handle"], row["client"]) != (call.account.handle, call.account.client):
        raise ApiError("token_not_authorized_for_specified_publish_id", "The publish belongs to another account.", status=400)
    return row


PUBLISH_ID = Param("publish_id", Text(64), required=True)

# The ids are numbers beyond what a double holds.
STATUS = record(
    {"status": word(*publishing.STATES), "publicaly_available_post_id": list_of(COUNT)},
    optional={"fail_reason": TEXT, "uploaded_bytes": COUNT, "downloaded_bytes": COUNT},
)

NOT_OWN = (Word("invalid_publish_id", 400), Word("token_not_authorized_for_specified_publish_id", 400))

ENDPOINTS = (
    endpoint("/status/fetch/", status_fetch, BOTH, Limit.POST_STATUS, PUBLISH_ID, gives=STATUS, refuses=NOT_OWN),
    endpoint("/cancel/", cancel, BOTH, None, PUBLISH_ID, gives=None, refuses=(*NOT_OWN, Word("publish_not_cancellable", 400))),
)
