"""What must not be in any file: addresses of package registries, paths of somebody's machine, secrets."""

import re
import subprocess

import pytest
from django.conf import settings

from agency.local.home import PROJECT

# Bracketed, or this file would be the first to be found.
REGISTRIES = r"py[p]i\.org|python[h]osted\.org|registry\.n[p]mjs|artifact[o]ry|jf[r]og\.io|--index[-]url|crates[.]io/api"
MACHINES = r"/ro[o]t/|/ho[m]e/[a-z]|/Us[e]rs/[A-Za-z]|[A-Z]:\\+Us[e]rs"
SECRETS = r"-----BEGIN [A-Z ]*PRIV[A]TE KEY|\bAK[I]A[0-9A-Z]{16}\b|\bgh[p]_[A-Za-z0-9]{36}|\bxo[x]b-[0-9]"
FORBIDDEN = {"a package registry": REGISTRIES, "a path of a machine": MACHINES, "a secret": SECRETS}
BINARY = {".png", ".ico", ".woff2", ".pdf", ".jpg", ".mp4"}


def texts() -> list[tuple[str, str]]:
    """Every text file of the repository, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a working copy of the repository")
    paths = [PROJECT / name for name in listed.stdout.split("\0") if name]
    return [(p.relative_to(PROJECT).as_posix(), p.read_text()) for p in paths if p.suffix not in BINARY and p.is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    files = texts()
    assert len(files) > 150
    pattern = re.compile(FORBIDDEN[what])
    found = [f"{name}:{text[: hit.start()].count(chr(10)) + 1} {hit.group(0)}" for name, text in files for hit in pattern.finditer(text)]
    assert found == []


def test_no_file_names_the_folder_that_it_lies_in() -> None:
    here = f"{PROJECT}/"
    if here.count("/") < 3:
        pytest.skip("the folder's name is too common to be looked for")
    assert [name for name, text in texts() if here in text] == []


@pytest.mark.parametrize(
    "what, example",
    [
        ("a package registry", "https://{}i.org/simple".format("pyp")),
        ("a path of a machine", "/{}/somebody/project".format("home")),
        ("a secret", "-----BEGIN RSA {} KEY-----".format("PRIVATE")),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, example: str) -> None:
    assert re.search(FORBIDDEN[what], example)


def test_lock_files_hold_hashes_and_no_address() -> None:
    locks = [(name, text) for name, text in texts() if name.startswith("requirements/")]
    assert len(locks) == 3
    for name, text in locks:
        assert "://" not in text, name
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            if not requirement.startswith("#"):
                assert "--hash=sha256:" in requirement, (name, requirement.splitlines()[0])


def test_every_sweep_is_where_a_worker_looks_for_tasks() -> None:
    found = {path.rsplit(".", 1)[0] for path in settings.SWEEPS.values()}
    assert {module.split(".", 1)[1] for module in found} == {"tasks"}, "Celery finds tasks in modules of that name only"
