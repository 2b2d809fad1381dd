"""Whatever is held about an account is handed over by somebody: a table that nobody names would outlive its account."""

from importlib.util import find_spec
from uuid import uuid4

from django.apps import apps
from django.conf import settings

from integrations.models import Connection
from privacy import holdings
from privacy.sweep import tables_of_accounts

SOMEBODY = Connection(pk=uuid4(), workspace_id=uuid4(), tiktok_open_id="x", handle="x")


def test_every_table_from_which_a_reference_leads_to_an_account_is_handed_over() -> None:
    handed = [rows.model._meta.db_table for rows in holdings.rows_of(SOMEBODY)]
    assert tables_of_accounts() - set(handed) == set(), "name these in the erasure module of their app"
    assert len(tables_of_accounts()) > 15


def test_children_go_before_their_parents() -> None:
    order = [rows.model for rows in holdings.rows_of(SOMEBODY)]
    for model in order:
        for field in model._meta.concrete_fields:
            parent = field.related_model if field.is_relation else None
            if parent in order and parent is not model:
                assert order.index(model) < len(order) - 1 - order[::-1].index(parent), f"{model._meta.label} after {parent._meta.label}"


def test_rows_are_asked_for_by_workspace_and_account() -> None:
    """They are deleted by a role that sees all workspaces: a query without the workspace would reach into others'."""
    for rows in holdings.rows_of(SOMEBODY):
        sql = str(rows.query)
        assert str(SOMEBODY.pk) in sql or SOMEBODY.pk.hex in sql, rows.model
        if hasattr(rows.model, "workspace") and rows.model._meta.label not in {"agency.DueWork", "agency.AddressBook"}:
            assert str(SOMEBODY.workspace_id) in sql or SOMEBODY.workspace_id.hex in sql, rows.model


def test_every_app_with_an_erasure_module_is_asked() -> None:
    ours = [name for name in settings.INSTALLED_APPS if "." not in name and (settings.BASE_DIR / name).is_dir()]
    with_module = {name for name in ours if find_spec(f"{name}.erasure")}
    assert with_module == {holder.__name__.split(".")[0] for holder in holdings.HOLDERS}
    assert len(with_module) >= 5


def test_a_part_of_it_is_one_ad_accounts() -> None:
    models = {rows.model._meta.label for rows in holdings.rows_of_ad_account(SOMEBODY, uuid4())}
    assert {"metrics.AdDay", "metrics.Ad", "integrations.AdAccount", "integrations.SyncRun"} <= models
    assert not {"metrics.Post", "integrations.Connection", "integrations.ApiCall"} & models
    assert apps.get_model("metrics.Post")
