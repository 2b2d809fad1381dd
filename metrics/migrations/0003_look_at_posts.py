"""Each post has a time at which its counters are read again."""

from django.db import migrations, models

HELP_WHOLE = "The consent (generation) with which all posts were read once."
HELP_WHOLE_AT = "When all posts were last read."
HELP_LOOK = "When its counters are read again: young posts often, quiet ones seldom."
HELP_QUIET = "Looks in a row that found no new view."
HELP_GONE = "Since when TikTok does not know it any more."


class Migration(migrations.Migration):
    dependencies = (("metrics", "0002_row_level_security"),)

    operations = (
        migrations.AddField(
            model_name="account", name="posts_whole_of", field=models.PositiveIntegerField(help_text=HELP_WHOLE, null=True)
        ),
        migrations.AddField(model_name="account", name="posts_whole_at", field=models.DateTimeField(help_text=HELP_WHOLE_AT, null=True)),
        migrations.AddField(model_name="post", name="look_at", field=models.DateTimeField(help_text=HELP_LOOK, null=True)),
        migrations.AddField(model_name="post", name="quiet_count", field=models.PositiveSmallIntegerField(default=0, help_text=HELP_QUIET)),
        migrations.AddField(model_name="post", name="gone_at", field=models.DateTimeField(help_text=HELP_GONE, null=True)),
        migrations.AddIndex(model_name="post", index=models.Index(fields=["workspace", "account", "look_at"], name="metrics_post_look")),
    )
