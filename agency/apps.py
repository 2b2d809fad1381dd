"""The ground floor as a Django application."""

from django.apps import AppConfig

from agency import checks  # noqa: F401 - importing it registers the system checks


class AgencyConfig(AppConfig):
    name = "agency"
