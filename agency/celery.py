"""The Celery application. `celery -A agency.celery worker`."""

import os
from typing import Any

from celery import Celery
from kombu.transport import redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")


class QoS(redis.QoS):
    """Gives back what was not acknowledged, unless the connection is gone already.

    When the broker dies under a running task, Celery 5.7 collects the connection before it closes its channel, and giving back over
    a connection that is no longer there ends the worker with an AttributeError. What stays behind is due work whose lease runs out.
    """

    def restore_unacked(self, client: Any = None) -> None:
        if self.channel.connection.client is None:
            self._delivered.clear()
        else:
            super().restore_unacked(client)


redis.Channel.QoS = QoS  # by URL one can only choose a transport by name, and `rediss` must keep its own

app = Celery("agency")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
