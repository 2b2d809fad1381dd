"""Runs that erase what a closed workspace still holds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0006_corrections"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deletionrun",
            name="cause",
            field=models.CharField(
                choices=[
                    ("request", "Asked for"),
                    ("disconnect", "Disconnected"),
                    ("engagement", "Engagement over"),
                    ("restore", "Erased before, came back with a backup"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="deletionrun",
            name="of",
            field=models.CharField(
                choices=[("account", "Account"), ("ad_account", "Ad account"), ("workspace", "Workspace")], default="account", max_length=12
            ),
        ),
        migrations.AlterField(
            model_name="deletionrun",
            name="subject_id",
            field=models.UUIDField(help_text="The connection, ad account or workspace; emptied at the end.", null=True),
        ),
    ]
