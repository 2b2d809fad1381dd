"""Sync comments as a kind of their own, and find the events that wait for somebody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agency", "0013_audit_subjects"),
        ("integrations", "0011_pace"),
    ]

    operations = [
        migrations.AlterField(
            model_name="syncrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("profile", "Profile"),
                    ("account_days", "Daily figures"),
                    ("posts", "Posts"),
                    ("older_posts", "Older posts"),
                    ("comments", "Comments"),
                    ("mentions", "Mentions"),
                    ("ad_account", "Ad account"),
                    ("campaigns", "Campaigns"),
                    ("ad_groups", "Ad groups"),
                    ("ads", "Ads"),
                    ("ad_days", "Paid figures"),
                    ("ad_history", "Earlier paid figures"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("state", "stored")), fields=["workspace", "connection", "name"], name="integrations_event_waiting"
            ),
        ),
    ]
