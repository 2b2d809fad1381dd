"""Passkeys as they lie in the table: sealed to their person, like the seeds of authenticator apps.

allauth offers no hook for it, so its wrapper is replaced when the process starts. A public key is no secret; but whoever could
write one into somebody's row could sign in as them, and what is sealed cannot be written from outside.
"""

import json
import logging
from types import SimpleNamespace
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth

from agency.keyring import data_key
from agency.models import Person
from agency.sealing import Binding, CannotOpen, seal, unseal

logger = logging.getLogger(__name__)
_KEY = "second-factors"


class _Shut:
    """Stands for a credential that does not open: it is nobody's, and no key fits it."""

    credential_id = None

    def __bool__(self) -> bool:
        return False


class SealedWebAuthn(auth.WebAuthn):
    """One passkey."""

    @classmethod
    def add(cls, user: Person, name: str, credential: dict[str, Any]) -> "SealedWebAuthn":
        sealed = seal(data_key(_KEY, create=True), json.dumps(credential).encode(), _binding(user.pk)).hex()
        made = Authenticator(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": sealed})
        made.save()
        return cls(made)

    @property
    def authenticator_data(self) -> Any:
        credential = self._opened()
        if credential is None:
            return SimpleNamespace(credential_data=_Shut())
        return auth.parse_registration_response(credential).response.attestation_object.auth_data

    @property
    def is_passwordless(self) -> bool:
        """All of ours are: the browser is asked for nothing else."""
        return self._opened() is not None

    def _opened(self) -> dict[str, Any] | None:
        try:
            sealed = bytes.fromhex(self.instance.data["credential"])
            return json.loads(unseal(data_key(_KEY), sealed, _binding(self.instance.user_id)))
        except (CannotOpen, ValueError, TypeError, KeyError):
            logger.error("a passkey cannot be opened", extra={"facts": {"person": str(self.instance.user_id)}})
            return None


def _binding(person_id: Any) -> Binding:
    return Binding(
        workspace="", subject="people", table="mfa_authenticator", column="data", row=str(person_id), generation=0, purpose="passkey"
    )


def install() -> None:
    """Put it in the place where allauth looks for its own."""
    auth.WebAuthn = SealedWebAuthn
