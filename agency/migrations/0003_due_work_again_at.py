"""Remember work that is asked for while somebody is at it, so that it is not lost when they finish."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0002_row_level_security"),)

    operations = (
        migrations.AddField(
            model_name="duework",
            name="again_at",
            field=models.DateTimeField(help_text="Put again while it was claimed: to be done once more at this time.", null=True),
        ),
    )
