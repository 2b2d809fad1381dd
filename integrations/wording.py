"""What each way back from TikTok says: what happened, then what to do. One literal table."""

from dataclasses import dataclass

from integrations.consent import Cause


@dataclass(frozen=True)
class Words:
    """A page about a callback that did not connect."""

    title: str
    what: str
    do: str
    status: int = 200
    retry: bool = True
    nothing_stored: bool = True


WORDS: dict[Cause, Words] = {
    Cause.DENIED: Words(
        "You did not allow the connection",
        "TikTok says that access was declined on its page.",
        "If that was not meant, try again and choose Allow. You can switch off single permissions there.",
    ),
    Cause.FORGED: Words(
        "This link does not belong to a connection that was started here",
        "The answer carried no sign that we gave out, or one that is long gone.",
        "Start again from Integrations. Never open such a link from a message.",
        400,
    ),
    Cause.OTHER_BROWSER: Words(
        "This connection was started in another browser",
        "For your safety the answer counts only in the browser and session in which Connect was pressed.",
        "Go back to that browser, or start again in this one.",
        400,
    ),
    Cause.OTHER_PERSON: Words(
        "This connection was started by somebody else",
        "You are signed in as another person than the one who pressed Connect.",
        "Sign in as that person, or start again as yourself.",
        403,
    ),
    Cause.SIGNED_OUT: Words(
        "You are not signed in here any more",
        "The answer counts only in the session in which Connect was pressed, and that session has ended or is in another browser.",
        "Sign in and start again.",
        403,
    ),
    Cause.REPLAYED: Words(
        "This answer from TikTok was already used",
        "Each answer counts once. The page was probably loaded again or the link opened twice.",
        "Look under Integrations: the account may be connected already. If not, start again.",
        409,
        nothing_stored=False,
    ),
    Cause.EXPIRED: Words(
        "That took longer than ten minutes",
        "The connection was started too long ago.",
        "Start again; TikTok's page does not have to be answered at once, but within ten minutes.",
        410,
    ),
    Cause.TIKTOK_SAID_NO: Words(
        "TikTok did not show or did not finish its page",
        "TikTok sent you back with an error of its own, without asking you or before you could answer.",
        "Try again in a few minutes. If it happens twice, tell your account manager.",
        502,
    ),
    Cause.NO_CODE: Words(
        "TikTok sent no code",
        "The answer named neither a code nor a reason.",
        "Try again. If it happens twice, tell your account manager.",
        502,
    ),
    Cause.REFUSED: Words(
        "TikTok refused to complete the connection",
        "The code was not accepted: it may have been used already, or it ran out on the way.",
        "Start again.",
        502,
    ),
    Cause.UPSTREAM: Words(
        "TikTok does not answer at the moment",
        "You allowed the connection, but TikTok could not complete it just now.",
        "Try again in a few minutes.",
        503,
    ),
    Cause.NOT_SAFE: Words(
        "We could not keep the connection safe",
        "The part of this platform that guards keys did not do its work, and without it we keep no access to an account.",
        "Start again in a few minutes. If it happens twice, tell your account manager.",
        503,
    ),
    Cause.BEING_ERASED: Words(
        "This account's data is being deleted right now",
        "Its deletion was asked for, or its 90 days are over, and the deletion has begun.",
        "Wait until it is done, usually a few minutes, and connect again then. It begins without history.",
        409,
    ),
    Cause.MISCONFIGURED: Words(
        "This platform is not set up correctly at TikTok",
        "TikTok did not accept the app's id, secret or redirect address.",
        "Tell the platform's operator: redirect address, app id and secret must equal those in TikTok's portal, byte for byte.",
        502,
        retry=False,
    ),
    Cause.NOT_UNDERSTOOD: Words(
        "TikTok answered in a way we do not understand",
        "The answer was not in TikTok's documented form.",
        "Try again in a few minutes. If it happens twice, tell your account manager.",
        502,
    ),
    Cause.NO_LONGER_ALLOWED: Words(
        "You may no longer connect accounts here",
        "Your role in this workspace changed while you were at TikTok.",
        "Ask a client admin of the workspace.",
        403,
        retry=False,
    ),
}
