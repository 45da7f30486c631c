"""Ed25519: keys in their written forms, and the one door to `cryptography`, lazily opened. Pure.

A public key is 64 hexadecimal digits in messages, and PEM in files as openssl has them.
Source: RFC 8032 (Ed25519), RFC 8410 clauses 4, 7 and 10 (SubjectPublicKeyInfo, PKCS #8), RFC 7468.
"""

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final, NoReturn

from cloud_bridge.errors import MessageError, reason

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ALGORITHM: Final = "Ed25519"
NO_PUBLIC_KEY: Final = reason("no Ed25519 public key, in PEM or as 64 hexadecimal digits")
NO_PRIVATE_KEY: Final = reason("no Ed25519 private key in PEM")
WRONG_SIGNATURE: Final = reason("the signature does not fit: signed was something else")

# SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 32 bytes }
_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
_PEM: Final = re.compile(
    r"\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]{1,200})-----END PUBLIC KEY-----\s*"
)
_HEX: Final = re.compile(r"\s*([0-9A-Fa-f]{64})\s*")


class SigningKey:
    """A private key; it signs, and shows nothing but its public half."""

    __slots__ = ("_key", "public")

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public: Final = key.public_key().public_bytes_raw().hex()
        """64 hexadecimal digits."""

    @classmethod
    def new(cls) -> "SigningKey":
        """A key that nobody had before."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: str) -> "SigningKey":
        """The key in a file of `to_pem` or of openssl.

        Raises:
            MessageError: none is in it; the text is nowhere in the error.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise MessageError(NO_PRIVATE_KEY)
        return cls(key)

    def to_pem(self) -> str:
        """For a file that nobody else may read."""
        from cryptography.hazmat.primitives import serialization as form

        return self._key.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
        ).decode()

    def sign(self, message: bytes) -> str:
        """The signature of `message`, 128 hexadecimal digits."""
        return self._key.sign(message).hex()

    def __repr__(self) -> str:
        return f"SigningKey(public={self.public})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not copied")


def check_signature(public: str, signature: str, message: bytes) -> None:
    """Passes where the key `public` made `signature` (both hexadecimal) over `message`.

    Raises:
        MessageError: it did not.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        raise MessageError(WRONG_SIGNATURE) from None


def public_pem(public: str) -> str:
    """A public key as openssl reads it."""
    body = base64.b64encode(_SPKI + bytes.fromhex(public)).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def fingerprint(public: str) -> str:
    """SHA-256 over the key's DER form (SubjectPublicKeyInfo), 64 hexadecimal digits.

    As `openssl pkey -pubin -in gw.pem -outform DER | sha256sum` gives it.
    """
    return hashlib.sha256(_SPKI + bytes.fromhex(public)).hexdigest()


def public_key_in(text: str) -> str:
    """The public key that a file's text holds, as 64 lower-case hexadecimal digits.

    Raises:
        MessageError: none, another algorithm's, or more than one.
    """
    if digits := _HEX.fullmatch(text):
        return digits[1].lower()
    if block := _PEM.fullmatch(text):
        try:
            der = base64.b64decode("".join(block[1].split()), validate=True)
        except binascii.Error:
            der = b""
        if der.startswith(_SPKI) and len(der) == len(_SPKI) + 32:
            return der.removeprefix(_SPKI).hex()
    raise MessageError(NO_PUBLIC_KEY)
