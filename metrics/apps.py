"""The figures as a Django application."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    name = "metrics"
