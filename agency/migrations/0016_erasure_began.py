"""Let a person and a workspace say that a run empties them: from then on there is no way back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0015_suppression"),)

    operations = (
        migrations.AddField(
            model_name="person",
            name="erasure_began_at",
            field=models.DateTimeField(help_text="Since when a run empties this row; what stays is a pseudonym.", null=True),
        ),
        migrations.AddField(
            model_name="workspace",
            name="erasure_began_at",
            field=models.DateTimeField(help_text="Since when a run deletes what it held: there is no way back.", null=True),
        ),
    )
