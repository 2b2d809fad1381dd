"""Nothing is held that nobody declared: every column, every prefix in an object store, every folder, every name of a key in a cache."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import models

from agency.local.home import PROJECT
from privacy.columns import COLUMNS, HOLDS, columns_of
from privacy.register import REGISTER
from privacy.stores import STORES, WHERE, is_declared
from tests.architecture.test_across import APPS

_KEY = re.compile(r"[a-z][a-z_.-]*:[^\s]*")


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in APPS:
        for path in sorted((PROJECT / app).rglob("*.py")):
            name = path.relative_to(PROJECT).as_posix()
            if "/migrations/" not in name and not name.startswith("agency/local/"):
                yield path, ast.parse(path.read_text())


def _imports(tree: ast.Module, module: str, name: str) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.module == module and any(alias.name == name for alias in node.names))
        or (isinstance(node, ast.Import) and any(alias.name == module for alias in node.names) and not name)
        for node in ast.walk(tree)
    )


def _text(node: ast.AST) -> str | None:
    """A string as it stands in the code, `*` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return None


def _keys(node: ast.AST, tree: ast.Module) -> list[str]:
    """What an argument of the cache can be: the strings that its names and functions lead to. Empty when that cannot be seen."""
    text = _text(node)
    if text is not None:
        return [text]
    if isinstance(node, ast.ListComp):
        return _keys(node.elt, tree)
    if isinstance(node, ast.Name):
        given = [n.value for n in ast.walk(tree) if isinstance(n, ast.Assign) and any(getattr(t, "id", "") == node.id for t in n.targets)]
        return [key for value in given for key in _keys(value, tree)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        made = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name == node.func.id]
        return [key for f in made for n in ast.walk(f) if isinstance(n, ast.Return) and n.value for key in _keys(n.value, tree)]
    return []


def undeclared_columns(model: type[models.Model]) -> set[str]:
    """Columns that the register does not know, and those that it knows but that are gone."""
    declared = [column.name for column in columns_of(model._meta.label)] if model._meta.label in COLUMNS else []
    return {field.attname for field in model._meta.concrete_fields} ^ set(declared)


def test_every_column_of_every_model_is_declared_and_no_other() -> None:
    wrong = {model._meta.label: sorted(found) for model in apps.get_models() if (found := undeclared_columns(model))}
    assert not wrong, f"add these to privacy/columns.py, or take them away there: {wrong}"
    assert set(COLUMNS) == set(REGISTER)


def test_a_column_that_nobody_declared_is_found() -> None:
    model = apps.get_model("agency", "Brand")
    forgotten = models.CharField(max_length=9)
    forgotten.set_attributes_from_name("nickname")
    model._meta.local_fields.append(forgotten)
    model._meta._expire_cache()
    try:
        assert undeclared_columns(model) == {"nickname"}
    finally:
        model._meta.local_fields.remove(forgotten)
        model._meta._expire_cache()


def test_a_column_is_declared_once_and_as_what_it_is() -> None:
    for model in apps.get_models():
        columns = list(columns_of(model._meta.label))
        names = [column.name for column in columns]
        assert len(names) == len(set(names)), f"{model._meta.label} declares a column twice"
        apart = {name for listed, *_ in COLUMNS[model._meta.label].otherwise for name in listed.split()}
        assert apart <= set(names), f"{model._meta.label}: otherwise names what is no column"
        for column in columns:
            field = next(f for f in model._meta.concrete_fields if f.attname == column.name)
            where = f"{model._meta.label}.{column.name}"
            assert column.holds in HOLDS and column.purpose and column.kept and column.goes, where
            if isinstance(field, models.BinaryField | models.TextField | models.EmailField):
                assert column.holds not in {"fact", "key"}, f"{where} can hold words: say which"
            if field.is_relation or (field.primary_key and isinstance(field, models.AutoField | models.UUIDField)):
                assert column.holds == "key", f"{where} leads to a row"


def _is_of_the_cache(node: ast.AST) -> bool:
    """A call to the cache, or to what counts in it under the key of whoever asks."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)):
        return False
    return node.func.value.id == "cache" or (node.func.value.id, node.func.attr) == ("counting", "is_too_often")


def test_every_key_in_the_cache_begins_as_declared() -> None:
    seen = 0
    for path, tree in _sources():
        if path == PROJECT / "agency/counting.py" or not (
            _imports(tree, "django.core.cache", "cache") or _imports(tree, "agency", "counting")
        ):
            continue
        for node in ast.walk(tree):
            if not _is_of_the_cache(node):
                continue
            where = f"{path.relative_to(PROJECT)}:{node.lineno}"
            keys = _keys(node.args[0], tree) if node.args else []
            assert keys, f"{where}: which key this is cannot be seen; build it from a string in the same module"
            for key in keys:
                assert is_declared("cache", key), f"{where}: {key!r} is not in privacy/stores.py"
                seen += 1
    assert seen > 8


def test_every_key_in_the_shared_counters_begins_as_declared() -> None:
    seen = 0
    for path, tree in _sources():
        if not _imports(tree, "agency.shared_redis", "shared_redis"):
            continue
        for node in ast.walk(tree):
            text = _text(node)
            if text and _KEY.fullmatch(text):
                assert is_declared("shared", text), f"{path.relative_to(PROJECT)}:{node.lineno}: {text!r} is not in privacy/stores.py"
                seen += 1
    assert seen >= 5


def test_every_prefix_in_an_object_store_is_declared() -> None:
    found = {}
    for path, tree in _sources():
        if not any(isinstance(n, ast.Attribute) and n.attr == "put_object" for n in ast.walk(tree)):
            continue
        prefixes = {m[1] for n in ast.walk(tree) if (text := _text(n)) and (m := re.fullmatch(r"\*/([a-z-]+/)", text))}
        assert prefixes, f"{path.relative_to(PROJECT)} writes objects under no prefix that can be seen"
        found |= dict.fromkeys(prefixes, path)
    assert set(found) == {store.name for store in STORES if store.where == "bucket"}


def test_every_folder_of_the_settings_is_declared() -> None:
    named = {name for name in dir(settings) if re.fullmatch(r"[A-Z_]+_(FOLDER|JOURNAL|ANCHORS)", name)}
    assert named == {store.name for store in STORES if store.where == "folder"}


def test_every_queue_is_declared() -> None:
    used = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert used <= {name for store in STORES if store.where == "queue" for name in store.name.split()}


def test_the_cache_refuses_a_key_that_nobody_declared() -> None:
    with pytest.raises(LookupError, match="privacy/stores"):
        cache.set("people:7", "somebody", 1)
    cache.set("export:0", 1, 1)


def test_every_store_says_what_for_how_long_and_how_it_goes() -> None:
    for store in STORES:
        assert store.where in WHERE and store.purpose and store.kept and store.goes, store.name
