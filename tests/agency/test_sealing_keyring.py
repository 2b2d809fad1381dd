"""The ring of data keys: made once, cached briefly, destroyed for good."""

import threading
from collections.abc import Callable, Mapping

import pytest

from agency.sealing import (
    Binding,
    CannotOpen,
    KeyDestroyed,
    KeyExists,
    KeyRefused,
    Keyring,
    KeyServiceUnavailable,
    seal,
    unseal,
)
from tests.agency.key_service_fake import FakeKeyService

BINDING = Binding(workspace="w", subject="connection:1", table="t", column="c", row="1", generation=1, purpose="api")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Store:
    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}

    def put(self, ref: str, wrapped: bytes) -> None:
        if ref in self.rows:
            raise KeyExists(ref)
        self.rows[ref] = wrapped

    def get(self, ref: str) -> bytes | None:
        return self.rows.get(ref)

    def destroy(self, ref: str) -> bool:
        return self.rows.pop(ref, None) is not None


@pytest.fixture
def service() -> FakeKeyService:
    return FakeKeyService()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keyring(service: FakeKeyService, store: Store, clock: Clock) -> Keyring:
    return Keyring(service, store, max_cached=3, clock=clock)


def unwrap_count(service: FakeKeyService) -> int:
    return [operation for operation, _ in service.calls].count("unwrap")


def test_a_key_is_made_wrapped_under_its_name_and_stays_the_same(keyring: Keyring, service: FakeKeyService, store: Store) -> None:
    keyring.create("connection:1")
    key = keyring.data_key("connection:1")
    keyring.forget("connection:1")
    assert keyring.data_key("connection:1") == key
    assert len(key) == 32
    assert service.calls[0] == ("wrap", {"ref": "connection:1"})
    assert key not in store.rows["connection:1"]


def test_two_names_have_two_keys(keyring: Keyring) -> None:
    keyring.create("connection:1")
    keyring.create("connection:2")
    assert keyring.data_key("connection:1") != keyring.data_key("connection:2")


def test_making_a_key_twice_is_an_error_and_keeps_the_first(keyring: Keyring) -> None:
    keyring.create("connection:1")
    key = keyring.data_key("connection:1")
    with pytest.raises(KeyExists):
        keyring.create("connection:1")
    keyring.forget("connection:1")
    assert keyring.data_key("connection:1") == key


def test_of_two_that_make_the_same_key_at_once_one_fails(service: FakeKeyService, store: Store) -> None:
    class SlowToSee(Store):
        def get(self, ref: str) -> bytes | None:
            return None

    blind = SlowToSee()
    blind.rows = store.rows
    Keyring(service, store).create("connection:1")
    first = store.rows["connection:1"]
    with pytest.raises(KeyExists):
        Keyring(service, blind).create("connection:1")
    assert store.rows["connection:1"] == first


def test_a_wrapped_key_moved_to_another_name_is_refused(keyring: Keyring, store: Store) -> None:
    keyring.create("connection:1")
    store.rows["connection:2"] = store.rows["connection:1"]
    with pytest.raises(KeyRefused):
        keyring.data_key("connection:2")


def test_a_key_is_unwrapped_once_in_five_minutes(keyring: Keyring, service: FakeKeyService, clock: Clock) -> None:
    keyring.create("connection:1")
    keyring.data_key("connection:1")
    clock.now += 299.9
    keyring.data_key("connection:1")
    assert unwrap_count(service) == 1
    clock.now += 0.1
    keyring.data_key("connection:1")
    assert unwrap_count(service) == 2


def test_use_does_not_lengthen_the_five_minutes(keyring: Keyring, service: FakeKeyService, clock: Clock) -> None:
    keyring.create("connection:1")
    for _ in range(4):
        keyring.data_key("connection:1")
        clock.now += 100
    assert unwrap_count(service) == 2


def test_an_old_key_leaves_memory_when_any_key_is_asked_for(keyring: Keyring, clock: Clock) -> None:
    keyring.create("connection:1")
    keyring.create("connection:2")
    keyring.data_key("connection:1")
    clock.now += 300
    keyring.data_key("connection:2")
    assert list(keyring._cache) == ["connection:2"]


