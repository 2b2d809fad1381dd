"""Let a workspace have an engagement with a first and a last day, and be closed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("agency", "0009_address_book_is_live"),)

    operations = (
        migrations.AddField(
            model_name="workspace",
            name="engagement_starts_on",
            field=models.DateField(help_text="First day of the agreement with the client.", null=True),
        ),
        migrations.AddField(
            model_name="workspace",
            name="engagement_ends_on",
            field=models.DateField(help_text="Last day of it. What we hold is kept for 90 days more.", null=True),
        ),
        migrations.AddField(
            model_name="workspace",
            name="closed_at",
            field=models.DateTimeField(help_text="Since when nothing is collected any more and staff are out.", null=True),
        ),
        migrations.AddConstraint(
            model_name="workspace",
            constraint=models.CheckConstraint(
                condition=models.Q(("engagement_ends_on", None))
                | models.Q(("engagement_starts_on", None))
                | models.Q(("engagement_ends_on__gte", models.F("engagement_starts_on"))),
                name="agency_workspace_engagement",
            ),
        ),
    )
