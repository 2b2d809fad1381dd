"""Reports from before there was a review went the moment they were written."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("reports", "0007_review_and_recipients_security"),)

    # The owner sees no rows through a forced policy: for this one statement it is not forced, inside the migration's transaction.
    operations = (
        migrations.RunSQL(
            sql=(
                "ALTER TABLE reports_weeklyreport NO FORCE ROW LEVEL SECURITY;"
                "UPDATE reports_weeklyreport SET released_at = composed_at, slot_at = composed_at, goes_at = composed_at"
                " WHERE released_at IS NULL;"
                "ALTER TABLE reports_weeklyreport FORCE ROW LEVEL SECURITY;"
            ),
            reverse_sql=migrations.RunSQL.noop,
        ),
    )