def test_only_so_many_keys_stay_in_memory(keyring: Keyring) -> None:
    for number in range(10):
        keyring.create(f"connection:{number}")
        keyring.data_key(f"connection:{number}")
    assert list(keyring._cache) == ["connection:7", "connection:8", "connection:9"]


def test_after_destruction_nothing_opens_again(keyring: Keyring, store: Store) -> None:
    keyring.create("connection:1")
    sealed = seal(keyring.data_key("connection:1"), b"token", BINDING)
    assert keyring.destroy("connection:1") is True
    assert store.rows == {}
    with pytest.raises(KeyDestroyed):
        keyring.data_key("connection:1")
    keyring.create("connection:1")
    with pytest.raises(CannotOpen):
        unseal(keyring.data_key("connection:1"), sealed, BINDING)


def test_destroying_what_is_not_there_says_so(keyring: Keyring) -> None:
    assert keyring.destroy("connection:1") is False


def test_a_key_that_never_was_reads_as_destroyed(keyring: Keyring, service: FakeKeyService) -> None:
    with pytest.raises(KeyDestroyed, match="connection:1"):
        keyring.data_key("connection:1")
    assert service.calls == []


def test_a_key_destroyed_while_it_is_being_unwrapped_is_not_kept(store: Store) -> None:
    class Meanwhile(FakeKeyService):
        then: Callable[[], object] = staticmethod(lambda: None)

        def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
            key = super().unwrap(wrapped, context)
            self.then()
            return key

    service = Meanwhile()
    keyring = Keyring(service, store)
    keyring.create("connection:1")
    service.then = lambda: keyring.destroy("connection:1")
    keyring.data_key("connection:1")
    with pytest.raises(KeyDestroyed):
        keyring.data_key("connection:1")


def test_a_store_that_fails_to_destroy_still_empties_the_memory(keyring: Keyring, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.create("connection:1")
    keyring.data_key("connection:1")

    def failing(ref: str) -> bool:
        raise ConnectionError("keystore is down")

    monkeypatch.setattr(store, "destroy", failing)
    with pytest.raises(ConnectionError):
        keyring.destroy("connection:1")
    assert list(keyring._cache) == []


def test_a_service_that_is_down_stops_new_keys_and_not_those_in_memory(keyring: Keyring, service: FakeKeyService, store: Store) -> None:
    keyring.create("connection:1")
    key = keyring.data_key("connection:1")
    service.fail_with(KeyServiceUnavailable("down"))
    assert keyring.data_key("connection:1") == key
    with pytest.raises(KeyServiceUnavailable):
        keyring.create("connection:2")
    assert "connection:2" not in store.rows
    keyring.forget("connection:1")
    with pytest.raises(KeyServiceUnavailable):
        keyring.data_key("connection:1")
    service.recover()
    assert keyring.data_key("connection:1") == key


def test_a_service_that_gives_back_something_else_is_refused(store: Store) -> None:
    class Odd(FakeKeyService):
        def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
            return b"short"

    keyring = Keyring(Odd(), store)
    keyring.create("connection:1")
    with pytest.raises(KeyRefused):
        keyring.data_key("connection:1")


def test_many_threads_get_the_same_keys(keyring: Keyring) -> None:
    refs = [f"connection:{number}" for number in range(6)]
    for ref in refs:
        keyring.create(ref)
    expected = {ref: keyring.data_key(ref) for ref in refs}
    wrong: list[object] = []
    start = threading.Barrier(8)

    def work(offset: int) -> None:
        start.wait()
        for turn in range(200):
            ref = refs[(turn + offset) % len(refs)]
            try:
                if keyring.data_key(ref) != expected[ref]:
                    wrong.append(ref)
                if turn % 5 == 0:
                    keyring.forget(ref)
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(keyring._cache) <= 3


def test_a_ring_and_its_keys_print_without_content(keyring: Keyring) -> None:
    keyring.create("connection:1")
    key = keyring.data_key("connection:1")
    assert bytes(key).hex() not in repr(key)
    assert repr(key) == "DataKey(••••••••)"
    assert "connection:1" not in repr(keyring)
