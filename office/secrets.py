"""Encryption of personal data in the database, with keys that can be changed, and blind indexes for exact search.

A token is ``kid$base64(nonce + ciphertext)``, AES-256-GCM. The context (table and column) is authenticated with it, so
that a token copied into another column does not decrypt there.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}", re.ASCII)


class BadKeys(ValueError):
    """The configured keys cannot be used. The message never contains key material."""


class BadToken(ValueError):
    """A stored value cannot be decrypted: unknown key, another context, or changed bytes."""


class KeyRing:
    """The keys in force: the first encrypts, all decrypt, a separate one makes blind indexes."""

    def __init__(self, keys: dict[str, bytes], index_key: bytes) -> None:
        """``keys`` maps key id to 32 bytes, the current one first."""
        if not keys:
            raise BadKeys("no field key is configured")
        if any(len(key) != KEY_BYTES for key in (*keys.values(), index_key)):
            raise BadKeys(f"every key must be {KEY_BYTES} bytes")
        if index_key in keys.values():
            raise BadKeys("the index key must differ from the field keys")
        self.current = next(iter(keys))
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.items()}
        self._index_key = index_key

    @classmethod
    def parse(cls, field_keys: str, index_key: str) -> Self:
        """Reads ``kid:base64,kid2:base64`` and the base64 index key, as they stand in the environment."""
        keys: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in field_keys.split(","))):
            kid, colon, text = entry.partition(":")
            if not colon or not _KEY_ID.fullmatch(kid):
                raise BadKeys("field keys are written kid:base64,kid:base64")
            if kid in keys:
                raise BadKeys(f"key id {kid} occurs twice")
            keys[kid] = _decode(text, f"key {kid}")
        return cls(keys, _decode(index_key, "the index key"))

    def encrypt(self, text: str, context: str) -> str:
        """A fresh token for ``text``, bound to ``context``."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), context.encode())
        return f"{self.current}${base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, context: str) -> str:
        """The text of a token; BadToken when it was not made by these keys for this context."""
        kid, _, payload = token.partition("$")
        cipher = self._ciphers.get(kid)
        if cipher is None:
            raise BadToken(f"no key {kid[:16]!r} for a value of {context}")
        try:
            sealed = base64.b64decode(payload, validate=True)
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise BadToken(f"a value of {context} was changed or belongs elsewhere") from None

    def needs_rotation(self, token: str) -> bool:
        """Whether a token was made with a key that is no longer the current one."""
        return not token.startswith(f"{self.current}$")

    def blind_index(self, text: str) -> str:
        """32 hex digits that are equal for equal texts and tell nothing without the index key.

        Spaces around and letter case do not matter, so that a search for …x finds …X.
        """
        return hmac.digest(self._index_key, text.strip().upper().encode(), hashlib.sha256).hex()[:32]

    def derived_key(self, purpose: str) -> bytes:
        """A key of its own for one purpose, the same as long as the index key stays."""
        return hmac.digest(self._index_key, f"key for {purpose}".encode(), hashlib.sha256)


def new_key() -> str:
    """A random key in the form that the settings hold."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _decode(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise BadKeys(f"{name} is not base64") from None
