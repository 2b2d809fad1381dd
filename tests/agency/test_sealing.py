"""Sealed values: they open in their own cell with their own key, unchanged, and nowhere else."""

import hashlib
import hmac
import traceback
from dataclasses import asdict, replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from agency.sealing import OVERHEAD_BYTES, Binding, CannotOpen, seal, unseal

KEY = bytes(range(32))
PLAINTEXT = b"act.Canary!5159.s1"
BINDING = Binding(
    workspace="5f0c", subject="connection:7", table="connections", column="access_token", row="7", generation=3, purpose="api"
)
# Made once and kept: whatever was sealed before a change must open after it.
SEALED_BY_VERSION_1 = (
    "016465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283a0f5a2b3ba04477332fb6b12c17088362c"
    "601bb06a9573e61cdf76b34e16d36d7541dc60954cc3e93c3f7e3f2d935803e508b7a24242e03722f9c53dd34b1c88e98d"
)


def test_a_sealed_value_opens_where_it_was_sealed() -> None:
    assert unseal(KEY, seal(KEY, PLAINTEXT, BINDING), BINDING) == PLAINTEXT


@given(plaintext=st.binary(max_size=500))
def test_the_overhead_is_81_bytes_for_every_plaintext(plaintext: bytes) -> None:
    sealed = seal(KEY, plaintext, BINDING)
    assert OVERHEAD_BYTES == 81
    assert len(sealed) == len(plaintext) + 81
    assert unseal(KEY, sealed, BINDING) == plaintext


def test_what_version_1_sealed_still_opens() -> None:
    assert unseal(KEY, bytes.fromhex(SEALED_BY_VERSION_1), BINDING) == PLAINTEXT


def test_the_format_is_the_one_on_paper() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)
    version, salt, commitment, ciphertext = sealed[:1], sealed[1:33], sealed[33:65], sealed[65:]
    # HKDF of RFC 5869 by hand: extract, then one block of SHA-512, which is exactly the 64 bytes needed.
    extracted = hmac.digest(salt, KEY, hashlib.sha512)
    material = hmac.digest(extracted, b"agency.sealing/1\x01", hashlib.sha512)
    parts = ["5f0c", "connection:7", "connections", "access_token", "7", "3", "api"]
    associated = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    assert version == b"\x01"
    assert commitment == material[32:]
    assert AESGCM(material[:32]).decrypt(bytes(12), ciphertext, associated) == PLAINTEXT


def test_sealing_twice_gives_nothing_in_common() -> None:
    first, second = seal(KEY, PLAINTEXT, BINDING), seal(KEY, PLAINTEXT, BINDING)
    assert first[1:33] != second[1:33]
    assert first[33:65] != second[33:65]
    assert first[65:] != second[65:]


def test_a_value_read_from_a_database_as_memoryview_opens() -> None:
    assert unseal(KEY, memoryview(seal(KEY, PLAINTEXT, BINDING)), BINDING) == PLAINTEXT


def test_every_flipped_bit_is_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)
    for at in range(len(sealed)):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[at] ^= 1 << bit
            with pytest.raises(CannotOpen):
                unseal(KEY, bytes(damaged), BINDING)


def test_every_cut_and_every_addition_is_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)
    for damaged in [*(sealed[:length] for length in range(len(sealed))), sealed + b"\0", b"\0" + sealed]:
        with pytest.raises(CannotOpen):
            unseal(KEY, damaged, BINDING)


@pytest.mark.parametrize(
    "swapped",
    [
        {"workspace": "6f0c"},
        {"subject": "connection:8"},
        {"table": "journal"},
        {"column": "refresh_token"},
        {"row": "8"},
        {"generation": 4},
        {"purpose": "revoke"},
        {"workspace": "5f0cconnection:7", "subject": ""},
        {"row": "73", "generation": 3},
        {"table": "connectionsaccess_token", "column": ""},
    ],
)
def test_every_swapped_field_of_the_binding_is_refused(swapped: dict[str, object]) -> None:
    with pytest.raises(CannotOpen):
        unseal(KEY, seal(KEY, PLAINTEXT, BINDING), replace(BINDING, **swapped))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
bindings = st.builds(
    Binding,
    workspace=texts,
    subject=texts,
    table=texts,
    column=texts,
    row=texts,
    generation=st.integers(0, 20),
    purpose=texts,
)


@given(one=bindings, other=bindings)
def test_two_bindings_never_read_the_same(one: Binding, other: Binding) -> None:
    assert (one.as_bytes() == other.as_bytes()) == (one == other)


@given(binding=bindings, moved=st.integers(1, 4))
def test_a_character_moved_into_the_next_field_changes_the_bytes(binding: Binding, moved: int) -> None:
    joined = replace(binding, workspace=binding.workspace + binding.subject[:moved], subject=binding.subject[moved:])
    assert (joined.as_bytes() == binding.as_bytes()) == (not binding.subject)


def test_another_data_key_is_refused() -> None:
    with pytest.raises(CannotOpen):
        unseal(bytes(32), seal(KEY, PLAINTEXT, BINDING), BINDING)


def test_a_ciphertext_that_opens_but_does_not_commit_is_refused() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)
    uncommitted = sealed[:33] + bytes(32) + sealed[65:]
    with pytest.raises(CannotOpen):
        unseal(KEY, uncommitted, BINDING)


def test_the_error_names_the_cell_and_nothing_else() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)
    with pytest.raises(CannotOpen) as caught:
        unseal(KEY, sealed, replace(BINDING, generation=4, purpose="canary-purpose", workspace="canary-workspace"))
    assert str(caught.value) == "cannot open connections.access_token of row 7"
    assert (caught.value.table, caught.value.column, caught.value.row) == ("connections", "access_token", "7")
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_traceback_with_locals_does_not_show_the_data_key() -> None:
    sealed = seal(KEY, PLAINTEXT, BINDING)

    def unsealing() -> None:
        unseal(bytes(range(32)), sealed, replace(BINDING, row="8"))

    with pytest.raises(CannotOpen) as caught:
        unsealing()
    frames = list(traceback.walk_tb(caught.value.__traceback__))
    shown = "".join(repr(frame.f_locals) for frame, _ in frames if frame.f_globals["__name__"].startswith("agency."))
    assert shown
    assert repr(KEY) not in shown


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_data_key_of_another_length_is_our_mistake(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(length), PLAINTEXT, BINDING)
    with pytest.raises(ValueError, match="32 bytes"):
        unseal(bytes(length), seal(KEY, PLAINTEXT, BINDING), BINDING)


@pytest.mark.parametrize(
    ("field", "value"), [("row", 7), ("row", None), ("workspace", UUID(int=1)), ("generation", "3"), ("generation", True)]
)
def test_a_binding_of_other_types_is_refused_at_once(field: str, value: object) -> None:
    with pytest.raises(TypeError, match=field):
        Binding(**{**asdict(BINDING), field: value})
