"""Views find objects through accessors and queries. A query written in a view is one that nobody narrowed to its reader."""

import ast
from pathlib import Path

import pytest

from agency.local.home import PROJECT

# Rows that are not anybody's object: what is read, and why it needs no narrowing.
ALLOWED = {
    ("reports/views.py", "ReportSchedule"): "the open workspace's one schedule",
}


def queries_in(source: str) -> set[str]:
    """Models whose managers a module uses by itself."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            names.add(node.value.id if isinstance(node.value, ast.Name) else ast.unparse(node.value))
        if isinstance(node, ast.Name) and node.id in {"get_object_or_404", "get_list_or_404"}:
            names.add(node.id)
    return names


def views() -> list[Path]:
    """All modules of views."""
    return [p for p in sorted(PROJECT.glob("*/views*.py")) if p.parent.name != "tiktok_sandbox"]


@pytest.mark.parametrize("path", views(), ids=lambda p: p.parent.name)
def test_views_read_through_accessors_and_queries(path: Path) -> None:
    name = path.relative_to(PROJECT).as_posix()
    assert queries_in(path.read_text()) - {model for module, model in ALLOWED if module == name} == set()


def test_there_are_views_to_look_at() -> None:
    assert len(views()) >= 3


PLANTED = (
    "x = Post.objects.get(pk=1)",
    "x = models.Post.objects.all()",
    "x = get_object_or_404(Post, pk=1)",
    "Post._default_manager.all()",
)


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_query_is_found(planted: str) -> None:
    assert queries_in(planted)


def test_no_view_goes_to_the_database_by_another_way() -> None:
    """Neither another alias nor a connection of its own: the request's transaction is what carries the scope."""
    for path in views():
        tree = ast.parse(path.read_text())
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "django.db" for a in n.names}
        assert "connections" not in imported, path
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "using"], path
