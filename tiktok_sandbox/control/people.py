"""What people and TikTok do at a script's word: consents, withdrawals, posts that go public, comments and mentions that are noticed."""

from typing import TYPE_CHECKING

from tiktok_sandbox import happenings, publishing
from tiktok_sandbox.consent import Standing
from tiktok_sandbox.control.values import Answer, Refused, Values, account_of, anybody_of, flow_of, is_number, person_of, scope_names
from tiktok_sandbox.endpoints import REMOVED_BY_PERSON, Call
from tiktok_sandbox.envelope import OK, RequestIds, wrap
from tiktok_sandbox.families.advertiser_tokens import advertiser_answer
from tiktok_sandbox.families.login_tokens import login_answer
from tiktok_sandbox.families.tt_user import consent_answer
from tiktok_sandbox.grants import Grant
from tiktok_sandbox.scopes import LOGIN_SCOPES, PERMISSIONS, SCOPES
from tiktok_sandbox.switches import FAIL_REASONS

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox


def grant(sandbox: "Sandbox", values: Values) -> Answer:
    flow = flow_of(values)
    if flow == "advertiser":
        return _grant_advertiser(sandbox, values)
    handle, scopes = account_of(sandbox, values), scope_names(values.get("scopes"))
    moment = sandbox.clock.now()
    call = Call(sandbox.desk, {}, moment, sandbox.base)
    known = LOGIN_SCOPES if flow == "login_kit" else SCOPES
    if scopes is not None and not set(scopes) <= known.keys():
        raise Refused(f"scopes: the flow {flow} has only {', '.join(known)}.")
    if flow == "login_kit":
        return login_answer(call, handle, tuple(known) if scopes is None else scopes)
    data = consent_answer(call, sandbox.desk.app.app_id, handle, tuple(SCOPES) if scopes is None else scopes)
    return wrap(OK, "OK", RequestIds().fresh(int(moment)), data)


def _grant_advertiser(sandbox: "Sandbox", values: Values) -> Answer:
    wanted = values.get("scopes")
    if wanted is not None and not (isinstance(wanted, list) and all(is_number(one) and one in PERMISSIONS for one in wanted)):
        raise Refused("scopes: an array of permission numbers, or null for all the app has.")
    moment = sandbox.clock.now()
    permissions = tuple(PERMISSIONS) if wanted is None else tuple(dict.fromkeys(wanted))
    call = Call(sandbox.desk, {}, moment, sandbox.base)
    data = advertiser_answer(call, sandbox.desk.app.app_id, person_of(sandbox, values), permissions)
    return wrap(OK, "OK", RequestIds().fresh(int(moment)), data)


def revoke(sandbox: "Sandbox", values: Values) -> Answer:
    flow = flow_of(values)
    client = values.get("client", sandbox.desk.login.client_key if flow == "login_kit" else sandbox.desk.app.app_id)
    if not isinstance(client, str):
        raise Refused("client: an app id is needed.")
    if flow == "advertiser":
        return {"revoked": sandbox.desk.advertiser_grants.end(person_of(sandbox, values), client)}
    return {"revoked": sandbox.desk.withdraw(account_of(sandbox, values), client, REMOVED_BY_PERSON)}


def consent(sandbox: "Sandbox", values: Values) -> Answer:
    standing = sandbox.standing
    scopes = None if standing.scopes is None else list(standing.scopes)
    return {"account": standing.account, "scopes": scopes, "deny": standing.deny, "auto": standing.auto}


def change_consent(sandbox: "Sandbox", values: Values) -> Answer:
    deny, auto = values.get("deny", False), values.get("auto", False)
    if not isinstance(deny, bool) or not isinstance(auto, bool):
        raise Refused("deny, auto: true or false.")
    account = anybody_of(sandbox, values) if values.get("account") is not None else None
    sandbox.standing = Standing(account, scope_names(values.get("scopes")), deny, auto)
    return consent(sandbox, {})


def clear_consent(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.standing = Standing()
    return consent(sandbox, {})


def announce(sandbox: "Sandbox", values: Values) -> Answer:
    """TikTok notices the latest comments or mentions of an account and tells the app."""
    handle, event, count = account_of(sandbox, values), values.get("event"), values.get("count", 1)
    if not is_number(count) or not 1 <= count <= happenings.MOST:
        raise Refused(f"count: 1 to {happenings.MOST}.")
    desk = sandbox.desk
    open_id = desk.world.open_id(handle, desk.app.app_id)
    call = Call(desk, {}, sandbox.clock.now(), sandbox.base, Grant(desk.app.app_id, handle, open_id, (), 0.0))
    if event == "comment.update" and values.get("action", "insert") in happenings.COMMENT_ACTIONS:
        told = happenings.announce_comments(call, values.get("item_id"), values.get("action", "insert"), count)
    elif event == "brand.mention.event" and values.get("action", "CREATE") in happenings.MENTION_KINDS:
        told = happenings.announce_mentions(call, values.get("action", "CREATE"), count, comments=bool(values.get("comments")))
    else:
        raise Refused(
            f"event: comment.update with an action of {', '.join(happenings.COMMENT_ACTIONS)}; "
            f"or brand.mention.event with one of {', '.join(happenings.MENTION_KINDS)}."
        )
    return {"events": told}


def publishes(sandbox: "Sandbox", values: Values) -> Answer:
    """Every publish with where it stands."""
    moment = sandbox.clock.now()
    rows = sandbox.desk.writes.publishes.values()
    return {"publishes": [{**row, "standing": publishing.standing(row, moment)._asdict()} for row in rows]}


def steer_publish(sandbox: "Sandbox", values: Values) -> Answer:
    """What the person or TikTok does with one publish: post the draft, make the post private, or let it fail."""
    row = sandbox.desk.writes.publishes.get(str(values.get("publish_id")))
    if row is None:
        raise Refused("publish_id: there is no such publish.", 404)
    moment, does, public, reason = sandbox.clock.now(), values.get("does"), values.get("public", True), values.get("reason", "internal")
    status = publishing.standing(row, moment).status
    if does == "post" and status == publishing.INBOX and isinstance(public, bool):
        publishing.finish(sandbox.desk, row, moment, public=public)
    elif does == "remove" and publishing.standing(row, moment).post_ids:
        publishing.remove(sandbox.desk, row, moment)
    elif does == "fail" and reason in FAIL_REASONS and status in {publishing.UPLOADING, publishing.DOWNLOADING}:
        publishing.fail(sandbox.desk, row, reason, moment)
    else:
        raise Refused('does: "post" for a draft in the inbox, "remove" for a public post, "fail" with a "reason" while it is processed.')
    return {**row, "standing": publishing.standing(row, moment)._asdict()}
