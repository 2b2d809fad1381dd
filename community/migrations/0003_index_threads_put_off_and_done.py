"""Let what was put off and what is done be counted from their indexes alone, as threads, however many comments there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("community", "0002_row_level_security"),)

    operations = (
        migrations.RemoveIndex(model_name="comment", name="community_later"),
        migrations.RemoveIndex(model_name="comment", name="community_done"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(is_reply=False, later_until__isnull=False),
                fields=["workspace", "later_until", "waits_since", "id"],
                name="community_later",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(is_reply=False, done_at__isnull=False),
                fields=["workspace", "-done_at", "id"],
                name="community_done",
            ),
        ),
    )
