"""Remember when something was last done for a piece of work, so that workspaces take turns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0003_due_work_again_at"),)

    operations = (
        migrations.AddField(
            model_name="duework",
            name="served_at",
            field=models.DateTimeField(help_text="When something was last done for it; workspaces take turns by it.", null=True),
        ),
    )
