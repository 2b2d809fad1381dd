"""Pages of leaving, with a context that a view could give them. No database."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from agency.models import Person, Workspace
from integrations.consent import Cause
from integrations.models import Connection
from privacy.corrections import Listed as ListedCorrection
from privacy.corrections import Standing as CorrectionStanding
from privacy.forms import (
    AnswerForm,
    CorrectionForm,
    DecisionForm,
    EnteredCorrectionForm,
    EnteredRequestForm,
    IncidentForm,
    PublicDeletionForm,
)
from privacy.inventory import inventory, table
from privacy.keeping import Mark
from privacy.keeping import Standing as Standings
from privacy.models import (
    Correction,
    DataArchive,
    DeletionRequest,
    DeletionRun,
    Incident,
    PersonCopy,
    PublicRequest,
    RequestStep,
    RunFinding,
)
from privacy.promises import PROMISES
from privacy.proving import Found, Match
from privacy.queries import DueRun, Listed, Standing
from privacy.views_proof import WORDS
from reports.models import WeeklyReport
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


def to_prove(state: str, way: str) -> dict[str, Any]:
    """A request that signing in to TikTok can still prove."""
    kept = PublicRequest(reference="LT-7Q3D-15", state=state, way=way, created_at=samples.recently(9), due_at=_DUE)
    kept.verified_at = samples.recently(4) if state == "checking" else None
    kept.sorted_at = kept.verified_at if way == "mail" else None
    return {"reference": kept.reference, "kept": kept, "parts": []}


def proof(match: str, *handles: str, name: str = "Brass Studio") -> dict[str, Any]:
    return {**to_prove("unverified", "tiktok"), "found": Found(Match(match), handles, "brassorbit3"), "name": name, "proof_id": _ID}


def proof_problem(cause: Cause, *, is_known: bool = True) -> dict[str, Any]:
    return {"words": WORDS[cause], "kept": to_prove("unverified", "tiktok")["kept"] if is_known else None, "can_retry": is_known}


def form(**values: str) -> dict[str, Any]:
    return {"form": PublicDeletionForm(values or None)}


def promises(*results: str) -> dict[str, Any]:
    kinds = ("kept", "broken", "unknown")
    standings = [
        Standings(
            promise=promise,
            result=result,
            evidence="0 overdue; 3 disconnected and waiting for their day" if result != "unknown" else "Not looked at yet",
            at=samples.recently(6) if result != "unknown" else None,
            marks=tuple(Mark(date(2026, 5, 1), kinds[0] if n % 11 else kinds[n % 3]) for n in range(30)),
        )
        for promise, result in zip(PROMISES.values(), results, strict=False)
    ]
    broken = [s for s in standings if s.result == "broken"]
    kept = len([s for s in standings if s.result == "kept"])
    return {
        "chrome": samples.chrome("Promises"), "standings": standings, "kept_count": kept, "broken": broken,
        "oldest_look": samples.recently(6) if kept else None,
    }  # fmt: skip


def incidents() -> dict[str, Any]:
    opened = Incident(pk=_ID, title="Not kept: Deletion requests are done within 30 days", opened_at=_AT, mended_at=_RUN)
    closed = Incident(pk=_ID, title="Noted by hand", opened_at=_AT, closed_at=_RUN, what="A mail <b>bounced</b>.\nIt was sent again.")
    return {"chrome": samples.chrome("Incidents"), "form": IncidentForm(), "open": [opened], "closed": [closed]}


def run_page(state: str, *findings: RunFinding) -> dict[str, Any]:
    run = DeletionRun(
        pk=_ID, reference="LT-7Q3D-15", state=state, cause="request", of="account", scheduled_at=_RUN, started_at=_RUN, swept_at=_RUN,
        places_count=45, due_at=_DUE, finished_at=_RUN if state == "done" else None,
        sentence="Something is left in reports_weeklyreport." if state == "failed" else "",
    )  # fmt: skip
    left = sum(f.left_count for f in findings)
    return {
        "chrome": samples.chrome("Deletion requests"), "run": run, "workspace_name": "Brass Studio", "findings": findings,
        "left_count": left,
        "quiet_count": 38, "certificate_id": _ID if state == "done" else None, "asked": DeletionRequest(created_at=_AT),
    }  # fmt: skip


def requests(*, empty: bool = False) -> dict[str, Any]:
    asked = DeletionRequest(
        pk=_ID, reference="LT-4F7K-22", state="checking", source="form", account_name="@" + "b" * 45, created_at=_AT, due_at=_DUE
    )
    done = DeletionRequest(pk=_ID, reference="LT-9999-99", state="done", source="zone", created_at=_AT, due_at=_DUE, done_at=_RUN)
    run = run_page("failed")["run"]
    rows = lambda *made: [Listed(r, Workspace(name="Brass Studio"), None) for r in made]  # noqa: E731
    return {
        "chrome": samples.chrome("Deletion requests"), "form": EnteredRequestForm(accounts=Connection.objects.none()),
        "open": [] if empty else rows(asked), "closed": [] if empty else rows(done),
        "unmatched": [] if empty else [PublicRequest(pk=_ID, reference="LT-7Q3D-15", verified_at=_AT, due_at=_DUE)],
        "failed": [] if empty else [DueRun(run, Workspace(name="Brass Studio"))],
        "planned": [] if empty else [DueRun(run_page("waiting")["run"], Workspace(name="Brass Studio"))],
    }  # fmt: skip


def request_page(state: str) -> dict[str, Any]:
    steps = [RequestStep(state="checking", at=_AT, note="Address confirmed"), RequestStep(state="scheduled", at=_RUN)]
    return deletion(state) | {
        "workspace_name": "Brass Studio", "steps": steps, "form": DecisionForm(),
        "run": run_page("waiting")["run"] if state != "checking" else None,
    }  # fmt: skip


def my_deletion(state: str) -> dict[str, Any]:
    asked = DeletionRequest(
        pk=_ID, reference="LT-4F7K-22", state=state, source="own", of="person", created_at=_AT, run_at=_RUN, due_at=_DUE
    )
    reasons = [
        "Brass Studio has no other admin. Make somebody else an admin there first, or have the workspace closed.",
        "There is no other platform admin. Invite one first, and let them sign in once.",
    ]
    return {
        "chrome": samples.chrome("Your account"), "days": 30,
        "asked": asked if state in ("scheduled", "running") else None, "reasons": reasons if state == "refused" else [],
    }  # fmt: skip


def correction(state: str) -> Correction:
    closed = state != "open"
    return Correction(
        pk=_ID, reference="LT-4F7K-22", state=state, said="My name is written with a y.\nPlease see to it.", asked_at=_AT, due_at=_DUE,
        asked_by=Person(name="Maya Chen"), answered_at=_RUN if closed else None,
        answer="It is now written with a y." if state in ("corrected", "refused") else "",
    )  # fmt: skip


def my_corrections() -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Your account"),
        "form": CorrectionForm(accounts=[]),
        "mine": [correction(s) for s in Correction.State.values],
    }


def corrections(*states: str) -> dict[str, Any]:
    brass = Workspace(name="Brass Studio")
    return {
        "chrome": samples.chrome("Corrections"),
        "form": EnteredCorrectionForm(accounts=[]),
        "open": [ListedCorrection(correction(s), brass) for s in states if s == "open"],
        "closed": [ListedCorrection(correction(s), brass) for s in states if s != "open"],
    }


_FOUND = (
    RunFinding(place="reports_weeklyreport", redacted_count=21, left_count=3),
    RunFinding(place="metrics_postsnapshot", erased_count=18412),
)

PAGES: dict[str, tuple[str, Any]] = {
    **{f"deletion-{s}": ("privacy/deletion.html", lambda s=s: deletion(s)) for s in DeletionRequest.State.values},
    "promises": ("privacy/promises.html", lambda: promises("broken", "unknown", *["kept"] * 11)),
    "promises-first": ("privacy/promises.html", lambda: promises(*["unknown"] * 13)),
    "incidents": ("privacy/incidents.html", incidents),
    "incidents-none": ("privacy/incidents.html", lambda: incidents() | {"open": [], "closed": []}),
    "register": (
        "privacy/register.html",
        lambda: {
            "chrome": samples.chrome("Register"),
            **inventory(),
        },
    ),
    **{
        f"my-copy-{s or 'none'}": (
            "privacy/person_copy.html",
            lambda s=s: {
                "chrome": samples.chrome("Your account"),
                "copy": PersonCopy(state=s, rows_count=1, bytes_count=18_412, expires_at=_RUN) if s else None,
            },
        )
        for s in ("", *PersonCopy.State.values)
    },
    **{
        f"my-deletion-{s or 'none'}": ("privacy/my_deletion.html", lambda s=s: my_deletion(s))
        for s in ("", "refused", "scheduled", "running")
    },
    "my-corrections": ("privacy/my_corrections.html", my_corrections),
    "my-corrections-none": ("privacy/my_corrections.html", lambda: my_corrections() | {"mine": []}),
    "my-corrections-nowhere": ("privacy/my_corrections.html", lambda: my_corrections() | {"mine": [], "form": None}),
    "corrections": ("privacy/corrections.html", lambda: corrections("open", "corrected")),
    "corrections-none": ("privacy/corrections.html", lambda: corrections() | {"open": [], "closed": []}),
    **{
        f"correction-{s}": (
            "privacy/correction.html",
            lambda s=s: {
                "chrome": samples.chrome("Corrections"),
                "asked": correction(s),
                "workspace_name": "Brass Studio",
                "form": AnswerForm(),
            },
        )
        for s in Correction.State.values
    },
    **{
        f"correction-status-{bool(s)}": (
            "privacy/correction_status.html",
            lambda s=s: {"reference": "LT-4F7K-22", "standing": s and CorrectionStanding("LT-4F7K-22", "Corrected", _AT, _DUE, _RUN)},
        )
        for s in (True, None)
    },
    "register-table": (
        "privacy/register_table.html",
        lambda: {"chrome": samples.chrome("Register"), **(table("integrations.Connection") or {})},
    ),
    "privacy-requests": ("privacy/requests.html", requests),
    "privacy-requests-none": ("privacy/requests.html", lambda: requests(empty=True)),
    "privacy-request": ("privacy/request.html", lambda: request_page("checking")),
    "privacy-request-done": ("privacy/request.html", lambda: request_page("done")),
    "run": ("privacy/run.html", lambda: run_page("failed", *_FOUND)),
    "run-done": ("privacy/run.html", lambda: run_page("done", _FOUND[1])),
    "run-waiting": ("privacy/run.html", lambda: run_page("waiting")),
    "week-erased": (
        "reports/week_erased.html",
        lambda: {
            "chrome": samples.chrome("Reports"),
            "sent": WeeklyReport(week="2026-W20", composed_at=_AT, erased_at=_RUN),
            "recipients": [],
        },
    ),
    **{
        f"archive-{s}": (
            "privacy/archive.html",
            lambda s=s: {
                "chrome": samples.chrome("Integrations"),
                "archive": DataArchive(
                    pk=_ID, account_name="@brassorbit3", state=s, rows_count=18412, bytes_count=2_400_000, expires_at=_RUN
                ),
            },
        )
        for s in DataArchive.State.values
    },
    "data-deletion": ("privacy/data_deletion.html", form),
    "data-deletion-wrong": ("privacy/data_deletion.html", lambda: form(handle="two words", contact="no", relation="")),
    "deletion-confirm": ("privacy/deletion_confirm.html", lambda: {"kept": PublicRequest(reference="LT-7Q3D-15")}),
    "deletion-confirm-late": ("privacy/deletion_confirm.html", lambda: {"kept": None}),
    **{f"deletion-status-{s}": ("privacy/deletion_status.html", lambda s=s: status(s)) for s in PublicRequest.State.values},
    "deletion-status-tiktok": ("privacy/deletion_status.html", lambda: to_prove("unverified", "tiktok")),
    "deletion-status-mail": ("privacy/deletion_status.html", lambda: to_prove("unverified", "mail")),
    "deletion-status-shown": ("privacy/deletion_status.html", lambda: to_prove("checking", "tiktok")),
    "deletion-proof": ("privacy/proof.html", lambda: proof("held", "brassorbit3")),
    "deletion-proof-long": ("privacy/proof.html", lambda: proof("held", "b" * 40, "c" * 40, name="<b>" + "d" * 117)),
    "deletion-proof-other": ("privacy/proof.html", lambda: proof("other_handle", "moontideco2", name="Moontide Collective")),
    "deletion-proof-nothing": ("privacy/proof.html", lambda: proof("nothing", name="Velvet Fox Lab")),
    "deletion-proof-denied": ("privacy/proof_problem.html", lambda: proof_problem(Cause.DENIED)),
    "deletion-proof-forged": ("privacy/proof_problem.html", lambda: proof_problem(Cause.FORGED, is_known=False)),
    "deletion-status-unknown": ("privacy/deletion_status.html", status),
    "deletion-status-parts": (
        "privacy/deletion_status.html",
        lambda: status("", "Scheduled", "Done", "Taken back", "Not carried out", "Under way"),
    ),
}
