"""Jobs of leaving. A sweep claims and sends; a task takes ids and does one thing."""

import logging
from contextlib import suppress
from uuid import UUID

from celery import shared_task
from redis.exceptions import RedisError

from agency import audit, clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.outlets import mail
from agency.queries import roles_that
from agency.roles import Can, Role
from integrations import proofs
from integrations.models import Connection
from privacy import archives, emails, keeping, person_copies, planning, public_requests, run
from privacy.models import Correction, DataArchive, DeletionRequest, DeletionRun, PersonCopy, PublicRequest

logger = logging.getLogger(__name__)
_TO_MAIL = {"state": PublicRequest.State.UNVERIFIED, "way": PublicRequest.Way.MAIL}


@shared_task
def forms_due() -> int:
    """Everything about the public form that waits: mails to confirm, requests to sort, answers, and what was never confirmed."""
    done = _mail_forms() + _sort_forms() + _answer_forms()
    return done + public_requests.expire_due() + proofs.forget_due()


def _mail_forms() -> int:
    count = 0
    for request in PublicRequest.objects.filter(mailed_at=None, **_TO_MAIL).order_by("created_at")[:20]:
        # Claimed before the mail leaves: sent once, or, if the server does not take it, again later.
        if not PublicRequest.objects.filter(pk=request.pk, mailed_at=None).update(mailed_at=clock.now()):
            continue
        said = public_requests.said(request)
        if said is None:
            continue
        ending = mail.try_to_send(emails.confirm_form(request, said))
        count += ending.is_sent
        if ending.may_come_later:
            PublicRequest.objects.filter(pk=request.pk).update(mailed_at=None)
        elif not ending.is_sent:
            logger.warning("the address of a deletion form does not exist", extra={"facts": {"form": str(request.pk)}})
    return count


def _sort_forms() -> int:
    waiting = PublicRequest.objects.filter(state=PublicRequest.State.CHECKING, sorted_at=None).order_by("created_at")[:20]
    with suppress(KeyServiceError):
        for request in waiting:
            public_requests.sort_one(request)
            jobs.nudge("deletion_mail")
    return len(waiting)


def _answer_forms() -> int:
    """A form is answered when all that came of it is; one about an account that nobody holds was closed by hand and needs its mail."""
    count = 0
    for request in PublicRequest.objects.filter(state=PublicRequest.State.CHECKING, sorted_at__isnull=False):
        children = public_requests.children(request)
        if children and all(child.state not in DeletionRequest.OPEN for child in children) and public_requests.close(request):
            public_requests.forget(request)
            count += 1
    for request in PublicRequest.objects.filter(state=PublicRequest.State.ANSWERED, said_sealed__isnull=False):
        said = public_requests.said(request)
        if said is not None and said.contact and mail.try_to_send(emails.nothing_held(request, said)).may_come_later:
            continue
        public_requests.forget(request)
        count += 1
    return count


@shared_task
def tell_due() -> int:
    """Tell people how their requests stand."""
    return jobs.send(tell_one, jobs.claim_due("deletion_mail"))


@shared_task(base=WorkspaceTask)
def tell_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One mail to each admin of the workspace and to whoever asked. The claim is spent before the first leaves: told once, not twice."""
    claim = jobs.take("deletion_mail", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        jobs.finish(claim)
        request = DeletionRequest.objects.filter(pk=claim.ref).select_related("workspace", "asked_by").first()
        if request is None:
            letters = _letters_about_run(claim.ref)
        elif request.state in (DeletionRequest.State.CHECKING, DeletionRequest.State.RUNNING):
            return
        else:
            letters = _letters_about(request)
    for letter in letters:
        if not mail.try_to_send(letter).is_sent:
            logger.warning("a mail about a deletion did not leave", extra={"facts": {"request": ref}})


def _letters_about(request: DeletionRequest) -> list[mail.Message]:
    letters = [emails.standing(request, to=member.person.email, workspace_name=request.workspace.name) for member in _concerned(request)]
    if request.contact and request.contact not in {letter.to for letter in letters}:
        letters.append(emails.standing(request, to=request.contact, names_account=_is_theirs(request)))
    if request.state not in DeletionRequest.OPEN:
        DeletionRequest.objects.filter(pk=request.pk).update(contact="")
    return letters


def _is_theirs(request: DeletionRequest) -> bool:
    """Whether the address was shown to be that of whoever asked. Who signed in to TikTok may have mistyped it: then it names no account."""
    form = public_requests.get(request.public_request_id) if request.public_request_id else None
    return form is None or form.way != PublicRequest.Way.TIKTOK


def _letters_about_run(run_id: UUID) -> list[mail.Message]:
    """What was disconnected 83 days ago is gone: the workspace's admins get the proof."""
    done = DeletionRun.objects.filter(pk=run_id, state=DeletionRun.State.DONE).select_related("workspace").first()
    if done is None or done.of == DeletionRun.Of.PERSON:
        return []
    admins = Membership.objects.filter(role=Role.CLIENT_ADMIN.value, person__is_active=True).select_related("person")
    return [emails.run_done(done, to=member.person.email, workspace_name=done.workspace.name) for member in admins]


