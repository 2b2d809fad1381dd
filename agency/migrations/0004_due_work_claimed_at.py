"""Remember when work was last claimed, so that workspaces take turns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0003_due_work_again_at"),)

    operations = (
        migrations.AddField(
            model_name="duework",
            name="claimed_at",
            field=models.DateTimeField(help_text="When it was last claimed; kept, so that workspaces take turns.", null=True),
        ),
    )
