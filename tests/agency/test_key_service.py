"""One contract for every key service, then what each adapter does when its world is broken."""

import base64
import logging
import os
import pickle
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError
from botocore.stub import Stubber
from moto import mock_aws

from agency.key_service import (
    AwsKmsService,
    DataKey,
    KeyFileService,
    KeyRefused,
    KeyService,
    KeyServiceMisconfigured,
    KeyServiceUnavailable,
    key_service_from,
)
from tests.agency.key_service_fake import FakeKeyService

CANARY = b"canary-data-key-canary-data-key-"
CONTEXT = {"ref": "connection:1"}
OTHER_CONTEXTS = [{}, {"ref": "connection:2"}, {"Ref": "connection:1"}, {"ref": "connection:1", "more": ""}, {"refc": "onnection:1"}]
REGION = "us-east-1"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "master.key"
    KeyFileService.write_new_key(path)
    return path


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["key file", "aws", "fake"])
def service(request: pytest.FixtureRequest, key_file: Path, aws_credentials: None) -> Iterator[KeyService]:
    if request.param == "key file":
        yield KeyFileService(key_file)
    elif request.param == "fake":
        yield FakeKeyService()
    else:
        with mock_aws():
            key_id = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["KeyId"]
            yield AwsKmsService(key_id, REGION)


@pytest.fixture(params=["key file", "fake"])
def strict_service(request: pytest.FixtureRequest, key_file: Path) -> KeyService:
    """Without AWS: the mock is no judge of refusals, these are tested below on answers that AWS documents."""
    return KeyFileService(key_file) if request.param == "key file" else FakeKeyService()


def test_what_was_wrapped_comes_back_under_the_same_context(service: KeyService) -> None:
    assert service.unwrap(service.wrap(CANARY, CONTEXT), CONTEXT) == CANARY


def test_no_library_below_logs_the_data_key(service: KeyService, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.unwrap(service.wrap(CANARY, CONTEXT), CONTEXT)
    for shown in (CANARY.decode(), base64.b64encode(CANARY).decode(), CANARY.hex()):
        assert shown not in caplog.text


def test_the_order_of_a_context_does_not_matter(service: KeyService) -> None:
    wrapped = service.wrap(CANARY, {"ref": "1", "about": "2"})
    assert service.unwrap(wrapped, {"about": "2", "ref": "1"}) == CANARY


def test_a_wrapping_does_not_show_the_key_and_never_repeats(service: KeyService) -> None:
    first, second = service.wrap(CANARY, CONTEXT), service.wrap(CANARY, CONTEXT)
    assert first != second
    assert CANARY not in first


@pytest.mark.parametrize("other", OTHER_CONTEXTS)
def test_another_context_is_refused(strict_service: KeyService, other: dict[str, str]) -> None:
    wrapped = strict_service.wrap(CANARY, CONTEXT)
    with pytest.raises(KeyRefused):
        strict_service.unwrap(wrapped, other)


def test_every_flipped_bit_and_every_cut_is_refused(strict_service: KeyService) -> None:
    wrapped = strict_service.wrap(CANARY, CONTEXT)
    damaged = [bytes(b ^ (1 << bit) if i == at else b for i, b in enumerate(wrapped)) for at in range(len(wrapped)) for bit in range(8)]
    damaged += [wrapped[:length] for length in range(len(wrapped))] + [wrapped + b"\0"]
    for wrong in damaged:
        with pytest.raises(KeyRefused):
            strict_service.unwrap(wrong, CONTEXT)


def test_two_contexts_that_read_alike_when_joined_are_told_apart(key_file: Path) -> None:
    service = KeyFileService(key_file)
    with pytest.raises(KeyRefused):
        service.unwrap(service.wrap(CANARY, {"a": "bc"}), {"ab": "c"})


def test_another_key_file_is_refused(key_file: Path, tmp_path: Path) -> None:
    wrapped = KeyFileService(key_file).wrap(CANARY, CONTEXT)
    KeyFileService.write_new_key(tmp_path / "other.key")
    with pytest.raises(KeyRefused):
        KeyFileService(tmp_path / "other.key").unwrap(wrapped, CONTEXT)


def test_a_key_file_outlives_the_process_that_wrote_it(key_file: Path) -> None:
    assert KeyFileService(key_file).unwrap(KeyFileService(key_file).wrap(CANARY, CONTEXT), CONTEXT) == CANARY


def test_a_new_key_file_is_private_and_never_overwrites(key_file: Path) -> None:
    before = key_file.read_bytes()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert len(base64.b64decode(before)) == 32
    with pytest.raises(FileExistsError):
        KeyFileService.write_new_key(key_file)
    assert key_file.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o610])
def test_a_key_file_that_others_can_read_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(KeyServiceMisconfigured, match="chmod 600"):
        KeyFileService(key_file)


