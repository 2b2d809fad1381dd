"""Mails about leaving. One function per mail; each returns a message for agency/outlets/mail.py.

A mail that leaves after the data is gone names the reference and nobody: what was erased must not come back in a mail.
"""

from django.conf import settings

from agency.outlets import mail
from privacy import public_requests
from privacy.models import Correction, DataArchive, DeletionRequest, DeletionRun, Incident, PersonCopy, PublicRequest


def confirm_form(request: PublicRequest, said: public_requests.Said) -> mail.Message:
    """The link that proves that the address is theirs."""
    return mail.compose(
        "deletion_confirm",
        to=said.contact,
        context={
            "reference": request.reference,
            "open_url": f"{settings.APP_URL}/data-deletion/confirm/{public_requests.link_token(request)}",
            "expires_at": request.created_at + PublicRequest.VERIFIED_WITHIN,
        },
    )


def nothing_held(request: PublicRequest, said: public_requests.Said) -> mail.Message:
    """The answer to a form about an account that nobody holds."""
    return mail.compose("deletion_nothing_held", to=said.contact, context=_common(request.reference))


def standing(request: DeletionRequest, *, to: str, workspace_name: str = "", names_account: bool = True) -> mail.Message:
    """How a request stands now. `workspace_name` is for its own people; whoever wrote from outside is not told whose client they met, and
    an address that nobody confirmed not even which account it is about."""
    name = {
        DeletionRequest.State.SCHEDULED: "deletion_scheduled",
        DeletionRequest.State.CANCELLED: "deletion_cancelled",
        DeletionRequest.State.REFUSED: "deletion_refused",
        DeletionRequest.State.DONE: "deletion_done",
    }[DeletionRequest.State(request.state)]
    context = _common(request.reference) | {
        "account": request.account_name if names_account else "the account that was asked about",
        "workspace_name": workspace_name,
        "run_at": request.run_at,
        "due_at": request.due_at,
        "done_at": request.done_at,
        "cancel_url": f"{settings.APP_URL}/settings/deletions/{request.pk}" if workspace_name else "",
    }
    if request.of == DeletionRequest.Of.PERSON:
        context["cancel_url"] = f"{settings.APP_URL}/settings/account/deletion"
    if request.state == DeletionRequest.State.REFUSED and not workspace_name:
        name = "deletion_nothing_held"  # the same words as for an account that nobody holds
    return mail.compose(name, to=to, context=context)


def run_done(run: DeletionRun, *, to: str, workspace_name: str) -> mail.Message:
    """The data of what was disconnected is gone."""
    context = _common(run.reference) | {"workspace_name": workspace_name, "done_at": run.finished_at}
    return mail.compose("deletion_done", to=to, context=context)


def run_failed(run: DeletionRun, places: list[str]) -> mail.Message:
    """To the privacy contact: a run found something that it could not take away."""
    return mail.compose(
        "deletion_run_failed",
        to=settings.PRIVACY_CONTACT,
        context=_common(run.reference)
        | {"places": places, "sentence": run.sentence, "open_url": f"{settings.APP_URL}/privacy/runs/{run.pk}", "due_at": run.due_at},
    )


def promises_broken(incidents: list[Incident]) -> mail.Message:
    """To the privacy contact: promises that are not kept, with what was found."""
    return mail.compose(
        "promise_broken",
        to=settings.PRIVACY_CONTACT,
        context={"titles": [incident.title for incident in incidents], "open_url": f"{settings.APP_URL}/privacy/promises"},
    )


def archive_ready(archive: DataArchive, *, to: str) -> mail.Message:
    """The copy is ready, for a day."""
    return _copy_ready("archive_ready", archive, to=to, path=f"archives/{archive.pk}", account=archive.account_name)


def person_copy_ready(copy: PersonCopy) -> mail.Message:
    """The person's own copy is ready, for a day."""
    return _copy_ready("person_copy_ready", copy, to=copy.person.email, path="account/copy")


def _copy_ready(name: str, copy: DataArchive | PersonCopy, *, to: str, path: str, **more: str) -> mail.Message:
    context = {"expires_at": copy.expires_at, "rows_count": copy.rows_count, "open_url": f"{settings.APP_URL}/settings/{path}"}
    return mail.compose(name, to=to, context=context | more)


def correction(row: Correction, *, to: str) -> mail.Message:
    """That it is here and when it is answered by; later the answer. Says what was asked to nobody but whoever asked."""
    context = {
        "reference": row.reference,
        "state": row.state,
        "said": row.said,
        "answer": row.answer,
        "due_at": row.due_at,
        "privacy_contact": settings.PRIVACY_CONTACT,
        "status_url": f"{settings.APP_URL}/settings/corrections" if row.asked_by_id else f"{settings.APP_URL}/corrections/{row.reference}",
    }
    return mail.compose("correction", to=to, context=context)


def _common(reference: str) -> dict[str, object]:
    return {
        "reference": reference,
        "status_url": f"{settings.APP_URL}/data-deletion/{reference}",
        "privacy_contact": settings.PRIVACY_CONTACT,
    }
