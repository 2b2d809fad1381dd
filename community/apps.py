"""Comments and their triage as a Django application."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "community"
