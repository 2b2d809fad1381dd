"""How long it takes to look at the newest posts of a thousand accounts, within what TikTok allows in a minute."""

from integrations.limits import ACCOUNTS_APP
from tests.bench.figures import Figure
from tests.chaos.world import World
from tests.stack.ground import Ground
from tests.walk import wait

WORKSPACES, ACCOUNTS = 20, 50
PATIENCE_SECONDS = 600

# As if everything had been read before: the newest posts are due, and nothing else for a day. Comments, which are read as soon as a post
# is seen first, share the same limit: here nobody has granted them.
_NO_COMMENTS = "UPDATE integrations_connection SET scopes_granted = array_remove(scopes_granted, 'comment.list') RETURNING 1"
_READ_BEFORE = """
    INSERT INTO metrics_account (id, workspace_id, connection_id, posts_whole_of, posts_whole_at)
    SELECT gen_random_uuid(), workspace_id, id, generation, now() FROM integrations_connection RETURNING 1
"""
_NOTHING_DUE = "UPDATE integrations_syncrun SET state = 'done', due_at = now() + interval '1 day' WHERE due_at IS NOT NULL RETURNING 1"
_POSTS_DUE = "UPDATE integrations_syncrun SET due_at = now() WHERE kind = 'posts' RETURNING 1"
_WORK_DUE = "UPDATE agency_duework SET priority = 9, due_at = now() WHERE kind = 'sync' RETURNING 1"
_SEEN = "SELECT count(*) FROM metrics_account WHERE posts_seen_at IS NOT NULL"
_SPAN = """
    SELECT count(*), count(DISTINCT connection_id), EXTRACT(EPOCH FROM max(called_at) - min(called_at))::float8
    FROM integrations_apicall WHERE endpoint = '/business/video/list/'
"""


def measure(ground: Ground) -> list[Figure]:
    """Limits are on, here and at local TikTok. The workers are those of the demo."""
    World(ground).crowd(*[ACCOUNTS] * WORKSPACES, posts=5, is_read=False)
    for statement in (_NO_COMMENTS, _READ_BEFORE, _NOTHING_DUE, _POSTS_DUE, _WORK_DUE):
        assert len(ground.rows(statement)) >= WORKSPACES * ACCOUNTS
    ground.stack.start("worker")
    total = WORKSPACES * ACCOUNTS
    wait(lambda: ground.rows(_SEEN)[0][0] == total, "the newest posts of all are here", PATIENCE_SECONDS)
    ((calls, accounts, seconds),) = ground.rows(_SPAN)
    assert (calls, accounts) == (total, total), "one call for each account"
    assert not [e for e in ground.asked("/business/") if e["code"] == 40100 or e["status"] == 429], "TikTok never had to say no"
    least = total / ACCOUNTS_APP.limit * ACCOUNTS_APP.seconds
    note = f"{seconds / least - 1:+.1%} of the {least:.0f} s that {ACCOUNTS_APP.limit} calls a minute allow"
    return [Figure("newest posts of 1,000 accounts", seconds, "s", note)]
