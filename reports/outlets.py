"""A week's report as files: PDF. The same words as page and mail, from the same frozen content."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agency.chrome import mark
from agency.models import Workspace
from agency.outlets import charts, figures, pdf
from agency.outlets.parts import FigureRow
from reports import blocks, presentation
from reports.content import Content
from reports.corrections import Correction


@dataclass(frozen=True)
class File:
    """Something to download."""

    name: str
    kind: str
    content: bytes


def as_pdf(content: Content, workspace: Workspace, *, corrections: Sequence[Correction] = (), corrected_at: str = "") -> File:
    """The report on paper."""
    report = presentation.shown(content)
    given: dict[str, Any] = {
        "title": report.title,
        "mark": mark(content.workspace),
        "workspace": content.workspace,
        "handles": ", ".join(content.accounts),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "source_line": report.source_line,
        "days_line": report.days_line,
        "missing": report.missing,
        "news": [{"text": part.text, "bold": part.bold} for part in report.news],
        "chart": _chart(report),
        "organic": _facts(report.organic),
        "paid": [{"rows": _facts(block.rows), "note": block.note} for block in report.paid],
        "paid_note": report.paid_note,
        "brands": _table(report.brands),
        "creative": [[p.title, p.posted, p.views_full, p.engagement, p.watch_through] for p in report.creative],
        "mentions": report.mentions,
        "creators": _table(report.creators),
        "corrections": [[c.label, c.sent, c.now] for c in corrections],
        "corrected_at": corrected_at,
    }
    made = pdf.render("weekly_report", given, made_at=content.composed, accent=workspace.accent)
    return File(f"{workspace.slug}-{content.week}.pdf", "application/pdf", made)


def _chart(report: presentation.ShownReport) -> dict[str, Any] | None:
    chart = report.chart
    if chart is None:
        return None
    return {
        "title": chart.title,
        "news": chart.news,
        "drawing": charts.day_chart(chart.points, width=640, height=132, paint="picture"),
        "days": [{"label": p.label, "value": figures.short(None if p.now is None else int(p.now))} for p in chart.points],
        "provisional": chart.has_provisional,
        "missing": chart.has_missing,
    }


def _facts(rows: Sequence[FigureRow]) -> list[dict[str, str]]:
    return [{"label": r.label, "value": r.value, "beside": f"{r.delta.text} {r.delta.said}" if r.delta else r.note} for r in rows]


def _table(table: blocks.Table | None) -> dict[str, Any] | None:
    if table is None:
        return None
    lines = [{"name": line.name, "detail": line.detail, "cells": [c.value for c in line.cells]} for line in table.lines]
    return {"first": table.first, "heads": table.heads, "lines": lines}
