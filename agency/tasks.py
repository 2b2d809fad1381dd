"""Jobs of the ground floor."""

from celery import shared_task

from agency import audit_chain, guessing, sessions


@shared_task
def seal_audit_due() -> int:
    """Seal what was written to the audit log since the last time."""
    return audit_chain.seal_all()


@shared_task
def clear_what_has_run_out() -> None:
    """Sessions and counted tries go once they mean nothing any more."""
    sessions.clear_expired()
    guessing.forget_old()
