"""Integrations as a Django application."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"
