"""Salts under which accounts stand in the audit log, so that the rows can be unlinked when an account is erased."""

import django.db.models.deletion
from django.db import migrations, models

from agency.database.policies import WorkspaceTable


class Migration(migrations.Migration):
    dependencies = (("agency", "0012_sign_in_links"),)

    operations = (
        migrations.CreateModel(
            name="AuditSubject",
            fields=[
                ("id", models.UUIDField(editable=False, help_text="The account's own id.", primary_key=True, serialize=False)),
                ("salt", models.BinaryField(max_length=32)),
                (
                    "workspace",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agency.workspace"),
                ),
            ],
            options={"abstract": False},
        ),
        WorkspaceTable("agency_auditsubject"),
    )
