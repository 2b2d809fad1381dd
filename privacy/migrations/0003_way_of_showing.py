"""Keep how whoever sends the public form shows who they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_row_level_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="publicrequest",
            name="way",
            field=models.CharField(
                choices=[("mail", "By a link in a mail to me"), ("tiktok", "By signing in to TikTok with the account")],
                default="mail",
                help_text="How whoever asks shows who they are, and later: showed.",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="publicrequest",
            name="said_sealed",
            field=models.BinaryField(
                help_text="Handle, address, relation, message, and the account that was signed in with; gone once it is answered.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="publicrequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("unverified", "Waiting for whoever asks to show who they are"),
                    ("checking", "Being checked"),
                    ("answered", "Answered"),
                    ("expired", "Not confirmed in time"),
                ],
                default="unverified",
                max_length=10,
            ),
        ),
    ]
