"""Encryption of guarded texts and the keyed index that finds them.

SM4-GCM (GB/T 32907) hides the text, HMAC-SM3 (GB/T 32905) indexes it: the algorithms that
GB/T 39786 asks of public bodies, computed by OpenSSL. Callers know only `seal`, `unseal`
(and the same for bytes) and `blind_index`, so that a certified device can take this module's place.

Both keys are derived from the setting DATA_KEY. A sealed text is a version byte (1), a 12-byte
nonce, the cipher text and a 16-byte tag.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from pingtang_union.core.exceptions import DomainError

_VERSION = b"\x01"


@cache
def _keys(data_key: str) -> tuple[algorithms.SM4, HMAC]:
    def derive(purpose: bytes, length: int) -> bytes:
        return HKDF(algorithm=SM3(), length=length, salt=None, info=purpose).derive(bytes.fromhex(data_key))

    return algorithms.SM4(derive(b"pingtang-union seal 1", 16)), HMAC(derive(b"pingtang-union index 1", 32), SM3())


def seal(text: str) -> bytes:
    """Encrypt `text`; the same text gives another result each time."""
    return seal_bytes(text.encode())


def seal_all(texts: Sequence[str]) -> list[bytes]:
    """Encrypt many texts, in order: two thirds as costly as one by one."""
    key = _keys(settings.DATA_KEY)[0]
    nonces = os.urandom(12 * len(texts))
    tokens = []
    for at, text in enumerate(texts):
        nonce = nonces[12 * at : 12 * at + 12]
        encryptor = Cipher(key, modes.GCM(nonce)).encryptor()
        tokens.append(_VERSION + nonce + encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag)
    return tokens


def unseal(token: bytes) -> str:
    """Decrypt what `seal` made. Raises DomainError when the key is another one or the bytes were changed."""
    return unseal_bytes(token).decode()


def seal_bytes(content: bytes) -> bytes:
    """Encrypt bytes: a file, or rows that wait to be written."""
    nonce = os.urandom(12)
    encryptor = Cipher(_keys(settings.DATA_KEY)[0], modes.GCM(nonce)).encryptor()
    return b"".join((_VERSION, nonce, encryptor.update(content), encryptor.finalize(), encryptor.tag))


def unseal_bytes(token: bytes | memoryview) -> bytes:
    """Decrypt what `seal_bytes` made. Raises DomainError as `unseal` does."""
    return next(_unsealed([bytes(token)]))


def unseal_all(tokens: Iterable[bytes]) -> list[str]:
    """Decrypt many texts, in order: half as costly as one by one. Raises DomainError as `unseal` does."""
    return [text.decode() for text in _unsealed(tokens)]


def _unsealed(tokens: Iterable[bytes]) -> Iterator[bytes]:
    key = _keys(settings.DATA_KEY)[0]
    try:
        for token in tokens:
            if token[:1] != _VERSION:
                raise DomainError("加密数据的版本无法识别，请联系系统管理员。")
            decryptor = Cipher(key, modes.GCM(token[1:13], token[-16:])).decryptor()
            yield decryptor.update(token[13:-16]) + decryptor.finalize()
    except InvalidTag as error:
        raise DomainError("加密数据无法解开：DATA_KEY 与录入时不同，或数据被改动过。请联系系统管理员。") from error


def blind_index(text: str) -> str:
    """32 hex digits that are the same for the same text under the same key, and tell nothing without it."""
    mac = _keys(settings.DATA_KEY)[1].copy()
    mac.update(text.encode())
    return mac.finalize()[:16].hex()
