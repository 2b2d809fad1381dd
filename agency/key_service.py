"""The service that wraps data keys, as a port with two adapters: a key file and AWS KMS.

Owns the master key's side of the envelope: wrapping, unwrapping, and what each failure means for the caller.
Never sees a plaintext other than a data key, and never keeps a data key.
"""

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol
from urllib.parse import parse_qs

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoRegionError, ParamValidationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agency.secret import DOTS, keep_quiet

KEY_BYTES = 32

keep_quiet("botocore.endpoint", "botocore.parsers")  # at debug they print data keys, on the way out and on the way back


class KeyServiceError(Exception):
    """The key service did not do what was asked. Messages name files and services, never keys or contexts."""


class KeyServiceMisconfigured(KeyServiceError):
    """The settings are wrong; only the operator can mend it."""


class KeyServiceUnavailable(KeyServiceError):
    """No answer now. Nothing is lost: try again later."""


class KeyRefused(KeyServiceError):
    """The service answered no: key disabled, access denied, deletion pending, wrong context, damaged wrapping."""


class KeyService(Protocol):
    """`unwrap` gives back the data key only under exactly the context it was wrapped with."""

    def wrap(self, data_key: bytes, context: Mapping[str, str]) -> bytes: ...

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes: ...


def length_prefixed(*parts: str) -> bytes:
    """Join texts so that no two different lists give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


class KeyFileService:
    """Wraps under a master key in a file: 32 random bytes in base64, readable by its owner alone.

    A wrapping is version (1), nonce (12), ciphertext, tag (16). The nonce is random, which is safe far beyond any number of connections.
    """

    _VERSION = b"\x01"
    _NONCE_BYTES = 12

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._cipher = AESGCM(_read_key_file(self._path))

    def __repr__(self) -> str:
        return f"KeyFileService({str(self._path)!r})"

    @staticmethod
    def write_new_key(path: str | os.PathLike[str]) -> None:
        """Make a fresh key file. An existing one is never overwritten: everything wrapped under it would be lost."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(descriptor)

    def wrap(self, data_key: bytes, context: Mapping[str, str]) -> bytes:
        nonce = os.urandom(self._NONCE_BYTES)
        return self._VERSION + nonce + self._cipher.encrypt(nonce, data_key, _context_bytes(context))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        wrapped = bytes(wrapped)
        nonce, ciphertext = wrapped[1 : 1 + self._NONCE_BYTES], wrapped[1 + self._NONCE_BYTES :]
        if wrapped[:1] == self._VERSION and len(nonce) == self._NONCE_BYTES:
            try:
                return self._cipher.decrypt(nonce, ciphertext, _context_bytes(context))
            except InvalidTag:
                pass
        raise KeyRefused("the key file does not open this wrapped key: another key file, another context, or damaged bytes")


def _context_bytes(context: Mapping[str, str]) -> bytes:
    return length_prefixed("agency.key_service/1", *(part for item in sorted(context.items()) for part in item))


def _read_key_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())  # of the open file: a swap between check and read changes nothing
            if not stat.S_ISREG(status.st_mode):
                raise KeyServiceMisconfigured(f"the key file {path} is not a regular file")
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise KeyServiceMisconfigured(f"the key file {path} can be read by others; run: chmod 600 {path}")
            content = file.read(1024)
    except OSError as error:
        raise KeyServiceMisconfigured(f"the key file {path} cannot be read: {error.strerror}") from None
    key = _decoded(content)
    if key is None or len(key) != KEY_BYTES:
        raise KeyServiceMisconfigured(f"the key file {path} does not hold 32 bytes in base64")
    return key


def _decoded(content: bytes) -> bytes | None:
    try:
        return base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        return None


