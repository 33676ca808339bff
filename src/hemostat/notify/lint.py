"""The check of letters: rules L01 to L22 over the final text of each letter, whoever wrote its template. Pure.

A rule reads the letter and what is known of its person; it never trusts the template. Source: GDPR art. 34(2), and the
decision of 8 January 2026 on a vague e-mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from hemostat.assess import CALLED_FIRST, intimate_mask
from hemostat.assess.combination import whole_mask
from hemostat.notify.readability import ease
from hemostat.notify.wording import group_mask, groups_in, named, names
from hemostat.rules import bit, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_FILE = "letters"
LEAST_FLESCH = 70
MOST_WORDS = 15
_MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_DATE = re.compile(
    rf"\b(?:1er|\d{{1,2}}) (?:{_MONTH}) \d{{4}}\b|\b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b", re.IGNORECASE
)
_LEARNT = re.compile(
    r"\b(?:appris|découvert|constaté|informé|informés|alerté|alertés|prévenu|prévenus|signalé|vu)\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:avons|a été|ont été|est|sont)\b", re.IGNORECASE)
_LINK = re.compile(r"https?:|www\.|<a\b|<img|href|mailto:|bit\.ly", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<![@\w.-])(?:[\w-]+\.)+(?:fr|com|org|net|eu|info|io|gouv)\b", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\+33[ .]?|0)[1-9](?:[ .]?\d\d){4}(?!\d)")
_NIR = re.compile(
    r"(?<!\d)[12][ .]?\d\d[ .]?(?:\d\d)[ .]?(?:\d\d|2[AB])[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d\d)?(?!\d)"
)
_ASKS = re.compile(
    r"\b(?:donnez|communiquez|envoyez|indiquez|saisissez|confirmez|transmettez|fournissez|répondez avec)\b[^.\n]{0,60}"
    r"\b(?:numéro de sécurité sociale|date de naissance|carte|mot de passe|code reçu|rib|iban)\b",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\b(?:jamais|ne|n')\b|n'", re.IGNORECASE)
_LEAKED = re.compile(r"\b(?:copi|publi|vol[ée]|divulgu|diffus|fuit|expos)", re.IGNORECASE)
_FULL_NAME = re.compile(r"\b[A-ZÀ-Ý][\w'-]+ [A-ZÀ-Ý][\w'-]+")
_ACTION = re.compile(r"^\d\. .+$", re.MULTILINE)
_TOKENS = ("0000-0000-0000", "⟦a⟧", "⟦b⟧", "⟦c⟧", "⟦d⟧")
"""What stands for a person's own texts, code first, when letters are compared."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it would leave, and what is known of its person.

    ``mask``: the person's categories; ``values``: the texts of this person that stand in the letter, the code first.
    """

    text: str
    subject: str
    channel: str
    mask: int
    values: tuple[str, ...] = ()
    minor: bool = False
    deceased: bool = False
    to_guardian: bool = False
    shared_contact: bool = False
    other_channel: bool = True


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of the case: the contact that letters may name, and what was said of rules and remarks."""

    own_contacts: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()
    remarks_reviewed: bool = False
    mailbox_unsafe: bool = False
    overridden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a letter does not meet."""

    rule: str
    refuse: bool
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: whether it refuses, its wording, whether a person may override it."""

    id: str
    refuse: bool
    fr: str
    en: str
    may_be_overridden: bool


@cache
def lint_rules() -> dict[str, Rule]:
    """The rules, by id."""
    found = rows(_FILE, "rule", {"id": str, "effect": str, "fr": str, "en": str, "may_be_overridden": bool})
    return {
        row["id"]: Rule(row["id"], row["effect"] == "refuse", row["fr"], row["en"], row["may_be_overridden"])
        for row in found
    }


def parts(text: str) -> dict[str, str]:
    """The parts of a letter by their headings; what stands before the first is ``head``."""
    by_heading = {heading: name for name, heading in names().headings.items()}
    found: dict[str, list[str]] = {"head": []}
    here = "head"
    for line in text.splitlines():
        if line.strip() in by_heading:
            here = by_heading[line.strip()]
            found.setdefault(here, [])
        else:
            found[here].append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def lint(letter: Letter, around: Around) -> tuple[Breach, ...]:
    """The rules that a letter does not meet, in order; an overridden one is left out."""
    held = parts(letter.text)
    rules = lint_rules()
    broken = [name for name, fails in CHECKS.items() if fails(letter, held, around)]
    return tuple(
        Breach(name, rules[name].refuse, rules[name].fr, rules[name].en)
        for name in broken
        if not (rules[name].may_be_overridden and name in around.overridden)
    )


