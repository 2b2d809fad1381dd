"""Put decisions, extra recipients and links under row-level security, and keep deliveries to extra addresses in their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("reports", "0006_review_and_recipients"),)

    operations = (
        WorkspaceTable("reports_extrarecipient"),
        WorkspaceTable("reports_reportstep", references={"report_id": "reports_weeklyreport"}, cascade=("report_id",)),
        WorkspaceTable("reports_sharelink", references={"report_id": "reports_weeklyreport"}, cascade=("report_id",)),
        migrations.RunSQL(
            sql=(
                "ALTER TABLE reports_delivery ADD CONSTRAINT reports_delivery_extra_id_in_workspace FOREIGN KEY (workspace_id, extra_id) "
                "REFERENCES reports_extrarecipient (workspace_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;"
                "CREATE INDEX reports_delivery_extra_id ON reports_delivery (workspace_id, extra_id);"
            ),
            reverse_sql=(
                "DROP INDEX reports_delivery_extra_id;ALTER TABLE reports_delivery DROP CONSTRAINT reports_delivery_extra_id_in_workspace;"
            ),
        ),
    )
