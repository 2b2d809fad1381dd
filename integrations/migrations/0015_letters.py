"""Bring what a member is to hear together in letters, and let a notice be about a day."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import agency.models
from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("agency", "0015_suppression"), ("integrations", "0014_begin_newer_kinds"))

    operations = (
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(help_text="When the mail server had taken or refused it, or it was given up.", null=True),
                ),
                (
                    "membership",
                    agency.models.InWorkspaceKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="agency.membership",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("workspace", "membership"), name="integrations_letter_one_open"
                    )
                ],
            },
        ),
        WorkspaceTable("integrations_letter", references={"membership_id": "agency_membership"}, cascade=("membership_id",)),
        migrations.AddField(model_name="notice", name="day", field=models.DateField(help_text="The day that is unusual.", null=True)),
        migrations.AddField(
            model_name="notice",
            name="letter",
            field=agency.models.InWorkspaceKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="integrations.letter",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(choices=[("loss", "Loss"), ("end", "End"), ("unusual", "Unusual")], max_length=8),
        ),
        migrations.AlterField(
            model_name="notice",
            name="about",
            field=models.UUIDField(help_text="The connection itself, one of its ad accounts, or a name for one of its days."),
        ),
        migrations.RunSQL(
            sql=(
                "ALTER TABLE integrations_notice ADD CONSTRAINT integrations_notice_letter_id_in_workspace FOREIGN KEY "
                "(workspace_id, letter_id) REFERENCES integrations_letter (workspace_id, id) ON DELETE CASCADE "
                "DEFERRABLE INITIALLY DEFERRED;"
                "CREATE INDEX integrations_notice_letter_id ON integrations_notice (workspace_id, letter_id);"
            ),
            reverse_sql=(
                "DROP INDEX integrations_notice_letter_id;"
                "ALTER TABLE integrations_notice DROP CONSTRAINT integrations_notice_letter_id_in_workspace;"
            ),
        ),
    )
