"""Files for controllers, encrypted: with the controller's own key, else so that an office can open them on Windows.

Without a key, the file is a ZIP archive with AES-256 (the WinZip format, which 7-Zip opens); its passphrase stands on a
slip that travels another way. That format stretches a passphrase little, so the passphrase itself has a hundred random
bits. Inside stands one archive: the names of its files are hidden with them. Windows Explorer cannot open it by itself.
"""

from __future__ import annotations

import importlib.util
import io
import secrets
from typing import Any

import pyrage

from hemostat.errors import UsageError

_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's thirty-two in small letters: no look-alikes."""
_GROUPS, _LENGTH = 5, 4
INSIDE = "dossier.zip"

_SLIP = """Phrase de passe du dossier {name}

    {secret}

Donnez-la par une autre voie que le dossier : par téléphone, ou par courrier. Jamais dans le même message.
Pour ouvrir : logiciel 7-Zip (gratuit) ou WinZip, puis le fichier {inside} qui est dedans.
L'explorateur de Windows, seul, n'ouvre pas ce chiffrement.
Vous avez une clé age ? Donnez-la à qui vous envoie ce dossier : il sera chiffré pour elle, sans phrase de passe.
"""
_AGE_SLIP = """Clé du dossier {name}, à remettre à part, jamais avec lui (logiciel age) :

{secret}
"""


def available() -> bool:
    """Whether the library that writes encrypted ZIP archives is installed."""
    return importlib.util.find_spec("pyzipper") is not None


def ending(key: str | None) -> str:
    """The ending of a file's name: what it is opened with."""
    return ".zip" if key is None and available() else ".zip.age"


def sealed(content: bytes, key: str | None, name: str) -> tuple[bytes, str | None]:
    """An archive encrypted for its controller; and the slip, when a secret had to be made."""
    if key:
        return bytes(pyrage.encrypt(content, [recipient(key, 0)])), None
    if not available():
        identity = pyrage.x25519.Identity.generate()
        slip = _AGE_SLIP.format(name=name, secret=identity)
        return bytes(pyrage.encrypt(content, [identity.to_public()])), slip
    secret = passphrase()
    return _zipped(content, secret), _SLIP.format(name=name, secret=secret, inside=INSIDE)


def passphrase() -> str:
    """A hundred random bits in five groups of four symbols, easy to say on the phone."""
    return "-".join("".join(secrets.choice(_SYMBOLS) for _ in range(_LENGTH)) for _ in range(_GROUPS))


def _zipped(content: bytes, secret: str) -> bytes:
    import pyzipper  # noqa: PLC0415 - optional

    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(secret.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.writestr(INSIDE, content)
    return out.getvalue()


def recipient(key: str, line: int) -> Any:
    """The age recipient of a controller.

    Raises:
        UsageError: it is none; the message names the line of tenants.csv.
    """
    try:
        return pyrage.x25519.Recipient.from_str(key.strip())
    except (pyrage.RecipientError, ValueError, TypeError):
        raise UsageError(
            f"tenants.csv, line {line}: the key must be an age recipient (age1…).",
            f"tenants.csv, ligne {line} : la clé doit être un destinataire age (age1…).",
        ) from None
