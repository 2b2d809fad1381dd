"""Everything we hold is on the register, and the register holds nothing that is not there."""

import pytest
from django.apps import apps

from agency.roles import Role
from privacy.columns import columns_of
from privacy.register import REGISTER
from privacy.stores import STORES
from tests.people import Cast, sign_in, staff


def test_every_model_is_on_the_register_and_nothing_else_is() -> None:
    assert {m._meta.label for m in apps.get_models(include_auto_created=False)} == set(REGISTER)


def test_tables_between_models_belong_to_libraries_that_we_do_not_use() -> None:
    """Django's many-to-many tables have no line of their own, so ours must not have any."""
    joined = {m._meta.label for m in apps.get_models(include_auto_created=True) if m._meta.auto_created}
    assert joined == {"auth.Group_permissions"}


def test_every_line_says_what_for_how_long_and_how_it_goes() -> None:
    for label, entry in REGISTER.items():
        assert entry.model == label
        assert entry.kind in {"tiktok", "operational", "people", "trace", "technical"}, label
        for text in (entry.purpose, entry.kept, entry.goes):
            assert text.strip() == text != "", label


def test_what_tiktok_told_us_is_kept_no_longer_than_promised() -> None:
    for label, entry in REGISTER.items():
        if entry.kind == "tiktok":
            assert any(word in entry.kept for word in ("90 days", "30 days", "24 hours")), label


@pytest.mark.django_db(databases=("default", "keystore"))
def test_the_privacy_team_reads_tables_columns_and_stores_on_one_page(cast: Cast) -> None:
    client = sign_in(staff(cast.brass, "privacy@agency.example", Role.PRIVACY))
    page = client.get("/privacy/register").content.decode()
    for label in REGISTER:
        assert f'href="/privacy/register?table={label}"' in page
    for store in STORES:
        assert f"<code>{store.name}</code>" in page
    mentions = client.get("/privacy/register?table=metrics.Mention").content.decode()
    for column in columns_of("metrics.Mention"):
        assert f"<code>{column.name}</code>" in mentions, column.name
    assert "Emptied while the counters stay" in mentions, "a column that goes otherwise than its table says so"
    assert client.get("/privacy/register?table=metrics.Nothing").status_code == 404
