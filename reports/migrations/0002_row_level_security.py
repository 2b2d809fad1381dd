"""Put reports under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("reports", "0001_initial"), ("agency", "0002_row_level_security"))

    operations = (
        WorkspaceTable("reports_reportschedule"),
        WorkspaceTable("reports_weeklyreport"),
        WorkspaceTable(
            "reports_delivery", references={"report_id": "reports_weeklyreport"}, cascade=("report_id",), indexed=("report_id",)
        ),
        WorkspaceTable(
            "reports_stoppedmail", references={"membership_id": "agency_membership"}, cascade=("membership_id",), indexed=("membership_id",)
        ),
    )
