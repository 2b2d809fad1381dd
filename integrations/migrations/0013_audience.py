"""Name the kind of sync that reads who follows an account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0012_comments_and_waiting_events"),
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
                    ("audience", "Audience"),
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
    ]