def lint_all(
    letters: Iterable[Letter], around: Around, verdicts: dict[Letter, tuple[Breach, ...]] | None = None
) -> Iterator[tuple[Breach, ...]]:
    """The breaches of each letter, in order.

    Letters that differ only by their person's own texts share a verdict: those texts are checked one by one, taken out
    of the final text, and what remains is judged once. A letter with any other difference is judged for itself.
    ``verdicts``: what earlier calls with the same ``around`` judged already; added to.
    """
    verdicts = {} if verdicts is None else verdicts
    for letter in letters:
        if any(not plain(value) for value in letter.values):
            yield lint(letter, around)
            continue
        rest = letter.text
        for token, value in zip(_TOKENS, letter.values, strict=False):
            rest = rest.replace(value, token)
        bare = replace(letter, text=rest, values=())
        found = verdicts.get(bare)
        if found is None:
            found = verdicts[bare] = lint(bare, around)
        yield found


def plain(value: str) -> bool:
    """Whether a person's own text is only a name, a code or a word: nothing that a rule could refuse.

    A short one, or one that letters say anyway, would also be taken out elsewhere, and could hide what stands there.
    """
    fits = 3 < len(value) < 80  # noqa: PLR2004
    return fits and not _TELLING.search(value) and value.lower() not in _said_anyway()


_TELLING = re.compile(r"[@/<>:\n⟦]|\d{5}|\.[a-z]|www")


@cache
def _said_anyway() -> str:
    """All that letters say whoever the person is, as one text."""
    words = names()
    forms = [form for some in words.forms.values() for form in some]
    told = [phrase for phrase, _ in words.groups.values()] + [phrase for _, phrase in words.absent]
    return "\n".join(
        [*words.phrases.values(), *words.coarse.values(), *words.headings.values(), *forms, *told]
    ).lower()


# -- the rules, one by one: each says whether the letter fails it

Parts = dict[str, str]


def _what(letter: Letter, held: Parts, _around: Around) -> bool:
    text = letter.text if letter.channel == "sms" else held.get("what", "")
    return not _DATE.search(text) or (letter.channel != "sms" and not _LEARNT.search(text))


def _right_data(letter: Letter, held: Parts, _around: Around) -> bool:
    expected = named(letter.mask, letter.channel)
    if letter.channel == "sms":
        return _names_wrong(letter.text, letter)
    listed = [line[2:].rstrip(" ;.") for line in held.get("out", "").splitlines() if line.startswith("- ")]
    if sorted(listed) != sorted(expected):
        return True
    told = "\n".join(
        held.get(part, "") for part in ("head", "what", "out", "risk", "measures", "contact", "proof")
    )
    others = "\n".join(held.get(part, "") for part in ("not_out", "actions", "asks", "rights"))
    claims = "\n".join(
        sentence
        for sentence in re.split(r"[.\n]", others)
        if _LEAKED.search(sentence) and not _NEVER.search(sentence)
    )
    return _names_wrong(told, letter) or _names_wrong(claims, letter)


def _names_wrong(text: str, letter: Letter) -> bool:
    """Whether a text names a category that is not out for this person, or too finely for the channel."""
    allowed = set(named(letter.mask, letter.channel))
    for phrase in sorted(allowed, key=len, reverse=True):
        text = text.replace(phrase, "")
    for name, pattern in _forms().items():
        if pattern.search(text):
            mine = letter.mask >> bit(name) & 1
            if not mine or (names().phrases[name] not in allowed):
                return True
    return False


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    """How each category is named in a text; abbreviations only in capitals."""
    return {
        name: re.compile(
            "|".join(rf"\b{form if form.isupper() else f'(?i:{form})'}\b" for form in map(re.escape, forms))
        )
        for name, forms in names().forms.items()
        if forms and not name.startswith("remark_")
    }


