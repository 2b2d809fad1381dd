"""Requests and runs can be about a person, who asks on their own account page."""

from django.db import migrations, models

_OF = [
    ("account", "Account"),
    ("ad_account", "Ad account"),
    ("commenter", "Commenter"),
    ("person", "Person"),
    ("workspace", "Workspace"),
]
_SOURCES = [
    ("zone", "Danger zone"),
    ("own", "Their own account page"),
    ("form", "Public form"),
    ("mail", "Mail to the privacy contact"),
]


class Migration(migrations.Migration):
    dependencies = (("privacy", "0008_commenters"),)

    operations = (
        migrations.AlterField("deletionrequest", "of", models.CharField(choices=_OF, default="account", max_length=12)),
        migrations.AlterField("deletionrequest", "source", models.CharField(choices=_SOURCES, max_length=8)),
        migrations.AlterField(
            "deletionrequest",
            "account_id",
            models.UUIDField(help_text="The connection, a commenter's reference, or a person; emptied when its data is gone.", null=True),
        ),
        migrations.AlterField("deletionrun", "of", models.CharField(choices=_OF, default="account", max_length=12)),
        migrations.AlterField(
            "deletionrun",
            "subject_id",
            models.UUIDField(help_text="The connection, ad account, commenter, person or workspace; emptied at the end.", null=True),
        ),
    )
