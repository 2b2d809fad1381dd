"""A week's report as files: PDF, CSV, XLSX. The same words as page and mail, from the same frozen content."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agency.chrome import mark
from agency.models import Workspace
from agency.outlets import charts, figures, pdf, sheets
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
        "comments": _facts(report.comments),
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


def as_csv(content: Content, workspace: Workspace) -> File:
    """All figures in one long table: part, what it is of, figure, unit, value. Counts and rates as numbers, money in its own currency."""
    columns = (
        sheets.Column("part", "Part"),
        sheets.Column("of", "Of"),
        sheets.Column("figure", "Figure"),
        sheets.Column("unit", "Unit"),
        sheets.Column("value", "Value", "rate"),  # any number, written plainly
    )
    table = sheets.Sheet("Report", columns, _long(content))
    return File(f"{workspace.slug}-{content.week}.csv", sheets.CSV_TYPE, b"".join(sheets.csv_stream(table)))


def _long(content: Content) -> Iterator[tuple[sheets.Cell, ...]]:
    for sheet in _sheets(content):
        currency_at = next((i for i, c in enumerate(sheet.columns) if c.key == "currency"), None)
        named = sum(c.kind in {"text", "date"} for c in sheet.columns)
        for row in sheet.rows:
            name = " · ".join(str(cell) for cell in row[:named] if cell)
            for column, cell in list(zip(sheet.columns, row, strict=True))[named:]:
                unit = str(row[currency_at]) if column.kind == "money" and currency_at is not None else column.kind
                yield sheet.name, name, column.title, unit, cell


def as_xlsx(content: Content, workspace: Workspace) -> File:
    """A workbook: a sheet for each part of the report."""
    made = b"".join(sheets.xlsx_stream(tuple(_sheets(content)), made_at=content.composed))
    return File(f"{workspace.slug}-{content.week}.xlsx", sheets.XLSX_TYPE, made)


def _sheets(content: Content) -> Iterator[sheets.Sheet]:
    """Names and dates first, figures after them."""
    column, o, c = sheets.Column, content.organic, content.comments
    yield sheets.Sheet(
        "Organic",
        (
            column("week", "Week"),
            column("posts", "Posts published", "count"),
            column("views", "Total views", "count"),
            column("engagement_rate", "Avg. engagement rate", "rate"),
            column("new_followers", "New followers", "count"),
            column("followers", "Followers", "count"),
        ),
        [(content.week, o.posts_count, o.views, o.engagement_rate, o.new_followers, o.followers)],
    )
    yield sheets.Sheet(
        "Days",
        (column("date", "Day (UTC)", "date"), column("views", "Views", "count"), column("views_before", "Views a week before", "count")),
        [(date.fromisoformat(d.date), d.views, d.views_before) for d in content.days],
    )
    yield sheets.Sheet(
        "Spark Ads",
        (
            column("currency", "Currency"),
            column("boosted_posts", "Boosted posts", "count"),
            column("impressions", "Impressions", "count"),
            column("clicks", "Clicks", "count"),
            column("spend", "Spend", "money"),
            column("ctr", "CTR", "rate"),
            column("cpm", "CPM", "money"),
        ),
        [(p.currency, p.boosted_posts, p.impressions, p.clicks, _amount(p.spend), p.ctr, _amount(p.cpm)) for p in content.paid],
    )
    yield sheets.Sheet(
        "Brands",
        (
            column("brand", "Brand"),
            column("posts", "Posts published", "count"),
            column("views", "Views", "count"),
            column("engagement_rate", "Engagement rate", "rate"),
            column("new_followers", "New followers", "count"),
        ),
        [(b.brand or "Without a brand", b.posts_count, b.views, b.engagement_rate, b.new_followers) for b in content.brands],
    )
    yield sheets.Sheet(
        "Top creative",
        (
            column("caption", "Post"),
            column("account", "Account"),
            column("posted_on", "Posted (UTC)", "date"),
            column("views", "Views since posting", "count"),
            column("engagement_rate", "Engagement rate", "rate"),
            column("watch_through_rate", "Watch-through", "rate"),
        ),
        [
            (c.caption, c.account, date.fromisoformat(c.posted_on), c.views, c.engagement_rate, c.watch_through_rate)
            for c in content.creative
        ],
    )
    yield sheets.Sheet(
        "Creators",
        (
            column("creator", "Creator"),
            column("account", "Account"),
            column("how", "How it concerns them"),
            column("posts", "Posts", "count"),
            column("views", "Views since posting", "count"),
            column("engagement_rate", "Engagement rate", "rate"),
        ),
        [(c.creator, c.account, c.how, c.posts_count, c.views, c.engagement_rate) for c in content.creators],
    )
    yield sheets.Sheet(
        "Comments",
        (
            column("week", "Week"),
            column("comments", "Comments", "count"),
            column("answered", "Answered", "count"),
            column("in_aim", "Answered within the aim", "count"),
            column("aim", "Aim", "seconds"),
            column("answer", "First answer, median", "seconds"),
        ),
        [(content.week, c.comments_count, c.answered_count, c.in_aim_count, c.aim_seconds, c.answer_seconds)] if c else [],
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
