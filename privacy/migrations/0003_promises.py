"""Looks at promises, and incidents."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_row_level_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PromiseCheck",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("promise", models.CharField(max_length=40)),
                ("result", models.CharField(choices=[("kept", "Kept"), ("broken", "Not kept"), ("unknown", "Not checked")], max_length=8)),
                ("evidence", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["promise", "at"], name="privacy_promise_at")],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("promise", models.CharField(blank=True, max_length=40)),
                (
                    "what",
                    models.TextField(blank=True, help_text="What happened and what was done, as the privacy team notes it. No names."),
                ),
                ("opened_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(null=True)),
                ("mended_at", models.DateTimeField(help_text="When its check found the promise kept again.", null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), models.Q(("promise", ""), _negated=True)),
                        fields=("promise",),
                        name="privacy_incident_open_once",
                    )
                ],
            },
        ),
    ]
