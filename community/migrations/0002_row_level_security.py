"""Put comments and their triage under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_ACCOUNT = {"account_id": "metrics_account"}
_AD_ACCOUNT = {"ad_account_id": "integrations_adaccount"}
_CALL = {"call_id": "integrations_apicall"}
_THREAD = {"thread_id": "community_comment"}


class Migration(migrations.Migration):
    dependencies = (("community", "0001_initial"), ("metrics", "0002_row_level_security"))

    operations = (
        WorkspaceTable("community_reading", references=_ACCOUNT, cascade=("account_id",), indexed=("account_id",)),
        WorkspaceTable(
            "community_postreading",
            references=_ACCOUNT | {"post_id": "metrics_post"},
            cascade=("account_id", "post_id"),
            indexed=("account_id", "post_id"),
        ),
        WorkspaceTable("community_groupreading", references=_AD_ACCOUNT, cascade=("ad_account_id",), indexed=("ad_account_id",)),
        WorkspaceTable(
            "community_comment",
            references=_ACCOUNT | {"post_id": "metrics_post"} | _AD_ACCOUNT | _CALL | _THREAD,
            cascade=("account_id", "post_id", "ad_account_id", "thread_id"),
            indexed=("account_id", "post_id", "ad_account_id", "thread_id"),
        ),
        WorkspaceTable(
            "community_underad",
            references={"comment_id": "community_comment"} | _AD_ACCOUNT | _CALL,
            cascade=("comment_id", "ad_account_id"),
            indexed=("comment_id", "ad_account_id"),
        ),
        WorkspaceTable("community_forgotten"),
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
        WorkspaceTable(
            "community_sending",
            references=_THREAD | {"comment_id": "community_comment"} | _CALL,
            cascade=("thread_id", "comment_id"),
            indexed=("thread_id",),
        ),
    )
