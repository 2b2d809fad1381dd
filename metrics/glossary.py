"""The metric dictionary as a page of text, for docs/metrics.md and whoever wants to read it."""

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
