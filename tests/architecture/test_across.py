"""The ways across workspaces are few, and docs/security.md lists each with its reason. Row-level security lets nothing else through."""

import re

from agency.local.home import PROJECT

APPS = ("agency", "integrations", "metrics", "community", "campaigns", "reports", "privacy")
# What only a way across needs: the tables outside row-level security, a person's scope without a workspace, the role that reads everything.
ACROSS = re.compile(
    r"\b(AddressBook|DueWork|AuditTail|AuditSeal)\.objects|inside\(None|\bDATABASE_BACKUP_URL\b"
    r"|FROM agency_(duework|addressbook|audittail|auditseal|auditrow)\b"
    r"|using\((?:_DB|ROLE|\"privacy\")\)|connections\[_DB\]"
)
# They define these, start the servers, or move the tables.
NO_WAYS = re.compile(r"agency/(local/|migrations/|settings\.py|models\.py)|/migrations/")


def ways() -> set[str]:
    """Modules that look across."""
    found = set()
    for app in APPS:
        for path in (PROJECT / app).rglob("*.py"):
            name = path.relative_to(PROJECT).as_posix()
            if not NO_WAYS.match(name) and "/migrations/" not in name and ACROSS.search(path.read_text()):
                found.add(name)
    return found


def listed() -> dict[str, str]:
    """Module -> reason, from the page."""
    page = (PROJECT / "docs" / "security.md").read_text()
    table = page.split("**Across workspaces.**")[1].split("**Found mistakes.**")[0]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| `")]
    return {name: why.strip() for where, _what, why in rows for name in re.findall(r"`([\w/.]+)`", where)}


def test_every_way_across_workspaces_is_listed_with_its_reason_and_no_other() -> None:
    assert ways() == set(listed())
    assert all(len(why) > 10 for why in listed().values())


def test_a_planted_way_across_is_found() -> None:
    planted = ("rows = AddressBook.objects.filter()", "with scope.inside(None, person_id=x):", 'execute("SELECT 1 FROM agency_duework")')
    for line in planted:
        assert ACROSS.search(line), line
