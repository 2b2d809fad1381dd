"""The platform's own application with one more address: a view that does nothing, to compare with."""

from django.conf import settings

from agency.wsgi import application

settings.ROOT_URLCONF = "tests.bench.urls"

__all__ = ["application"]
