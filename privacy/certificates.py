"""The proof of a deletion: a JSON document of reference, times and counts, signed so that anybody can verify it without us.

It names nobody: whoever holds the reference knows whom it is about.
"""

import json
from typing import Any

from django.conf import settings

from agency import clock, signing
from privacy import timing
from privacy.models import DeletionRun, RunFinding

PURPOSE = "deletion certificate"
_FORM = "deletion-certificate/1"


def document(run: DeletionRun, findings: list[RunFinding], *, reference: str, asked_at: str | None) -> str:
    """The bytes to be signed: canonical JSON, so that they can be made again from the same facts."""
    now = clock.now().replace(microsecond=0)
    content: dict[str, Any] = {
        "form": _FORM,
        "reference": reference,
        "operator": settings.OPERATOR_NAME,
        "product": settings.PRODUCT_NAME,
        "cause": run.get_cause_display(),
        "asked_at": asked_at,
        "began_at": run.started_at.replace(microsecond=0).isoformat() if run.started_at else None,
        "swept_at": run.swept_at.replace(microsecond=0).isoformat() if run.swept_at else None,
        "issued_at": now.isoformat(),
        "backups_gone_by": (now + timing.BACKUPS_GO_WITHIN).date().isoformat(),
        "statement": (
            "All data held about the account of this reference was erased, its keys were destroyed, and a sweep of every place named "
            "here found nothing left. Audit rows stay; nothing links them to the account any more."
        ),
        "places": [
            {"place": f.place, "erased": f.erased_count, "redacted": f.redacted_count, "left": f.left_count}
            for f in sorted(findings, key=lambda f: f.place)
        ],
        "places_swept": run.places_count,
        "key_id": signing.key_id(purpose=PURPOSE),
        "key_at": f"{settings.APP_URL}/.well-known/deletion-certificate-key.pem",
    }
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def signature(text: str) -> bytes:
    """Over the document's bytes. Talks to the key service: call it outside a transaction."""
    return signing.sign(text.encode(), purpose=PURPOSE)


def key_id() -> str:
    """Which key signs now."""
    return signing.key_id(purpose=PURPOSE)
