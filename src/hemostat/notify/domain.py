"""Whether mail from the sender's domain can be told from forged mail: SPF, DKIM, DMARC, and a mailbox for bounces.

Only the sender's own domain is asked for, and only when messages are about to leave (rule L16 of the letters).
"""

from __future__ import annotations

import base64
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from hemostat.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Ask = Callable[[str, str], list[str]]
"""Asks for the records of a name and a type; gives their texts, none when there is no such name.

Raises:
    Refused: no server answers.
"""

SECONDS = 5.0
"""How long an answer is waited for."""
MOST_LOOKUPS = 10
"""Terms of a policy that ask for another name (RFC 7208, section 4.6.4)."""
_ASKING = re.compile(
    r"^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?:[:/]|$)|exists:|redirect=)", re.IGNORECASE
)
_LEAST_BITS, _GOOD_BITS = 1024, 2048


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the records of a domain, in a sentence. ``blocks``: letters would land among spam."""

    id: str
    fr: str
    en: str
    blocks: bool = True


def available() -> bool:
    """Whether the library that asks DNS is installed."""
    return importlib.util.find_spec("dns") is not None


def resolver(server: str | None = None) -> Ask:
    """Asks the servers of this machine, or one given as HOST:PORT (an address, not a name).

    Raises:
        UsageError: the server is not written as an address.
    """
    import dns.exception  # noqa: PLC0415 - optional, and not needed before messages leave
    import dns.resolver  # noqa: PLC0415 - same

    try:
        asked = dns.resolver.Resolver(configure=server is None)
        if server is not None:
            host, _, port = server.rpartition(":")
            asked.nameservers = [(host or server).strip("[]")]
            asked.port = int(port) if host else 53
    except (ValueError, dns.exception.DNSException):
        raise UsageError(
            "The DNS server is an address, with a port if need be, such as 192.0.2.53:53.",
            "Le serveur DNS est une adresse, avec un port au besoin, comme 192.0.2.53:53.",
        ) from None

    def ask(name: str, kind: str) -> list[str]:
        try:
            found = asked.resolve(f"{name}.", kind, lifetime=SECONDS, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException:
            raise Refused(
                f"DNS does not answer for {name}: nothing leaves unchecked. Try again, or give --domain-checked.",
                f"Le DNS ne répond pas pour {name} : rien ne part sans vérification. Recommencez, "
                "ou donnez --domain-checked.",
            ) from None
        if kind == "TXT":
            return [b"".join(one.strings).decode("utf-8", "replace") for one in found]
        return [str(one) for one in found]

    return ask


def check(domain: str, selectors: Sequence[str], ask: Ask) -> tuple[Fault, ...]:
    """What is wrong with the records of a domain, the gravest first. ``selectors``: names of its DKIM keys."""
    found = [*_spf(domain, ask), *_dkim(domain, selectors, ask), *_dmarc(domain, ask), *_mailbox(domain, ask)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


def _spf(domain: str, ask: Ask) -> Iterator[Fault]:
    policies = [text for text in ask(domain, "TXT") if text.lower().split(" ")[0] == "v=spf1"]
    if not policies:
        yield Fault(
            "spf_none",
            f"{domain} n'a pas d'enregistrement SPF : il faut dire quels serveurs envoient en son nom.",
            f"{domain} has no SPF record: say which servers send in its name.",
        )
        return
    if len(policies) > 1:
        yield Fault(
            "spf_many",
            f"{domain} a {len(policies)} enregistrements SPF : gardez-en un seul, sinon aucun ne vaut.",
            f"{domain} has {len(policies)} SPF records: keep a single one, else none counts.",
        )
        return
    terms = policies[0].lower().split()[1:]
    if sum(bool(_ASKING.match(term)) for term in terms) > MOST_LOOKUPS:
        yield Fault(
            "spf_long",
            f"Le SPF de {domain} demande plus de {MOST_LOOKUPS} autres noms : les messageries le refusent.",
            f"The SPF record of {domain} asks for more than {MOST_LOOKUPS} other names: mailbox providers refuse it.",
        )
    ends = [term for term in terms if term.lstrip("+-~?") == "all" or term.startswith("redirect=")]
    if not ends or ends[0] in ("all", "+all", "?all"):
        yield Fault(
            "spf_open",
            f"Le SPF de {domain} laisse n'importe quel serveur écrire en son nom : finissez-le par -all ou ~all.",
            f"The SPF record of {domain} lets any server write in its name: end it with -all or ~all.",
        )


def _dkim(domain: str, selectors: Sequence[str], ask: Ask) -> Iterator[Fault]:
    if not selectors:
        yield Fault(
            "dkim_unknown",
            "Donnez --dkim-selector : le nom de la clé DKIM. Il est dans l'en-tête DKIM-Signature de vos courriels, "
            "après « s= ».",
            "Give --dkim-selector: the name of the DKIM key. It stands in the DKIM-Signature header of your mail, "
            'after "s=".',
        )
    for selector in selectors:
        texts = ask(f"{selector}._domainkey.{domain}", "TXT")
        tags = _tags(texts[0]) if texts else {}
        if "p" not in tags:
            yield Fault(
                "dkim_none",
                f"{domain} n'a pas de clé DKIM du nom {selector} : les courriels ne peuvent pas être signés avec elle.",
                f"{domain} has no DKIM key named {selector}: mail cannot be signed with it.",
            )
        elif not tags["p"]:
            yield Fault(
                "dkim_revoked",
                f"La clé DKIM {selector} de {domain} est révoquée : signez avec une autre.",
                f"The DKIM key {selector} of {domain} is revoked: sign with another.",
            )
        else:
            yield from _key(domain, selector, tags)


def _key(domain: str, selector: str, tags: dict[str, str]) -> Iterator[Fault]:
    if tags.get("k", "rsa") != "rsa":
        return
    try:
        key = load_der_public_key(base64.b64decode(tags["p"], validate=True))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    bits = key.key_size if isinstance(key, RSAPublicKey) else 0
    if bits < _LEAST_BITS:
        yield Fault(
            "dkim_weak",
            f"La clé DKIM {selector} de {domain} est illisible ou trop courte : il faut au moins {_LEAST_BITS} bits.",
            f"The DKIM key {selector} of {domain} cannot be read or is too short: at least {_LEAST_BITS} bits.",
        )
    elif bits < _GOOD_BITS:
        yield Fault(
            "dkim_short",
            f"La clé DKIM {selector} de {domain} n'a que {bits} bits : {_GOOD_BITS} vaudraient mieux.",
            f"The DKIM key {selector} of {domain} has only {bits} bits: {_GOOD_BITS} would be better.",
            blocks=False,
        )


def _dmarc(domain: str, ask: Ask) -> Iterator[Fault]:
    labels = domain.split(".")
    policies: list[str] = []
    for place in range(max(1, len(labels) - 1)):
        policies = [text for text in ask(f"_dmarc.{'.'.join(labels[place:])}", "TXT") if _is_dmarc(text)]
        if policies:
            break
    if len(policies) != 1:
        wrong = "n'a pas de règle DMARC" if not policies else "a plusieurs règles DMARC"
        wrong_en = "no DMARC policy" if not policies else "several DMARC policies"
        yield Fault(
            "dmarc_none",
            f"{domain} {wrong} : publiez-en une au nom _dmarc.{domain}, sinon n'importe qui peut imiter vos lettres.",
            f"{domain} has {wrong_en}: publish one at _dmarc.{domain}, else anybody can imitate your letters.",
        )
        return
    tags = _tags(policies[0])
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        yield Fault(
            "dmarc_wrong",
            f"La règle DMARC de {domain} n'est pas lisible : il lui faut p=none, p=quarantine ou p=reject.",
            f"The DMARC policy of {domain} cannot be read: it needs p=none, p=quarantine or p=reject.",
        )
    elif policy == "none":
        yield Fault(
            "dmarc_open",
            f"La règle DMARC de {domain} est p=none : un faux courriel à votre nom arrive quand même. "
            "p=quarantine ou p=reject protège les personnes.",
            f"The DMARC policy of {domain} is p=none: forged mail in your name still arrives. "
            "p=quarantine or p=reject protects people.",
            blocks=False,
        )


def _is_dmarc(text: str) -> bool:
    return re.match(r"v\s*=\s*DMARC1\s*(;|$)", text) is not None


def _mailbox(domain: str, ask: Ask) -> Iterator[Fault]:
    exchanges = [text.split()[-1] for text in ask(domain, "MX")]
    if exchanges == ["."] or (not exchanges and not ask(domain, "A") and not ask(domain, "AAAA")):
        yield Fault(
            "no_mailbox",
            f"{domain} ne reçoit pas de courriel : les retours de lettres non remises seraient perdus.",
            f"{domain} takes no mail: the returns of letters not delivered would be lost.",
        )


def _tags(text: str) -> dict[str, str]:
    """The tags of a DKIM key or DMARC policy: ``name=value`` pairs between semicolons, spaces left out."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, equal, value in pairs if equal}
