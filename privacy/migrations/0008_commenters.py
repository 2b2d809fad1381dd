"""Requests and runs can be about somebody who wrote comments."""

from django.db import migrations, models

_OF = [("account", "Account"), ("ad_account", "Ad account"), ("commenter", "Commenter"), ("workspace", "Workspace")]


class Migration(migrations.Migration):
    dependencies = (("privacy", "0007_workspace_runs"),)

    operations = (
        migrations.AddField("deletionrequest", "of", models.CharField(choices=_OF, default="account", max_length=12)),
        migrations.AlterField(
            "deletionrequest",
            "account_id",
            models.UUIDField(help_text="The connection, or a commenter's reference; emptied when its data is gone.", null=True),
        ),
        migrations.AlterField("deletionrun", "of", models.CharField(choices=_OF, default="account", max_length=12)),
        migrations.AlterField(
            "deletionrun",
            "subject_id",
            models.UUIDField(help_text="The connection, ad account, commenter or workspace; emptied at the end.", null=True),
        ),
    )
