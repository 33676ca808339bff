"""The address of a live database: what is shown of it, and what never is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from hemostat.errors import EvidenceError
from hemostat.evidence.naming import shown

SCHEMES = {"postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mariadb"}
"""Scheme as given -> as shown."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and how to come in. Only ``name`` may be shown, stored or logged."""

    name: str
    """``postgresql://host/db``: without user, password and options."""
    scheme: str
    host: str
    port: int | None
    database: str
    whole: str = field(repr=False)
    """The address as given."""
    user: str = field(repr=False)
    password: str = field(repr=False)
    options: dict[str, str] = field(repr=False)


def parse_address(address: str) -> Address:
    """The parts of ``postgresql://user:password@host:port/database``, ``mysql://…`` or ``mariadb://…``.

    >>> parse_address("postgres://me:secret@db.example.org:5433/clinic?sslmode=require").name
    'postgresql://db.example.org:5433/clinic'

    Raises:
        EvidenceError: it cannot be told what is what. The address itself is not quoted: it may hold a password.
    """
    scheme = SCHEMES.get(address.partition("://")[0].lower())
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _unclear() from None
    rest = f"{parts.path}?{parts.query}#{parts.fragment}"
    server = parts.netloc.rpartition("@")[2]
    if scheme is None or parts.fragment or "@" in rest or (":" in server and port is None):
        raise _unclear()
    database = unquote(parts.path.strip("/"))
    if "/" in parts.path.strip("/"):
        raise _unclear()
    return Address(
        name=shown(f"{scheme}://{server}/{database}"),
        scheme=scheme,
        host=unquote(parts.hostname or ""),
        port=port,
        database=database,
        whole=address,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=dict(parse_qsl(parts.query, keep_blank_values=True)),
    )


def is_address(given: str) -> bool:
    """Whether this names a live database rather than a file.

    >>> is_address("postgresql://db.example.org/clinic"), is_address("patients.csv")
    (True, False)
    """
    scheme, mark, _ = given.partition("://")
    return bool(mark) and scheme.lower() in SCHEMES


def with_password(address: Address, password: str | None) -> Address:
    """The same address with a password, unless it holds one."""
    if password is None or address.password:
        return address
    scheme, _, rest = address.whole.partition("://")
    place = rest.partition("/")[0].rpartition("@")[2]
    after = rest[len(rest.partition("/")[0]) :]
    whole = f"{scheme}://{quote(address.user, safe='')}:{quote(password, safe='')}@{place}{after}"
    return replace(address, whole=whole, password=password)


def _unclear() -> EvidenceError:
    return EvidenceError(
        "The address of the database cannot be read: write it as postgresql://user:password@host/database, with the"
        " special characters of the password as %40 for @, %2F for /, %3A for : and %23 for #.",
        "L'adresse de la base ne se lit pas : écrivez-la postgresql://utilisateur:motdepasse@serveur/base, avec les"
        " caractères spéciaux du mot de passe sous la forme %40 pour @, %2F pour /, %3A pour : et %23 pour #.",
    )
