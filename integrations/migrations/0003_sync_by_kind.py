"""Each kind of sync has its own time, and its own count of failures and of looks that found nothing new."""

from django.db import migrations, models

HELP_DUE = "When it is looked at next; empty when it will not be."
HELP_FAILURES = "Failures in a row; the pauses grow with it."
HELP_QUIET = "Looks in a row that found nothing new; the pauses grow with it."
KINDS = [("profile", "Profile"), ("account_days", "Daily figures"), ("posts", "Posts"), ("older_posts", "Older posts")]


class Migration(migrations.Migration):
    dependencies = (("integrations", "0002_row_level_security"),)

    operations = (
        migrations.RenameField(model_name="syncrun", old_name="next_try_at", new_name="due_at"),
        migrations.AlterField(model_name="syncrun", name="due_at", field=models.DateTimeField(help_text=HELP_DUE, null=True)),
        migrations.AddField(
            model_name="syncrun", name="failure_count", field=models.PositiveSmallIntegerField(default=0, help_text=HELP_FAILURES)
        ),
        migrations.AddField(
            model_name="syncrun", name="quiet_count", field=models.PositiveSmallIntegerField(default=0, help_text=HELP_QUIET)
        ),
        migrations.AlterField(model_name="syncrun", name="kind", field=models.CharField(choices=KINDS, max_length=16)),
    )