@pytest.mark.parametrize(
    "content", [b"", b"canary", base64.b64encode(b"canary" * 3), base64.b64encode(b"c" * 33), b"not base64 canary " * 3]
)
def test_a_key_file_of_another_content_is_refused_without_showing_it(key_file: Path, content: bytes) -> None:
    key_file.write_bytes(content)
    with pytest.raises(KeyServiceMisconfigured, match="32 bytes in base64") as caught:
        KeyFileService(key_file)
    assert str(caught.value) == f"the key file {key_file} does not hold 32 bytes in base64"
    assert caught.value.__context__ is None


def test_a_missing_key_file_and_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyServiceMisconfigured, match=r"absent\.key"):
        KeyFileService(tmp_path / "absent.key")
    tmp_path.chmod(0o700)
    with pytest.raises(KeyServiceMisconfigured, match=str(tmp_path)):
        KeyFileService(tmp_path)


REFUSING = [
    "AccessDeniedException",
    "DisabledException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
    "KMSInvalidStateException",
    "NotFoundException",
]
PASSING = ["DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "ThrottlingException", "SomethingNew"]
WRONG_SETTINGS = ["InvalidSignatureException", "UnrecognizedClientException"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [(code, KeyRefused) for code in REFUSING]
    + [(code, KeyServiceUnavailable) for code in PASSING]
    + [(code, KeyServiceMisconfigured) for code in WRONG_SETTINGS],
)
@pytest.mark.parametrize("operation", ["encrypt", "decrypt"])
def test_each_answer_of_aws_says_what_to_do_next(aws_credentials: None, operation: str, code: str, expected: type[Exception]) -> None:
    client = boto3.client("kms", region_name=REGION)
    service = AwsKmsService("alias/test", REGION, client)
    with Stubber(client) as stub:
        stub.add_client_error(operation, service_error_code=code, service_message=f"quotes {CANARY.decode()}")
        with pytest.raises(expected) as caught:
            service.wrap(CANARY, CONTEXT) if operation == "encrypt" else service.unwrap(CANARY, CONTEXT)
    assert type(caught.value) is expected
    assert code in str(caught.value)
    assert CANARY.decode() not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EndpointConnectionError(endpoint_url="https://kms"), KeyServiceUnavailable),
        (ReadTimeoutError(endpoint_url="https://kms"), KeyServiceUnavailable),
        (NoCredentialsError(), KeyServiceUnavailable),
    ],
)
def test_an_aws_that_cannot_be_reached_is_asked_again_later(error: BotoCoreError, expected: type[Exception]) -> None:
    class Unreachable:
        def decrypt(self, **parameters: Any) -> None:
            raise error

    with pytest.raises(expected, match=type(error).__name__):
        AwsKmsService("alias/test", REGION, Unreachable()).unwrap(b"wrapped", CONTEXT)


def test_aws_is_asked_with_the_key_and_the_context_both_ways(aws_credentials: None) -> None:
    client = boto3.client("kms", region_name=REGION)
    service = AwsKmsService("alias/test", REGION, client)
    with Stubber(client) as stub:
        common = {"KeyId": "alias/test", "EncryptionContext": CONTEXT}
        stub.add_response("encrypt", {"CiphertextBlob": b"wrapped"}, {**common, "Plaintext": CANARY})
        stub.add_response("decrypt", {"Plaintext": CANARY}, {**common, "CiphertextBlob": b"wrapped"})
        assert service.unwrap(service.wrap(CANARY, CONTEXT), CONTEXT) == CANARY
        stub.assert_no_pending_responses()


def test_the_setting_chooses_the_service(key_file: Path) -> None:
    assert isinstance(key_service_from(f"file:{key_file}"), KeyFileService)
    assert isinstance(key_service_from(f"file://{key_file}"), KeyFileService)
    assert repr(key_service_from("aws-kms:alias/agency?region=us-east-1")) == "AwsKmsService('alias/agency', 'us-east-1')"
    arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"
    assert repr(key_service_from(f"aws-kms:{arn}?region=us-east-1")) == f"AwsKmsService('{arn}', 'us-east-1')"


@pytest.mark.parametrize(
    "url",
    ["", "file:", "file:relative.key", "aws-kms:", "aws-kms:alias/x", "aws-kms:?region=us-east-1", "aws-kms:a?region=", "vault:canary"],
)
def test_a_setting_that_names_no_service_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(KeyServiceMisconfigured) as caught:
        key_service_from(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, lambda key: "%s" % (key,)])  # noqa: UP031
def test_a_data_key_prints_as_dots_and_is_not_pickled(show: Callable[[object], str]) -> None:
    key = DataKey(CANARY)
    assert "canary" not in show(key)
    assert "•" in show(key)
    assert bytes(key) == CANARY
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_makes_its_own_client(aws_credentials: None) -> None:
    with mock_aws():
        service = AwsKmsService("alias/test", REGION)
        parent_client = service._client()
        assert service._client() is parent_client
        child = os.fork()
        if child == 0:
            os._exit(0 if service._client() is not parent_client else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
