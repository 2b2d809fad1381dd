"""Copies of what is held about a person. Of no workspace, as people are."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0004_archives"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonCopy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Being put together"), ("ready", "Ready"), ("expired", "Expired")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("rows_count", models.PositiveBigIntegerField(default=0)),
                ("bytes_count", models.PositiveBigIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(help_text="Somebody puts it together until then.", null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name="PersonCopyPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("sealed", models.BinaryField()),
                (
                    "copy",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="privacy.personcopy"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="personcopy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "expired"), _negated=True), fields=("person",), name="privacy_person_copy_living_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="personcopypart",
            constraint=models.UniqueConstraint(fields=("copy", "number"), name="privacy_person_copy_part"),
        ),
    ]
