"""The metric dictionary as a page of text, for docs/metrics.md and whoever wants to read it; and as the definitions of an export."""

from collections.abc import Iterable

from agency.outlets.sheets import Definition
from metrics.dictionary import METRICS


def markdown() -> str:
    """One section per metric."""
    parts = ["# Metrics\n", "Made from `metrics/dictionary.py` by `python manage.py glossary`; a test holds the two together.\n"]
    for metric in METRICS.values():
        parts.append(
            f"## {metric.name}\n\n"
            f"- Meaning: {metric.formula}\n"
            f"- Unit: {metric.unit}\n"
            f"- Source, in order of preference: {'; '.join(f'`{s}`' for s in metric.sources)}\n"
            f"- Final: {metric.final}\n"
            f"- When it is missing: {metric.missing}\n" + (f"- Plays that ads paid for: {metric.paid_plays}\n" if metric.paid_plays else "")
        )
    return "\n".join(parts)


def definitions(keys: Iterable[str]) -> tuple[Definition, ...]:
    """What these metrics mean, for the sheet of a workbook that says so."""
    return tuple(Definition(m.name, m.unit, m.formula, "; ".join(m.sources), m.final, m.missing) for m in (METRICS[key] for key in keys))
