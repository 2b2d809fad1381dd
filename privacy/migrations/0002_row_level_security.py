"""Put what belongs to a workspace under row-level security, with references that cannot leave it."""

from django.db import migrations

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("privacy", "0001_initial"), ("integrations", "0002_row_level_security"))

    operations = (
        WorkspaceTable("privacy_deletionrequest"),
        WorkspaceTable("privacy_requeststep", references={"request_id": "privacy_deletionrequest"}, cascade=("request_id",)),
        WorkspaceTable("privacy_deletionrun", references={"request_id": "privacy_deletionrequest"}),
        WorkspaceTable("privacy_runfinding", references={"run_id": "privacy_deletionrun"}, cascade=("run_id",), indexed=("run_id",)),
        WorkspaceTable("privacy_certificate", references={"run_id": "privacy_deletionrun"}, indexed=("run_id",)),
        WorkspaceTable("privacy_dataarchive"),
        WorkspaceTable(
            "privacy_archivepart", references={"archive_id": "privacy_dataarchive"}, cascade=("archive_id",), indexed=("archive_id",)
        ),
        WorkspaceTable("privacy_correction", references={"account_id": "integrations_connection"}),
    )
