"""Pages of leaving, with a context that a view could give them. No database."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from privacy.forms import PublicDeletionForm
from privacy.models import DeletionRequest, PublicRequest
from privacy.queries import Standing
from tests.look import samples

_AT = datetime(2026, 5, 25, 9, 0, tzinfo=UTC)
_RUN = datetime(2026, 5, 26, 2, 0, tzinfo=UTC)
_DUE = datetime(2026, 6, 24, 9, 0, tzinfo=UTC)
_ID = UUID(samples.PUBLIC_ID)


def deletion(state: str) -> dict[str, Any]:
    is_done = state == "done"
    asked = DeletionRequest(
        pk=_ID, reference="LT-4F7K-22", state=state, account_name="" if is_done else "@brassorbit3", created_at=_AT, due_at=_DUE,
        run_at=_RUN, done_at=_RUN if is_done else None,
    )  # fmt: skip
    return {
        "chrome": samples.chrome("Integrations"),
        "asked": asked,
        "name": asked.account_name,
        "standing": standing("Done" if is_done else "x"),
    }


def standing(words: str) -> Standing:
    is_done = words == "Done"
    return Standing("LT-4F7K-22", words, "info", _AT, _RUN, _DUE, _RUN if is_done else None, _ID if is_done else None)


def status(state: str = "", *words: str) -> dict[str, Any]:
    kept = (
        PublicRequest(reference="LT-7Q3D-15", state=state, verified_at=_AT, answered_at=_RUN, created_at=_AT, due_at=_DUE)
        if state
        else None
    )
    return {"reference": "LT-7Q3D-15" if kept else "LT-4F7K-22", "kept": kept, "parts": [standing(w) for w in words]}


def form(**values: str) -> dict[str, Any]:
    return {"form": PublicDeletionForm(values or None)}


PAGES: dict[str, tuple[str, Any]] = {
    **{f"deletion-{s}": ("privacy/deletion.html", lambda s=s: deletion(s)) for s in DeletionRequest.State.values},
    "data-deletion": ("privacy/data_deletion.html", form),
    "data-deletion-wrong": ("privacy/data_deletion.html", lambda: form(handle="two words", contact="no", relation="")),
    "deletion-confirm": ("privacy/deletion_confirm.html", lambda: {"kept": PublicRequest(reference="LT-7Q3D-15")}),
    "deletion-confirm-late": ("privacy/deletion_confirm.html", lambda: {"kept": None}),
    **{f"deletion-status-{s}": ("privacy/deletion_status.html", lambda s=s: status(s)) for s in PublicRequest.State.values},
    "deletion-status-unknown": ("privacy/deletion_status.html", status),
    "deletion-status-parts": (
        "privacy/deletion_status.html",
        lambda: status("", "Scheduled", "Done", "Taken back", "Not carried out", "Under way"),
    ),
}
