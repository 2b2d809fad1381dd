"""Everything we hold is on the register, and the register holds nothing that is not there."""

from django.apps import apps

from privacy.register import REGISTER


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
