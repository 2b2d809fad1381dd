"""Put reports and exports under row-level security, with references that cannot leave their workspace."""

from django.db import migrations

from agency.database.policies import WorkspaceTable

_REPORT = {"report_id": "reports_weeklyreport"}
_MEMBERSHIP = {"membership_id": "agency_membership"}


class Migration(migrations.Migration):
    dependencies = (("reports", "0001_initial"), ("metrics", "0002_row_level_security"), ("agency", "0002_row_level_security"))

    operations = (
        WorkspaceTable("reports_reportschedule"),
        WorkspaceTable("reports_weeklyreport"),
        WorkspaceTable("reports_extrarecipient"),
        WorkspaceTable(
            "reports_delivery",
            references=_REPORT | {"extra_id": "reports_extrarecipient"},
            cascade=("report_id", "extra_id"),
            indexed=("report_id",),
        ),
        WorkspaceTable("reports_stoppedmail", references=_MEMBERSHIP, cascade=("membership_id",), indexed=("membership_id",)),
        WorkspaceTable("reports_reportstep", references=_REPORT, cascade=("report_id",)),
        WorkspaceTable("reports_sharelink", references=_REPORT, cascade=("report_id",)),
        WorkspaceTable("reports_reviewcall", references=_REPORT | _MEMBERSHIP, cascade=("report_id", "membership_id")),
        WorkspaceTable(
            "reports_credit",
            references={"post_id": "metrics_post", "creator_id": "agency_membership"},
            cascade=("post_id", "creator_id"),
            indexed=("post_id",),
        ),
        WorkspaceTable("reports_exportfile", references=_MEMBERSHIP, cascade=("membership_id",)),
        WorkspaceTable("reports_exportpart", references={"file_id": "reports_exportfile"}, cascade=("file_id",), indexed=("file_id",)),
    )
