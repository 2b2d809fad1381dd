"""Let the posts of some days be found in a workspace without going through all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("metrics", "0005_sum_ads_by_week"),)
    operations = (
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["workspace", "created_at"], name="metrics_post_day"),
        ),
    )
