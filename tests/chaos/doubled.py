"""The platform's Celery application with a careless postman: each message is delivered two to five times, late and in any order.

`celery -A tests.chaos.doubled worker`. The first copy goes out at once so that work goes on; the others are kept in each process and go
out, shuffled, when it has published something else or has ended a task. What is delivered again is said in a line of its own.
"""

import random
import sys
from typing import Any

from celery.signals import task_postrun

from agency.celery import app

_chance = random.Random()
_publish = app.amqp.send_task_message
_kept: list[tuple[str, Any, dict[str, Any]]] = []


def _publish_several(producer: Any, name: str, message: Any, **options: Any) -> Any:
    result = _publish(producer, name, message, **options)
    _kept.extend([(name, message, options)] * _chance.randint(1, 4))
    _release(producer, _chance.randrange(3))
    return result


def _release(producer: Any, count: int) -> None:
    _chance.shuffle(_kept)
    for name, message, options in [_kept.pop() for _ in range(min(count, len(_kept)))]:
        sys.stderr.write(f"again {name}\n")
        _publish(producer, name, message, **dict(options))


@task_postrun.connect
def _after_a_task(**about: Any) -> None:
    if _kept:
        with app.producer_or_acquire() as producer:
            _release(producer, _chance.randint(1, 4))


app.amqp.send_task_message = _publish_several
