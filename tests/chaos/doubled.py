"""The platform's Celery application with a careless postman: each message is delivered one to five times, late and in any order.

`celery -A tests.chaos.doubled worker`. The first copy goes out at once so that work goes on; the others are kept and go out with
later messages.
"""

import random
from typing import Any

from agency.celery import app

MOST_KEPT = 40

_chance = random.Random()
_publish = app.amqp.send_task_message
_kept: list[tuple[str, Any, dict[str, Any]]] = []


def _publish_several(producer: Any, name: str, message: Any, **options: Any) -> Any:
    result = _publish(producer, name, message, **options)
    _kept.extend([(name, message, options)] * _chance.randrange(5))
    _chance.shuffle(_kept)
    count = max(len(_kept) - MOST_KEPT, min(len(_kept), _chance.randrange(6)))
    for _ in range(count):
        late_name, late, late_options = _kept.pop()
        _publish(producer, late_name, late, **dict(late_options))
    return result


app.amqp.send_task_message = _publish_several
