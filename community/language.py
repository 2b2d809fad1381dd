"""In what language a comment is written: by its script, and for Latin letters by words that hardly any other language has.

Comments are short, so a guess is worth little: whoever is not sure says nothing. Works on one text; no network, no database, no model.
"""

import re
from collections.abc import Mapping
from typing import Final

UNKNOWN: Final = ""
NAMES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese",
    "ru": "Russian", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
# Kana before Han: Japanese uses both, Chinese only one.
_SCRIPTS: Final = tuple(
    (language, re.compile(f"[{letters}]"))
    for language, letters in (
        ("ja", "\u3041-\u30ff"), ("zh", "\u4e00-\u9fff"), ("ko", "\uac00-\ud7af"), ("ar", "\u0621-\u06ff"), ("he", "\u05d0-\u05ea"),
        ("hi", "\u0900-\u097f"), ("th", "\u0e01-\u0e5b"), ("el", "\u0370-\u03ff"), ("uk", "іїєґІЇЄҐ"), ("ru", "\u0400-\u04ff"),
    )
)  # fmt: skip
_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the is this that how what where when who why you your do does did can i my it and was are with for not so much long take "
        "which please part two need needed love would an of to first best favourite favorite light does work show song sister wait",
        "de": "und der die das ist nicht ich du wir ihr wie was wo warum sehr schön danke für ein eine mit auf bitte auch noch mal gut",
        "es": "que qué el la los las es no yo tú cómo dónde cuándo por para muy gracias una con está lo compraste me gusta esto eso",
        "pt": "que o os as é não eu você como onde quando por para muito obrigado obrigada uma com está isso esse gostei lindo demais",
        "fr": "le la les est pas je tu vous comment où quand pourquoi très merci une avec pour c'est ça j'aime trop beau belle des du",
        "it": "il lo gli è non io tu come dove quando perché molto grazie una con per questo questa bello bellissimo che di sono",
        "nl": "het een is niet ik jij wat hoe waar wanneer waarom heel mooi dank bedankt voor met ook van dit deze leuk",
        "pl": "to jest nie ja ty jak gdzie kiedy dlaczego bardzo dziękuję dzięki z na się czy ładne super co",
        "tr": "bu ne nasıl nerede neden çok güzel teşekkürler bir için ve değil mi ben sen",
        "id": "yang ini itu tidak saya kamu bagaimana dimana kapan kenapa sangat terima kasih dan untuk dengan bagus banget",
        "vi": "là không tôi bạn thế nào đâu khi sao rất cảm ơn một với cho này đẹp quá",
    }.items()
}
_HAVE: Final[Mapping[str, tuple[str, ...]]] = {
    word: tuple(language for language, known in _WORDS.items() if word in known) for word in frozenset().union(*_WORDS.values())
}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LONGEST: Final = 400  # characters that are looked at
# Letters that settle a tie between the few words of two languages.
_LETTERS: Final[Mapping[str, str]] = {
    "de": "äöüß", "es": "ñ¿¡", "pt": "ãõ", "fr": "çœêè", "pl": "łąęśżź", "tr": "ğışİ", "vi": "ơưđạảấầ",
}  # fmt: skip


def language_of(text: str) -> str:
    """ISO 639-1, or nothing when it is not clear."""
    text = text[:_LONGEST]
    is_plain = text.isascii()
    for language, letters in () if is_plain else _SCRIPTS:
        if letters.search(text):
            return language
    scores = dict.fromkeys(_WORDS, 0)
    for word in {word.replace("’", "'") for word in _WORD.findall(text.lower())}:
        for language in _HAVE.get(word, ()):
            scores[language] += 1
    for language, letters in () if is_plain else _LETTERS.items():
        if any(letter in text for letter in letters):
            scores[language] += 1
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best in (0, second):
        return UNKNOWN
    return max(scores, key=lambda language: scores[language])