def _concerned(request: DeletionRequest) -> list[Membership]:
    """Client admins, and whoever asked; a creator hears of their own account only. Of a person nobody but the person hears."""
    if request.of == DeletionRequest.Of.PERSON:
        return []
    members = Membership.objects.filter(role__in=roles_that(Can.MANAGE_CONNECTIONS), person__is_active=True).select_related("person")
    told = [m for m in members if m.person_id == request.asked_by_id or _sees(m, request)]
    for staff in (m for m in told if m.as_role.is_staff):
        audit.record_read("deletion_mail", by=staff, of="deletionrequest", ref=str(request.pk))
    return told


def _sees(member: Membership, request: DeletionRequest) -> bool:
    if request.account_id is None:  # erased: those who see the workspace's accounts
        return member.as_role is not Role.CREATOR
    return Connection.objects.visible_to(member).filter(pk=request.account_id).exists()


@shared_task
def plan_due() -> int:
    """Plan the runs of what was disconnected, and have runs that left something try again tonight."""
    return planning.plan_all()


@shared_task
def erase_due() -> int:
    """Runs whose night has come."""
    return jobs.send(erase_one, jobs.claim_due("erase"))


@shared_task(base=WorkspaceTask)
def erase_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One run, or what is left of it. If this worker dies, another one goes on when its lease is over."""
    claim = jobs.take("erase", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost):
        try:
            result = run.carry_out(claim.ref, workspace_id=claim.workspace_id, renew=lambda: jobs.renew(claim))
        except run.NotYet as pause:
            with scope.begin():
                jobs.postpone(claim, until=pause.until)
            return
        except (KeyServiceError, RedisError) as problem:
            logger.warning("a deletion run waits: %s", type(problem).__name__, extra={"facts": {"run": ref}})
            with scope.begin():
                jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
            return
        with scope.begin():
            jobs.finish(claim)
        jobs.nudge("deletion_mail")
        if result.left:
            _tell_team(claim.ref, list(result.left))


def _tell_team(run_id: UUID, places: list[str]) -> None:
    with scope.begin():
        failed = DeletionRun.objects.get(pk=run_id)
    if not mail.try_to_send(emails.run_failed(failed, places)).is_sent:
        logger.error("the privacy team could not be told by mail of a failed deletion run", extra={"facts": {"run": str(run_id)}})


@shared_task
def look_at_promises() -> int:
    """Whether what is promised in public is kept. Of what is not, the privacy team is told once."""
    news = keeping.look_at_all()
    if news:
        if not mail.try_to_send(emails.promises_broken(news)).is_sent:
            logger.error("the privacy team could not be told by mail of a promise that is not kept")
            return 0
        keeping.told(news)
    return len(news)


@shared_task
def archives_due() -> int:
    """Copies that are to be made, or whose day is over."""
    return jobs.send(archive_one, jobs.claim_due("archive"))


@shared_task(base=WorkspaceTask)
def archive_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Make a copy and say that it is ready; a day later, take it away."""
    claim = jobs.take("archive", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        archive = DataArchive.objects.filter(pk=claim.ref).select_related("asked_by").first()
    if archive is not None and archive.state == DataArchive.State.READY:
        archives.expire(archive)
    made = archives.make(claim.ref, workspace_id=claim.workspace_id) if archive is not None else None
    with suppress(jobs.ClaimLost), scope.begin():
        jobs.finish(claim, again_at=made.expires_at if made else None)
    if made is not None and not mail.try_to_send(emails.archive_ready(made, to=archive.asked_by.email)).is_sent:
        logger.warning("the notice of an archive did not leave", extra={"facts": {"archive": ref}})


@shared_task
def person_copies_due() -> int:
    """People's copies of their own data: those that are to be made, those that are told of, and those whose day is over."""
    done = person_copies.expire_due()
    for copy in person_copies.claim_due():
        person_copies.make(copy)
        done += 1
    for copy in PersonCopy.objects.filter(state=PersonCopy.State.READY, told_at=None).select_related("person")[:20]:
        if not PersonCopy.objects.filter(pk=copy.pk, told_at=None).update(told_at=clock.now()):
            continue  # claimed before the mail leaves: told once
        ending = mail.try_to_send(emails.person_copy_ready(copy))
        if ending.may_come_later:
            PersonCopy.objects.filter(pk=copy.pk).update(told_at=None)
        elif not ending.is_sent:
            logger.warning("the notice of a person's copy did not leave", extra={"facts": {"copy": str(copy.pk)}})
    return done


@shared_task
def corrections_due() -> int:
    """Tell people how what they asked to have corrected stands."""
    return jobs.send(correction_one, jobs.claim_due("correction_mail"))


@shared_task(base=WorkspaceTask)
def correction_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One mail to whoever asked. The claim is spent before it leaves: told once, not twice; the page and the reference say the same."""
    claim = jobs.take("correction_mail", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        jobs.finish(claim)
        row = Correction.objects.filter(pk=claim.ref).exclude(state=Correction.State.WITHDRAWN).select_related("asked_by").first()
        to = (row.asked_by.email if row.asked_by and row.asked_by.is_active else row.contact) if row else ""
        if row is not None and row.state != Correction.State.OPEN:
            Correction.objects.filter(pk=row.pk).update(contact="")
        if row is None or not to:
            return
        if row.asked_by_id and (member := Membership.objects.filter(person_id=row.asked_by_id).first()) and member.as_role.is_staff:
            audit.record_read("correction_mail", by=member, of="correction", ref=str(row.pk))
    if not mail.try_to_send(emails.correction(row, to=to)).is_sent:
        logger.warning("a mail about a correction did not leave", extra={"facts": {"correction": ref}})
