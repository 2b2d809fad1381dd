"""Put comments and their triage under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_THREAD = {"thread_id": "community_comment"}


class Migration(migrations.Migration):
    dependencies = (("community", "0001_initial"), ("metrics", "0002_row_level_security"), ("integrations", "0002_row_level_security"))

    operations = (
        WorkspaceTable("community_reading", references={"account_id": "metrics_account"}, cascade=("account_id",), indexed=("account_id",)),
        WorkspaceTable(
            "community_postreading",
            references={"account_id": "metrics_account", "post_id": "metrics_post"},
            cascade=("account_id", "post_id"),
            indexed=("account_id", "post_id"),
        ),
        WorkspaceTable(
            "community_comment",
            references={"account_id": "metrics_account", "post_id": "metrics_post", "call_id": "integrations_apicall"} | _THREAD,
            cascade=("account_id", "post_id", "thread_id"),
            indexed=("account_id", "post_id", "thread_id"),
        ),
        WorkspaceTable("community_tag"),
        WorkspaceTable(
            "community_triage",
            references=_THREAD | {"tag_id": "community_tag"},
            cascade=("thread_id", "tag_id"),
            indexed=("thread_id",),
        ),
        WorkspaceTable(
            "community_threadtag",
            references=_THREAD | {"tag_id": "community_tag"},
            cascade=("thread_id", "tag_id"),
            indexed=("thread_id", "tag_id"),
        ),
        WorkspaceTable("community_note", references=_THREAD, cascade=("thread_id",), indexed=("thread_id",)),
        WorkspaceTable("community_mention", references={"note_id": "community_note"}, cascade=("note_id",), indexed=("note_id",)),
        WorkspaceTable("community_savedview"),
        WorkspaceTable("community_aim"),
    )
