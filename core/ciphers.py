"""Secrets that are encrypted with a key that does not lie in the database."""

import base64
import hashlib
from functools import cached_property
from typing import Any

from core.errors import AddressError


class NoSecretKey(AddressError):
    """A secret must be encrypted or read, and the key for that is not configured."""


class WrongSecretKey(NoSecretKey):
    """A secret was encrypted with another key than those that are configured."""


class Cipher:
    """Encrypts with a key that is made from any text that is kept secret.

    What an older key has encrypted is still read. An empty secret needs no key.
    """

    def __init__(self, secret_key: str | None, older: str | None = None) -> None:
        self._secret_key, self._older = secret_key, older

    def encrypt(self, secret: str) -> str:
        """The secret as it is stored: never twice the same. Raises NoSecretKey."""
        if not secret:
            return ""
        return str(self._fernets[0].encrypt(secret.encode()).decode())

    def decrypt(self, stored: str) -> str:
        """The secret that was stored. Raises NoSecretKey, WrongSecretKey."""
        return self._decrypted(stored)[0] if stored else ""

    def renewed(self, stored: str) -> str:
        """What is to be stored instead: the same, if it is the newest key's already.

        Raises NoSecretKey, WrongSecretKey.
        """
        if not stored:
            return ""
        secret, is_newest = self._decrypted(stored)
        return stored if is_newest else self.encrypt(secret)

    def _decrypted(self, stored: str) -> tuple[str, bool]:
        """The secret, and whether the newest key has encrypted it."""
        fernets = self._fernets
        from cryptography.fernet import InvalidToken

        for fernet in fernets:
            try:
                secret = str(fernet.decrypt(stored.encode()).decode())
            except InvalidToken:
                continue
            return secret, fernet is fernets[0]
        raise WrongSecretKey

    @cached_property
    def _fernets(self) -> list[Any]:
        """What encrypts, and after it what is only read with."""
        if not self._secret_key:
            raise NoSecretKey
        # Imported where it is needed: most servers have no secret to read.
        from cryptography.fernet import Fernet

        keys = [key for key in (self._secret_key, self._older) if key]
        return [Fernet(derived(key)) for key in keys]


def derived(key: str) -> bytes:
    """A key of the right length, as Fernet takes it."""
    made = hashlib.blake2b(key.encode(), digest_size=32).digest()
    return base64.urlsafe_b64encode(made)
