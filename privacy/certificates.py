"""The proof of a deletion: a JSON document of reference, times and counts, signed so that anybody can verify it without us.

It names nobody: whoever holds the reference knows whom it is about.
"""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any

from django.conf import settings

from agency import clock, signing
from agency.chrome import mark
from agency.outlets import figures, pdf
from privacy import timing
from privacy.models import Certificate, DeletionRun, RunFinding

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


def printed(certificate: Certificate) -> bytes:
    """The same as PDF, with everything that is needed to check it. Made anew from the signed bytes whenever it is asked for."""
    said = json.loads(certificate.document)
    moments = (("Asked for", said["asked_at"]), ("Run began", said["began_at"]), ("Swept", said["swept_at"]), ("Signed", said["issued_at"]))
    facts = [{"label": label, "value": figures.moment_text(datetime.fromisoformat(at))} for label, at in moments if at]
    facts.append({"label": "Places swept", "value": figures.count(said["places_swept"])})
    facts.append({"label": "Backups that still hold it are gone by", "value": said["backups_gone_by"]})
    columns = ("erased", "redacted", "left")
    given = {
        "title": f"Certificate of deletion {said['reference']}",
        "mark": mark(said["product"]),
        "reference": said["reference"],
        "statement": said["statement"],
        "facts": facts,
        "places": [[p["place"], *(figures.count(p[c]) for c in columns)] for p in said["places"]],
        "total": ["All places", *(figures.count(sum(p[c] for p in said["places"])) for c in columns)],
        "check": (
            "Get the signed document (JSON), its signature and our public key from the page of this reference, then run: "
            "openssl pkeyutl -verify -rawin -pubin -inkey key.pem -in document.json -sigfile signature.sig"
        ),
        "digest": hashlib.sha256(certificate.document.encode()).hexdigest(),
        "signature": base64.b64encode(bytes(certificate.signature)).decode(),
        "key_at": said["key_at"],
        "key": signing.public_key_pem(purpose=PURPOSE),
    }
    return pdf.render("certificate", given, made_at=certificate.issued_at)
