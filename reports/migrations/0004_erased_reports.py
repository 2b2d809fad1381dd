"""What remains of a report when an account in it is erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("reports", "0003_credits"),)

    operations = (
        migrations.AddField(
            model_name="weeklyreport",
            name="accounts_erased_count",
            field=models.PositiveSmallIntegerField(default=0, help_text="Accounts whose part was taken out since."),
        ),
        migrations.AddField(
            model_name="weeklyreport",
            name="erased_at",
            field=models.DateTimeField(help_text="When the last account in it was erased; then it says only that it was sent.", null=True),
        ),
    )