class AwsKmsService:
    """Wraps with AWS KMS Encrypt and unwraps with Decrypt, the context as encryption context.

    Decrypt names the key as well, so that a wrapping made under somebody else's key is refused. The price: when an alias is pointed at
    another key, what was wrapped before is refused until it points back or has been wrapped anew.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
    """

    # Only answers that mean "no" are listed. Whatever is unknown counts as "not now": a wrong "no" would send people to reconnect
    # accounts whose keys are in perfect health.
    _REFUSALS = frozenset(
        {
            "AccessDeniedException",
            "DisabledException",
            "IncorrectKeyException",
            "InvalidCiphertextException",
            "InvalidGrantTokenException",
            "InvalidKeyUsageException",
            "KMSInvalidStateException",  # pending deletion, pending import
            "NotFoundException",
        }
    )
    _MISCONFIGURATIONS = frozenset(
        {"IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException", "UnrecognizedClientException", "ValidationException"}
    )

    def __init__(self, key_id: str, region: str, client: Any = None) -> None:
        self._key_id = key_id
        self._region = region
        self._given_client = client
        self._clients: dict[int, Any] = {}

    def __repr__(self) -> str:
        return f"AwsKmsService({self._key_id!r}, {self._region!r})"

    def wrap(self, data_key: bytes, context: Mapping[str, str]) -> bytes:
        return self._ask("encrypt", "CiphertextBlob", KeyId=self._key_id, Plaintext=data_key, EncryptionContext=dict(context))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        return self._ask("decrypt", "Plaintext", KeyId=self._key_id, CiphertextBlob=bytes(wrapped), EncryptionContext=dict(context))

    def _ask(self, operation: str, part: str, **parameters: Any) -> bytes:
        try:
            return getattr(self._client(), operation)(**parameters)[part]
        except (ClientError, BotoCoreError) as error:
            failure = _kms_failure(error, operation, refusals=self._REFUSALS, misconfigurations=self._MISCONFIGURATIONS)
        del parameters  # a traceback that prints locals must not print the data key
        raise failure

    def _client(self) -> Any:
        if self._given_client is not None:
            return self._given_client
        pid = os.getpid()  # a forked child must not write into its parent's connections
        if pid not in self._clients:
            config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
            self._clients.setdefault(pid, boto3.session.Session().client("kms", region_name=self._region, config=config))
        return self._clients[pid]


def _kms_failure(
    error: ClientError | BotoCoreError, operation: str, *, refusals: frozenset[str], misconfigurations: frozenset[str]
) -> KeyServiceError:
    # The texts of these errors are left out: they quote parameters, and parameters hold data keys.
    if isinstance(error, NoRegionError | ParamValidationError):
        return KeyServiceMisconfigured(f"AWS KMS {operation} could not be asked: {type(error).__name__}")
    if not isinstance(error, ClientError):
        return KeyServiceUnavailable(f"AWS KMS {operation} got no answer: {type(error).__name__}")
    code = error.response.get("Error", {}).get("Code", "unknown")
    request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "unknown")
    said = f"AWS KMS {operation} answered {code} (request {request_id})"
    if code in refusals:
        return KeyRefused(said)
    if code in misconfigurations:
        return KeyServiceMisconfigured(said)
    return KeyServiceUnavailable(said)


def key_service_from(url: str) -> KeyService:
    """The service that a setting names: `file:/path/to/key` or `aws-kms:<key id, alias or ARN>?region=us-east-1`."""
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        path = rest.removeprefix("//")
        if not path.startswith("/"):
            _misconfigured("a key file needs an absolute path: file:/path/to/key")
        return KeyFileService(path)
    if scheme == "aws-kms":
        key_id, _, query = rest.partition("?")
        parameters = parse_qs(query)
        if not key_id or set(parameters) != {"region"}:
            _misconfigured("AWS KMS needs a key and a region: aws-kms:alias/name?region=us-east-1")
        return AwsKmsService(key_id, parameters["region"][0])
    return _misconfigured("the key service is neither file:/path/to/key nor aws-kms:<key>?region=<region>")


def _misconfigured(sentence: str) -> NoReturn:
    raise KeyServiceMisconfigured(sentence)


class DataKey(bytes):
    """Thirty-two bytes that print as dots: tracebacks show the locals of every frame they pass."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"DataKey({DOTS})"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a DataKey is not pickled")
