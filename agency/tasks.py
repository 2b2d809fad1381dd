"""Jobs of the ground floor."""

from celery import shared_task

from agency import audit_chain, sessions


@shared_task
def seal_audit_due() -> int:
    """Seal what was written to the audit log since the last time."""
    return audit_chain.seal_all()


@shared_task
def clear_expired_sessions() -> None:
    """Sessions go when they have run out."""
    sessions.clear_expired()
