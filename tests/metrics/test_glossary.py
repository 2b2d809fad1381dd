"""The written glossary."""

from agency.local.home import PROJECT
from metrics import glossary


def test_the_glossary_in_the_docs_is_the_dictionary() -> None:
    assert (PROJECT / "docs" / "metrics.md").read_text() == glossary.markdown(), "run: python manage.py glossary > docs/metrics.md"
