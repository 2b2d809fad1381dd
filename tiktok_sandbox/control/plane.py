"""Finds the control that is called, and shows the truth, the log and the description of the interface."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from tiktok_sandbox import openapi, truth
from tiktok_sandbox.control import comments, people, settings
from tiktok_sandbox.control.values import Answer, Refused, Values, account_of, count_of, moment_of
from tiktok_sandbox.envelope import to_json
from tiktok_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox

PREFIX = "/__control__"


def handle(sandbox: "Sandbox", request: Request) -> Response:
    name = request.path.removeprefix(PREFIX).strip("/")
    try:
        if not name:
            return Response(body=to_json({"control": {known: sorted(methods) for known, methods in CONTROLS.items()}}))
        methods = CONTROLS.get(name)
        if methods is None:
            raise Refused(f"There is no such control. There are: {', '.join(CONTROLS)}.", 404)
        if request.method not in methods:
            raise Refused(f"Use {' or '.join(methods)}.", 405)
        answer = methods[request.method](sandbox, _values(request))
    except Refused as refused:
        return Response(refused.status, to_json({"error": refused.reason}))
    return Response(body=answer if isinstance(answer, bytes) else to_json(answer))


def _values(request: Request) -> Values:
    if request.method in {"GET", "DELETE"}:
        return dict(request.pairs())
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    return body


def log(sandbox: "Sandbox", values: Values) -> Answer:
    since = values.get("since")
    if since is not None and not since.isdecimal():
        moment_of(since, "since")
    return sandbox.journal.listed(
        since=since,
        endpoint=values.get("endpoint"),
        offset=count_of(values, "offset", 0) or 0,
        limit=count_of(values, "limit", 100_000) or 0,
    )


def clear_log(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.journal.clear()
    return {"total": 0, "entries": []}


def world(sandbox: "Sandbox", values: Values) -> Answer:
    account = account_of(sandbox, values) if values.get("account") is not None else None
    advertiser = values.get("advertiser_id")
    if advertiser is not None and advertiser not in sandbox.desk.world.ads.advertisers:
        raise Refused("advertiser_id: there is no such ad account.", 404)
    view = truth.View(
        sandbox.desk,
        sandbox.clock.now(),
        account,
        advertiser,
        count_of(values, "offset", 0) or 0,
        count_of(values, "limit", None),
        values.get("item_id"),
        values.get("adgroup_id"),
    )
    return view.as_json()


def description(sandbox: "Sandbox", values: Values) -> Answer:
    return openapi.describe(sandbox.base)


CONTROLS: dict[str, dict[str, Callable[["Sandbox", Values], Answer]]] = {
    "reset": {"POST": settings.reset},
    "clock": {"GET": settings.clock, "POST": settings.change_clock},
    "grant": {"POST": people.grant},
    "revoke": {"POST": people.revoke},
    "consent": {"GET": people.consent, "POST": people.change_consent, "DELETE": people.clear_consent},
    "faults": {"GET": settings.faults, "POST": settings.add_fault, "DELETE": settings.clear_faults},
    "switches": {"GET": settings.switches, "POST": settings.change_switches, "DELETE": settings.clear_switches},
    "limits": {"GET": settings.limits, "POST": settings.change_limits},
    "events": {"POST": people.announce},
    "comments": {"POST": comments.steer},
    "publishes": {"GET": people.publishes, "POST": people.steer_publish},
    "webhooks": {"GET": settings.webhooks, "POST": settings.change_webhooks, "DELETE": settings.clear_webhooks},
    "log": {"GET": log, "DELETE": clear_log},
    "world": {"GET": world},
    "openapi.json": {"GET": description},
    "scale": {"GET": settings.scale, "POST": settings.change_scale},
}
