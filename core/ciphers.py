"""Secrets that are encrypted with a key that does not lie in the database."""

import base64
import hashlib
from functools import cached_property
from typing import Any

from core.errors import AddressError


class NoSecretKey(AddressError):
    """A secret must be encrypted or read, and the key for that is not configured."""


class Cipher:
    """Encrypts and decrypts with a key that is made from any text that is kept secret.

    An empty secret needs no key.
    """

    def __init__(self, secret_key: str | None) -> None:
        self._secret_key = secret_key

    def encrypt(self, secret: str) -> str:
        """The secret as it is stored: never twice the same. Raises NoSecretKey."""
        if not secret:
            return ""
        return str(self._fernet.encrypt(secret.encode()).decode())

    def decrypt(self, stored: str) -> str:
        """The secret that was stored. Raises NoSecretKey, also for another key's."""
        if not stored:
            return ""
        fernet = self._fernet
        from cryptography.fernet import InvalidToken

        try:
            return str(fernet.decrypt(stored.encode()).decode())
        except InvalidToken:
            raise NoSecretKey from None

    @cached_property
    def _fernet(self) -> Any:
        if not self._secret_key:
            raise NoSecretKey
        # Imported where it is needed: most servers have no secret to read.
        from cryptography.fernet import Fernet

        derived = hashlib.blake2b(self._secret_key.encode(), digest_size=32).digest()
        return Fernet(base64.urlsafe_b64encode(derived))
