"""Let the address book say of an entry that what it leads to has stopped working."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0008_guesses"),)

    operations = (
        migrations.AddField(
            model_name="addressbook",
            name="is_live",
            field=models.BooleanField(default=True, help_text="False while what it leads to has stopped working."),
        ),
    )