def _consequences(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        return False
    risk = held.get("risk", "").lower()
    marks = names().groups
    return any(not any(mark in risk for mark in marks[group][1]) for group in groups_in(letter.mask))


def _measures(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        return False
    lines = re.split(r"[.\n]", held.get("measures", ""))
    return not any(_DATE.search(line) and _DONE.search(line) and not banned_in("L04", line) for line in lines)


def _actions(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        return False
    text = held.get("actions", "")
    count = len(_ACTION.findall(text))
    return not 1 <= count <= 3 or text.count("Quand : ") != count or text.count("Pourquoi : ") != count  # noqa: PLR2004


def _contact(letter: Letter, held: Parts, around: Around) -> bool:
    text = letter.text if letter.channel == "sms" else held.get("contact", "")
    answers = _PHONE.search(text) or any(contact in text for contact in around.own_contacts)
    return not answers or (letter.channel != "sms" and not _FULL_NAME.search(text))


def _hedges(letter: Letter, held: Parts, _around: Around) -> bool:
    facts = (
        letter.text
        if not held.get("what")
        else "\n".join(held.get(p, "") for p in ("head", "what", "out", "measures"))
    )
    return banned_in("L07", facts)


def _false_comfort(letter: Letter, _held: Parts, _around: Around) -> bool:
    return banned_in("L08", letter.text)


def _links(letter: Letter, _held: Parts, around: Around) -> bool:
    whole = re.sub(r"\bne cliquez pas\b", "", f"{letter.subject}\n{letter.text}", flags=re.IGNORECASE)
    if _LINK.search(whole) or banned_in("L09", whole):
        return True
    allowed = _official_domains() | around.own_domains
    return any(found.lower() not in allowed for found in _DOMAIN.findall(_MAIL.sub("", whole)))


@cache
def _official_domains() -> frozenset[str]:
    return frozenset(row["id"] for row in rows(_FILE, "domain", {"id": str}))


def _values(letter: Letter, held: Parts, around: Around) -> bool:
    whole = f"{letter.subject}\n{letter.text}"
    if _NIR.search(whole) or _themes().search(whole):
        return True
    if letter.mask & group_mask("remarks"):
        return letter.channel != "post" or not around.remarks_reviewed
    if letter.channel == "post":
        return False
    told = "\n".join(held.get(part, "") for part in ("head", "what", "out", "risk", "measures"))
    return any(pattern.search(told) for name, pattern in _forms().items() if intimate_mask() >> bit(name) & 1)


@cache
def _themes() -> re.Pattern[str]:
    """Words that would tell the theme of a remark."""
    told = [form for name, forms in names().forms.items() if name.startswith("remark_") for form in forms]
    return re.compile("|".join(rf"\b{re.escape(form)}" for form in told), re.IGNORECASE)


def _neutral(letter: Letter, _held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        coarse = names().coarse["care"]
        return banned_in("L11", letter.text.replace(coarse, ""))
    return banned_in("L11", letter.subject)


def _asks(letter: Letter, held: Parts, _around: Around) -> bool:
    for sentence in re.split(r"[.\n]", letter.text):
        if _ASKS.search(sentence) and not _NEVER.search(sentence):
            return True
    return letter.channel != "sms" and "jamais" not in held.get("asks", "")


def _one_subject(letter: Letter, _held: Parts, _around: Around) -> bool:
    return banned_in("L13", f"{letter.subject}\n{letter.text}")


def _channel(letter: Letter, _held: Parts, around: Around) -> bool:
    opened = whole_mask(["password"]) & letter.mask and whole_mask(["email"]) & letter.mask
    return letter.channel == "email" and bool(around.mailbox_unsafe or opened)


def _addressee(letter: Letter, _held: Parts, _around: Around) -> bool:
    return (
        letter.deceased
        or (letter.minor and not letter.to_guardian)
        or (letter.shared_contact and letter.channel != "post")
        or bool(letter.mask & whole_mask(CALLED_FIRST))
    )


def _others(letter: Letter, _held: Parts, around: Around) -> bool:
    whole = f"{letter.subject}\n{letter.text}"
    return any(found not in around.own_contacts for found in (*_MAIL.findall(whole), *_PHONE.findall(whole)))


def _absent(letter: Letter, held: Parts, _around: Around) -> bool:
    return letter.channel != "sms" and not held.get("not_out")


def _proof(letter: Letter, held: Parts, _around: Around) -> bool:
    return letter.channel != "sms" and not re.search(
        r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", held.get("proof", "")
    )


def _rights(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        return False
    text = "\n".join(held.get(part, "") for part in ("rights", "head", "what", "contact")).lower()
    wanted = ("copie", "cnil", "plainte", "pas de votre faute")
    return (
        not all(word in text for word in wanted)
        or not re.search(r"excuse|désol", text)
        or not _DATE.search(held.get("rights", "") + held.get("contact", ""))
    )


def _plain_french(letter: Letter, _held: Parts, _around: Around) -> bool:
    found = ease(letter.text)
    return found.flesch < LEAST_FLESCH or found.longest > MOST_WORDS


def _one_way_only(letter: Letter, _held: Parts, _around: Around) -> bool:
    return letter.channel != "post" and not letter.other_channel


def banned_in(rule: str, text: str) -> bool:
    """Whether a text holds words that a rule bans."""
    return bool(_banned_words()[rule].search(text))


@cache
def _banned_words() -> dict[str, re.Pattern[str]]:
    found: dict[str, list[str]] = {}
    for row in rows(_FILE, "banned", {"id": str, "rule": str, "words": list}):
        found.setdefault(row["rule"], []).extend(row["words"])
    return {
        rule: re.compile("|".join(rf"\b{re.escape(w)}" for w in words), re.IGNORECASE)
        for rule, words in found.items()
    }


CHECKS: dict[str, Callable[[Letter, Parts, Around], bool]] = {
    "L01": _what,
    "L02": _right_data,
    "L03": _consequences,
    "L04": _measures,
    "L05": _actions,
    "L06": _contact,
    "L07": _hedges,
    "L08": _false_comfort,
    "L09": _links,
    "L10": _values,
    "L11": _neutral,
    "L12": _asks,
    "L13": _one_subject,
    "L14": _channel,
    "L15": _addressee,
    "L17": _others,
    "L18": _absent,
    "L19": _proof,
    "L20": _rights,
    "L21": _plain_french,
    "L22": _one_way_only,
}
"""Every rule that a text can break; L16 (authentication of the sending domain) is checked when messages leave."""
