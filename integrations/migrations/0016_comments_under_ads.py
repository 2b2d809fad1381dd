"""Sync the comments under ads as a kind of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0015_letters"),
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
                    ("ad_comments", "Comments under ads"),
                ],
                max_length=16,
            ),
        ),
    ]
