"""The key of a case: where it lies, what is derived from it, who else can recover it.

The key never lies in the case folder. The recovery copies that do are encrypted to a second custodian.
"""

import base64
import hashlib
import os
import secrets
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hemostat.errors import CaseError, UsageError, os_reason

_MARK = b"hemostat-key-1 "
_LEAST = 32
"""Octets a key file must hold when it was not written by this program."""


def default_key_file(case_id: str) -> Path:
    """Where the key of a case lies when ``--key-file`` is not given: the user's configuration folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "hemostat" / "keys" / f"{case_id}.key"


def controller_key(controller: str) -> bytes:
    """The key by which leaks of one controller are compared with each other, made at first use.

    It lies in the user's configuration folder and outlives the cases: a later case needs it.
    """
    name = hashlib.sha256(" ".join(controller.casefold().split()).encode()).hexdigest()[:16]
    path = default_key_file(f"controller-{name}")
    master = read_key(path) if path.is_file() else write_key(path, f"controller-{name}")
    return derive(master, b"fingerprints")


def write_key(path: Path, case_id: str) -> bytes:
    """A new key, written to ``path`` for the owner's eyes alone.

    Raises:
        CaseError: the file cannot be written.
    """
    master = secrets.token_bytes(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(_MARK + base64.b64encode(master) + b" " + case_id.encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError as fault:
        en, fr = os_reason(fault)
        raise CaseError(
            f"The key file {path} cannot be written ({en}): choose another with --key-file.",
            f"Le fichier de clé {path} ne peut pas être écrit ({fr}) : donnez-en un autre avec --key-file.",
        ) from None
    return master


def read_key(path: Path) -> bytes:
    """The 32-octet master key held by a key file, ours or any file of at least 32 octets.

    Raises:
        CaseError: no such file, or too short to be a key.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        en, fr = os_reason(fault)
        raise CaseError(
            f"The key file {path} cannot be read ({en}): say where the key lies with --key-file.",
            f"Le fichier de clé {path} est illisible ({fr}) : dites où est la clé avec --key-file.",
        ) from None
    if content.startswith(_MARK):
        return base64.b64decode(content[len(_MARK) :].split(b" ")[0].strip())
    if len(content) < _LEAST:
        raise CaseError(
            f"The file {path} is too short to be a key: say where the key lies with --key-file.",
            f"Le fichier {path} est trop court pour une clé : dites où est la clé avec --key-file.",
        )
    return derive(content, b"hemostat foreign key file")


def belongs_to(path: Path, case_id: str) -> bool:
    """Whether this key file was made for this case and no other."""
    try:
        return path.read_bytes().strip().endswith(b" " + case_id.encode())
    except OSError:
        return False


def derive(master: bytes, purpose: bytes, salt: bytes = b"") -> bytes:
    """A 32-octet key for one purpose. HKDF-SHA-256, RFC 5869."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt or None, info=purpose).derive(master)


def recovery_for(master: bytes, recipient: str) -> bytes:
    """The key encrypted to an age recipient (``age1…``), armoured. Source: age-encryption.org/v1.

    Raises:
        UsageError: not an age recipient.
    """
    try:
        to = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise UsageError(
            "The recovery recipient is not an age recipient: it should begin with age1.",
            "Le destinataire de secours n'est pas un destinataire age : il doit commencer par age1.",
        ) from None
    return bytes(pyrage.encrypt(_MARK + base64.b64encode(master), [to], armored=True))


def recovery_passphrase(master: bytes) -> tuple[str, bytes]:
    """A passphrase to print and lock away, and the key encrypted with it (age, scrypt), armoured.

    The passphrase has 80 random bits in four groups of four symbols without look-alikes (Crockford base 32).
    """
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    groups = ["".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4)]
    words = "-".join(groups)
    return words, bytes(pyrage.passphrase.encrypt(_MARK + base64.b64encode(master), words, armored=True))


def _as_printed(secret: str) -> str:
    """The passphrase as it was printed: Crockford's base 32 reads O as 0, I and L as 1."""
    symbols = secret.casefold().translate(str.maketrans("oil", "011", " -\N{EN DASH}\t\N{NO-BREAK SPACE}"))
    return "-".join(symbols[at : at + 4] for at in range(0, len(symbols), 4))


def recover(copies: list[bytes], secret: str, case_id: str = "") -> bytes:
    """The content of a key file, from recovery copies and a custodian's secret: age identity or passphrase.

    ``case_id`` is written into it, so that closing the case destroys this file too. A passphrase read from paper may
    come in capitals, with spaces, or with the letters that look like figures.

    Raises:
        CaseError: the secret opens none of them.
    """
    end = b" " + case_id.encode() + b"\n" if case_id else b"\n"
    for copy in copies:
        try:
            if secret.startswith("AGE-SECRET-KEY-"):
                return bytes(pyrage.decrypt(copy, [pyrage.x25519.Identity.from_str(secret)])) + end
            return bytes(pyrage.passphrase.decrypt(copy, _as_printed(secret))) + end
        except (pyrage.DecryptError, pyrage.IdentityError):
            continue
    raise CaseError(
        "This secret opens no recovery copy: ask the second custodian again.",
        "Ce secret n'ouvre aucune copie de secours : redemandez-le au second dépositaire.",
    )
