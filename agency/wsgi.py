"""The web application."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # every view is read now, not while the first visitor waits, and once for all that are forked from here

# What was read stays as long as the process. Going through it for garbage would take a tenth of a second of somebody's page each time, and
# would copy for every worker what they share. What a page leaves is looked at every few dozen pages: nearly all of it goes by itself.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
