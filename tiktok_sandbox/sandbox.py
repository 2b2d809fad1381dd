"""The whole sandbox as one function from request to response: pages, endpoints, faults, the log. Owns the state; knows no sockets."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from typing import Any

from tiktok_sandbox import pages, pictures, publishing, screens
from tiktok_sandbox.advertiser_grants import AdvertiserGrants
from tiktok_sandbox.checks import carry_out, carry_out_again
from tiktok_sandbox.clock import Clock, iso
from tiktok_sandbox.consent import Standing
from tiktok_sandbox.control import plane
from tiktok_sandbox.dialects import Dialect, code_of, dialect_of, refusal, success
from tiktok_sandbox.endpoints import Call, Desk, Directory
from tiktok_sandbox.envelope import MAINTENANCE, OK, PARTIAL, SYSTEM_ERROR, TOO_MANY_REQUESTS, ApiError, Partly, RequestIds, to_json
from tiktok_sandbox.families import ENDPOINTS, report_tasks
from tiktok_sandbox.faults import INSTEAD, MANNERS, Fault, Faults
from tiktok_sandbox.grants import Grants
from tiktok_sandbox.journal import Journal
from tiktok_sandbox.limits import Limits
from tiktok_sandbox.options import Options
from tiktok_sandbox.reveal import Revealed
from tiktok_sandbox.screens import HTML
from tiktok_sandbox.state import State, read_state, write_state
from tiktok_sandbox.switches import Switches
from tiktok_sandbox.webhooks import Webhooks
from tiktok_sandbox.wire import Manner, Request, Response
from tiktok_sandbox.world.world import World
from tiktok_sandbox.writes import Writes

HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?")
MOST_WRITES = 5_000  # calls that changed ads; later ones are not carried over a restart
MOST_WRITES_KEPT = 1_000_000  # characters; a larger heap of account writes is not carried over a restart


@dataclass(slots=True)
class Note:
    """What the log will say about the request at hand."""

    moment: float
    request_id: str
    token: str | None = None
    code: int | str | None = None
    fault: str | None = None


class Sandbox:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.base = f"http://{options.host}:{options.port}"
        kept = read_state(options.state_file)
        self.clock = Clock(options.clock_file, 0.0 if kept is None else kept.offset_seconds)
        self.standing = Standing()
        self.faults, self.journal = Faults(), Journal()
        self._ids, self._directory = RequestIds(), Directory(ENDPOINTS)
        self._date: tuple[int, str] = (-1, "")
        self._revealed = None if options.reveal_secrets_to is None else Revealed(options.reveal_secrets_to)
        self._writes: list[tuple[float, str, dict[str, Any]]] = []
        app = options.app
        if kept is None:
            world = World.at(options.seed, self.clock.seconds())
        else:
            world = World(
                kept.seed, kept.anchor, scaled_accounts=kept.scaled_accounts, scaled_posts=kept.scaled_posts, scaled_ads=kept.scaled_ads
            )
        self.desk = Desk(
            app,
            options.login,
            world,
            Grants(strict_rotation=options.strict_rotation, on_change=self.save),
            Limits(),
            Webhooks(self.clock, app.app_id, {app.app_id: app.secret, options.login.client_key: options.login.secret}, options.webhook_url),
            AdvertiserGrants(on_change=self.save),
            Writes(self.save),
            Switches(),
        )
        if kept is not None:
            self.desk.grants.load(kept.grants)
            self.desk.writes.load(kept.account_writes)
            self._show_published()
            self.desk.advertiser_grants.load(kept.advertiser_grants)
            for moment, path, body in kept.writes:
                call = Call(self.desk, {}, moment, self.base)
                with suppress(ApiError):  # what it stood on can be gone: a creator has taken the code of the post back
                    carry_out_again(self._directory.find(Request("POST", path, "", {})), body, call)
            self._writes = [*kept.writes]
        self.clock.on_change(self.save)
        self.save()

    # state

    def save(self) -> None:
        if self.options.state_file is not None:
            world = self.desk.world
            grants, account_writes = self.desk.grants.dump(), self.desk.writes.dump()
            if len(json.dumps(account_writes)) > MOST_WRITES_KEPT:
                account_writes = {}
            state = State(
                world.seed,
                world.anchor,
                self.clock.offset_seconds,
                grants,
                scaled_accounts=world.scaled_accounts,
                scaled_posts=world.scaled_posts,
                scaled_ads=world.ads.scaled_ads,
                advertiser_grants=self.desk.advertiser_grants.dump(),
                writes=self._writes,
                account_writes=account_writes,
            )
            write_state(self.options.state_file, state)

    def reset(self, seed: int | None, now: datetime | None) -> None:
        """Everything as it was at start. The clock follows the machine again, unless a moment is given."""
        self.standing = Standing()
        self.faults, self.journal = Faults(), Journal()
        self.desk.limits = Limits()
        self.desk.switches = Switches()
        self.desk.webhooks.switches = self.desk.switches
        self.desk.writes.clear()
        self.desk.webhooks.clear()  # before the clock moves, or old events would fall due
        self.desk.webhooks.url = self.options.webhook_url
        if now is None:
            self.clock.follow_machine()
        else:
            self.clock.set_to(now)
        self.desk.world = World.at(self.options.seed if seed is None else seed, self.clock.seconds())
        self._writes = []
        self.desk.advertiser_grants.end_all()
        self.desk.grants.end_all()

    def scale(self, accounts: int, posts: int, ads: int) -> None:
        """Add numbered accounts to the demo ones, and an ad account. Writes in ads are forgotten; consents of accounts now gone end."""
        world = World(self.desk.world.seed, self.desk.world.anchor, scaled_accounts=accounts, scaled_posts=posts, scaled_ads=ads)
        self.desk.world, self._writes = world, []
        self._show_published()
        self.desk.advertiser_grants.end_where(lambda grant: world.ads.person(grant.person) is None)
        self.desk.grants.end_where(lambda grant: world.profile(grant.handle) is None)

    def _show_published(self) -> None:
        for row in self.desk.writes.publishes.values():
            publishing.show(self.desk, row)

    # answering

    def handle(self, request: Request) -> Response:
        if request.path.startswith(plane.PREFIX):
            return plane.handle(self, request)
        moment = self.clock.now()
        fault = self.faults.take(request.path)
        # The machine that answers has a wrong clock; what it does is dated by the right one, which all machines share.
        told = int(moment) + (fault.value if fault is not None and fault.kind == "clock-skew" else 0)
        note = Note(moment, self._ids.fresh(told))
        if fault is not None and fault.kind in INSTEAD:
            response = self._faulty(fault, request, note)
        else:
            response = self._answer(request, note)
        if self._revealed is not None:
            self._revealed.note(request, response)
        if fault is not None:
            note.fault = fault.kind
            response.manner = MANNERS.get(fault.kind, Manner.PLAIN)
            if response.manner in {Manner.TIMEOUT, Manner.DRIP}:
                response.seconds = float(fault.value)
        response.headers += [("Date", self._http_date(told)), ("X-Tt-Logid", note.request_id)]
        silent = response.manner in {Manner.TIMEOUT, Manner.RESET, Manner.LOST}
        self.journal.add(
            moment,
            request.method,
            request.path,
            token=note.token,
            status=None if silent else response.status,
            code=note.code,
            fault=note.fault,
            request_id=note.request_id,
        )
        return response

    def _answer(self, request: Request, note: Note) -> Response:
        path = request.path
        if path.startswith("/open_api/") or self._directory.knows(path):
            return self._api(request, note)
        screen = screens.BY_PATH.get(path)
        if screen is not None:
            return screens.open_screen(screen, self.desk, self.standing, request, note.moment, require_pkce=self.options.require_pkce)
        if path == "/" and request.method in {"GET", "HEAD"}:
            return Response(200, pages.front_page(self.desk.app, self.desk.world, iso(note.moment)), HTML, pages.page_headers())
        if path == pages.SHEET_PATH and request.method in {"GET", "HEAD"}:
            return Response(body=pages.SHEET, content_type="text/css; charset=utf-8", headers=[("Cache-Control", "max-age=3600")])
        if path.startswith(report_tasks.PREFIX) and request.method in {"GET", "HEAD"}:
            file = report_tasks.serve(path, dict(request.pairs()), Call(self.desk, {}, note.moment, self.base))
            if file is None:
                return Response(403, b"URL signature expired", "text/plain")
            return Response(body=file.body, content_type=file.content_type)
        if path.startswith(pictures.PREFIX) and request.method in {"GET", "HEAD"}:
            picture = pictures.serve(path, dict(request.pairs()), self.desk.world, int(note.moment))
            if picture is None:
                return Response(403, b"URL signature expired", "text/plain")
            return Response(body=picture, content_type="image/png", headers=[("Cache-Control", "max-age=86400")])
        return Response(404, to_json({"error": "The sandbox serves no such path.", "path": path[:200]}))

    def _api(self, request: Request, note: Note) -> Response:
        call, dialect = Call(self.desk, {}, note.moment, self._base_for(request)), dialect_of(request.path)
        try:
            endpoint = self._directory.find(request)
            answer: Any = carry_out(endpoint, request, call)
            if endpoint.is_kept and len(self._writes) < MOST_WRITES:
                self._writes.append((note.moment, request.path, json.loads(request.body)))
                self.save()
            note.code = PARTIAL if isinstance(answer, Partly) else OK if dialect is Dialect.BUSINESS else "ok"
            response = answer if isinstance(answer, Response) else success(dialect, answer, note.request_id)
        except ApiError as error:
            response = self._refused(dialect, error, note)
        note.token = call.mark
        response.headers += call.headers
        return response

    def _refused(self, dialect: Dialect, error: ApiError, note: Note) -> Response:
        note.code = code_of(dialect, error)
        switches = self.desk.switches
        return refusal(dialect, error, note.request_id, oauth_status=switches.oauth_error_status, retry_after=switches.retry_after)

    def _faulty(self, fault: Fault, request: Request, note: Note) -> Response:
        is_api, dialect = request.path.startswith("/open_api/"), dialect_of(request.path)
        match fault.kind:
            case "status":
                return Response(fault.value, b"upstream request failed", "text/plain")
            case "html":
                return Response(fault.value, b"<!doctype html><title>Service unavailable</title><h1>Service unavailable</h1>", HTML)
            case "retry-after":
                response = self._refused(dialect, ApiError(TOO_MANY_REQUESTS, "Too many requests.", status=429), note)
                response.headers = [("Retry-After", str(fault.value))]
                return response
            case "maintenance" if not is_api:
                return Response(503, b"<!doctype html><title>Maintenance</title><h1>Under maintenance</h1>", HTML)
            case "maintenance":
                return self._refused(dialect, ApiError(MAINTENANCE, "The service is under maintenance."), note)
            case "code":
                value = fault.value if isinstance(fault.value, dict) else {"code": fault.value}
                return self._refused(dialect, ApiError(value["code"], value.get("message", "Requested by a fault.")), note)
            case _:  # timeout and reset never send what stands here
                response = self._refused(dialect, ApiError(SYSTEM_ERROR, "No answer.", status=500), note)
                note.code = None
                return response

    def _base_for(self, request: Request) -> str:
        """Pictures carry the host that the caller used, so that they work through a name or a forwarded port."""
        host = request.headers.get("host", "")
        return f"http://{host}" if HOST.fullmatch(host) else self.base

    def _http_date(self, moment: int) -> str:
        if moment != self._date[0]:
            self._date = (moment, formatdate(moment, usegmt=True))
        return self._date[1]
