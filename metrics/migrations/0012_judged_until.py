"""Remember up to which day an account's days have been looked at: unusual or not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("metrics", "0011_audience_in_workspace"),)

    operations = (
        migrations.AddField(
            model_name="account",
            name="judged_until",
            field=models.DateField(help_text="Days up to this one have been looked at: unusual or not.", null=True),
        ),
    )
