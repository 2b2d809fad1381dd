"""Put what belongs to a workspace under row-level security, with references that cannot leave it."""

from django.db import migrations

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("privacy", "0001_initial"), ("agency", "0013_audit_subjects"))

    operations = (
        WorkspaceTable("privacy_deletionrequest"),
        WorkspaceTable("privacy_requeststep", references={"request_id": "privacy_deletionrequest"}, cascade=("request_id",)),
        WorkspaceTable("privacy_deletionrun", references={"request_id": "privacy_deletionrequest"}),
        WorkspaceTable("privacy_runfinding", references={"run_id": "privacy_deletionrun"}, cascade=("run_id",), indexed=("run_id",)),
        WorkspaceTable("privacy_certificate", references={"run_id": "privacy_deletionrun"}, indexed=("run_id",)),
    )
