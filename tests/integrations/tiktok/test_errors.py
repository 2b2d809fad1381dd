"""The table from TikTok's codes to what happens next, as it comes through the wire."""

from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok import errors
from integrations.tiktok.codes import CODES, error_class_for
from integrations.tiktok.errors import (
    AnswerLost,
    Call,
    CodeRefused,
    ConsentRefused,
    InternalFailure,
    NotGranted,
    NotUnderstood,
    OurMistake,
    ReconnectNeeded,
    Throttled,
    TikTokError,
    TokenExpired,
    TryLater,
)
from integrations.tiktok.transport import Transport
from tests.integrations.tiktok.conftest import NOW
from tests.integrations.tiktok.loopback import REQUEST_ID, Loopback, envelope

NEXT_STEPS = [
    (40000, OurMistake),
    (40001, NotGranted),
    (40002, OurMistake),
    (40006, OurMistake),
    (40016, Throttled),
    (40100, Throttled),
    (40101, OurMistake),
    (40102, TokenExpired),
    (40103, ReconnectNeeded),
    (40104, OurMistake),
    (40105, ReconnectNeeded),
    (40107, ReconnectNeeded),
    (40110, CodeRefused),
    (40130, NotGranted),
    (40131, CodeRefused),
    (40132, Throttled),
    (40133, Throttled),
    (40201, TryLater),
    (40700, InternalFailure),
    (40911, OurMistake),
    (50000, InternalFailure),
    (50002, InternalFailure),
    (51010, InternalFailure),
    (51021, Throttled),
    (52001, InternalFailure),
    (53999, InternalFailure),
    (60001, TryLater),
    (61000, Throttled),
    (70001, OurMistake),
    (1, NotUnderstood),
    (49999, NotUnderstood),
    (99999, NotUnderstood),
]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "500 Internal Server Error"])
@pytest.mark.parametrize(("code", "error_class"), NEXT_STEPS)
def test_the_code_decides_whatever_the_status(
    server: Loopback, transport: Transport, code: int, error_class: type[TikTokError], status: str
) -> None:
    server.answer_with(envelope(code=code, message="no", status=status))
    with pytest.raises(TikTokError) as caught:
        transport.business_get("/business/get/", access_token=Secret("act.1"), params={})
    error = caught.value
    assert type(error) is error_class
    assert (error.code, error.request_id) == (code, REQUEST_ID)
    assert error.call is not None
    assert error.call.endpoint == "/business/get/"


def test_what_is_tried_later_can_be_caught_as_such_and_the_rest_cannot() -> None:
    assert {c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, TryLater)} == {
        TryLater,
        Throttled,
        errors.LimitReached,
        errors.CircuitOpen,
        InternalFailure,
        AnswerLost,
    }
    assert issubclass(CodeRefused, ConsentRefused)
    assert all(issubclass(error_class, TikTokError) for error_class in CODES.values())


ELSEWHERE = (AnswerLost, ConsentRefused, NotUnderstood, errors.UploadGone)


@pytest.mark.parametrize("error_class", sorted({*CODES.values(), *ELSEWHERE}, key=lambda c: c.__name__))
def test_every_error_has_a_sentence_of_its_own_for_people(error_class: type[TikTokError]) -> None:
    sentence = error_class().sentence
    assert sentence.endswith(".")
    assert sentence[0].isupper()
    assert "!" not in sentence
    assert sentence != TikTokError.sentence


def test_a_code_with_a_remedy_of_its_own_says_it() -> None:
    call = Call("/x/", "R1", 200, 40101, NOW, 5)
    error = error_class_for(40101)(call=call)
    assert "app secret" in error.sentence
    assert str(error) == f"{error.sentence} [/x/, HTTP 200, code 40101, request R1]"


def test_an_error_without_a_call_is_its_sentence() -> None:
    error = ConsentRefused(sentence="You said no in TikTok.")
    assert str(error) == "You said no in TikTok."
    assert (error.call, error.code, error.request_id) == (None, None, "")


@pytest.mark.parametrize(
    ("error_class", "expected"),
    [(AnswerLost, True), (InternalFailure, True), (NotUnderstood, True), (TryLater, False), (Throttled, False), (ReconnectNeeded, False)],
)
def test_an_error_tells_whether_the_call_may_have_run(error_class: type[TikTokError], expected: Any) -> None:
    assert error_class().may_have_run is expected
