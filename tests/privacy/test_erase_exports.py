"""Files that may hold an account's figures go when the account is erased, their keys first; the neighbour's stay."""

from datetime import timedelta

import pytest

from agency import clock, scope
from agency.keyring import data_key
from agency.models import Membership
from agency.sealing import KeyDestroyed
from reports import erasure
from reports.models import ExportFile, ExportPart, export_key_ref
from tests.metrics.planting import plant_account
from tests.people import Cast


def plant_file(by: Membership) -> ExportFile:
    now = clock.now()
    with scope.inside(by.workspace_id):
        file = ExportFile.objects.create(
            workspace_id=by.workspace_id, membership=by, name="campaigns", form="csv", asked={}, asked_hash="", title="Campaigns",
            file_name="campaigns.csv", row_count=1, part_count=1, state=ExportFile.State.DONE, asked_at=now,
            expires_at=now + timedelta(hours=24),
        )  # fmt: skip
        ExportPart.objects.create(workspace_id=by.workspace_id, file=file, place=1, sealed=b"sealed")
    data_key(export_key_ref(file.pk), create=True)
    return file


def test_exported_files_go_with_an_accounts_data(committed: Cast) -> None:
    mine, neighbours = plant_file(committed.admin), plant_file(committed.moon_admin)
    with scope.inside(committed.brass.pk):
        connection = plant_account(committed.admin, "brassorbit3").connection
    assert erasure.redact(connection, limit=10) == 1
    assert erasure.redact(connection, limit=10) == 0
    with scope.inside(committed.brass.pk):
        assert not ExportFile.objects.exists()
        assert not ExportPart.objects.exists()
    with pytest.raises(KeyDestroyed):
        data_key(export_key_ref(mine.pk))
    with scope.inside(committed.moon.pk):
        assert ExportPart.objects.filter(file=neighbours).exists()
    assert data_key(export_key_ref(neighbours.pk))
