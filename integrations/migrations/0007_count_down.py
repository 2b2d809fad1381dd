"""Remember that people were told of a consent that will end for good."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("integrations", "0006_mentions"),)

    operations = (
        migrations.AddField(
            model_name="connection",
            name="end_told_at",
            field=models.DateTimeField(help_text="When people were told that the consent will end.", null=True),
        ),
        migrations.AlterField(
            model_name="connection",
            name="refresh_expires_at",
            field=models.DateTimeField(help_text="When the consent ends for good: renewing does not move it.", null=True),
        ),
    )
