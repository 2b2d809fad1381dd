"""Since when an account's data is being erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("integrations", "0009_avatar"),)

    operations = (
        migrations.AddField(
            model_name="connection",
            name="erasure_began_at",
            field=models.DateTimeField(help_text="Since when its data is being erased. It cannot be connected meanwhile.", null=True),
        ),
    )
