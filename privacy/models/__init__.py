"""Leaving, and the proof of it; copies of data, corrections, and whether promises are kept."""

from privacy.models.copies import ArchivePart, Correction, CorrectionQuerySet, DataArchive, PersonCopy, PersonCopyPart
from privacy.models.promises import Incident, PromiseCheck
from privacy.models.requests import DeletionRequest, DeletionRequestQuerySet, Of, PublicRequest, RequestStep
from privacy.models.runs import Certificate, DeletionRun, RunFinding

__all__ = [
    "ArchivePart", "Certificate", "Correction", "CorrectionQuerySet", "DataArchive", "DeletionRequest", "DeletionRequestQuerySet",
    "DeletionRun", "Incident", "Of", "PersonCopy", "PersonCopyPart", "PromiseCheck", "PublicRequest", "RequestStep", "RunFinding",
]  # fmt: skip
