"""Prints the metric glossary."""

from typing import Any

from django.core.management.base import BaseCommand

from metrics import glossary


class Command(BaseCommand):
    """`python manage.py glossary > docs/metrics.md`"""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(glossary.markdown(), ending="")
