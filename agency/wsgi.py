"""The web application."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # every view is read now, not while the first visitor waits, and once for all that are forked from here
