"""The type in which secrets travel: tokens, app secrets, verifiers, recovery codes.

Owns how a secret prints (as dots), where it refuses to go (pickles, JSON, dictionary keys), and the silence of libraries that would
log one. Never seals, stores or logs anything; the cipher is in `agency.sealing`.
"""

import hmac
import logging
from typing import NoReturn, Self, final

DOTS = "••••••••"


@final
class Secret:
    """A string that leaves only through `reveal()`.

    Every way of printing it gives the same dots, so that neither its length nor its beginning shows. It is true when the string is
    not empty, as the string itself would be. Comparing with anything but a Secret is False, so a plain string cannot be probed.
    """

    __slots__ = ("_Secret__value",)
    __hash__ = None  # type: ignore[assignment]  # a hash by value would end in sets and cache keys

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"Secret wraps a str, not {type(value).__name__}")
        object.__setattr__(self, "_Secret__value", value)

    def reveal(self) -> str:
        return self.__value

    reveal.alters_data = True  # type: ignore[attr-defined]  # Django's templates call what they find, but not what says this

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass"))

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return f"Secret({DOTS})"

    def __str__(self) -> str:
        return DOTS

    def __format__(self, spec: str) -> str:
        return DOTS  # a width or precision in the spec must not change the answer

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # dataclasses.asdict copies deeply; without this it would try to pickle

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is not pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


class _WarningsOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


def keep_quiet(*logger_names: str) -> None:
    """Let these loggers of other people's libraries say warnings only, because below that they print what they send.

    A filter on each logger, not a level: a level would be undone by the next logging configuration, and a parent's filter does not
    hold for its children.
    """
    for name in logger_names:
        logging.getLogger(name).addFilter(_WarningsOnly())
