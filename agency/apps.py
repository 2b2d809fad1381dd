"""The ground floor as a Django application."""

from django.apps import AppConfig
from django.utils.module_loading import import_string

from agency import checks  # noqa: F401 - importing it registers the system checks


class AgencyConfig(AppConfig):
    name = "agency"

    def ready(self) -> None:
        """Once all models are there: passkeys lie sealed."""
        import_string("agency.passkeys.install")()
