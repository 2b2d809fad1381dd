"""Secrets print as dots and go nowhere by accident."""

import copy
import dataclasses
import json
import logging
import logging.config
import pickle
from collections.abc import Callable

import pytest
from django.template import Context, Engine

from agency.secret import Secret, keep_quiet

CANARY = "act.Canary!5159.s1"


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        format,
        "{:>40}".format,
        "{:.3}".format,
        "{!r:.60}".format,
        lambda secret: f"{secret} {secret!s} {secret!r} {secret!a}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031
        lambda secret: repr([secret, {"token": secret}, (secret,)]),
        lambda secret: json.dumps({"token": secret}, default=str),
    ],
)
def test_every_way_of_printing_gives_dots(show: Callable[[Secret], str]) -> None:
    shown = show(Secret(CANARY))
    assert "anary" not in shown
    assert "•" in shown or "\\u2022" in shown


def test_the_dots_do_not_tell_the_length() -> None:
    assert str(Secret("a")) == str(Secret(CANARY)) == str(Secret(""))


def test_a_template_cannot_reveal() -> None:
    template = Engine().from_string("{{ token }} {{ token.reveal }}")
    assert CANARY not in template.render(Context({"token": Secret(CANARY)}, autoescape=False))


def test_a_library_that_is_kept_quiet_says_warnings_only_whatever_is_configured_later(caplog: pytest.LogCaptureFixture) -> None:
    keep_quiet("a.library.that.talks")
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False, "incremental": False, "loggers": {"a.library.that.talks": {"level": "DEBUG"}}}
    )
    logger = logging.getLogger("a.library.that.talks")
    logger.info("canary")
    logger.warning("worth knowing")
    assert [record.getMessage() for record in caplog.records] == ["worth knowing"]


def test_revealing_is_the_way_out() -> None:
    assert Secret(CANARY).reveal() == CANARY


def test_secrets_compare_with_secrets_alone() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret(CANARY + "x")
    assert Secret("é") == Secret("é")
    assert Secret(CANARY) != CANARY
    assert CANARY not in [Secret(CANARY)]


def test_a_secret_is_true_when_its_text_is() -> None:
    assert Secret("0")
    assert Secret(" ")
    assert not Secret("")


@pytest.mark.parametrize(
    "leak",
    [
        hash,
        json.dumps,
        list,
        len,
        vars,
        *(lambda secret, protocol=protocol: pickle.dumps(secret, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)),
        lambda secret: secret + "",
        lambda secret: "".join([secret]),
        lambda secret: secret[0],
    ],
)
def test_every_way_out_but_revealing_is_closed(leak: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        leak(Secret(CANARY))
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("value", [None, b"bytes", 7, Secret("inner")])
def test_only_text_becomes_a_secret_and_the_error_does_not_quote_it(value: object) -> None:
    with pytest.raises(TypeError, match=type(value).__name__) as caught:
        Secret(value)  # type: ignore[arg-type]
    assert "inner" not in str(caught.value)


def test_a_secret_does_not_change() -> None:
    secret = Secret(CANARY)
    with pytest.raises(AttributeError):
        secret.value = "other"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del secret._Secret__value  # type: ignore[attr-defined]
    assert secret.reveal() == CANARY


def test_a_dataclass_that_holds_one_can_be_copied_and_printed() -> None:
    @dataclasses.dataclass(frozen=True)
    class Holder:
        token: Secret

    holder = Holder(Secret(CANARY))
    assert CANARY not in repr(holder)
    assert dataclasses.asdict(holder)["token"] == Secret(CANARY)
    assert copy.deepcopy(holder) == copy.copy(holder) == holder
