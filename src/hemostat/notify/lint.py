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
from hemostat.notify.tongues import TONGUES
from hemostat.notify.wording import LANGUAGES, group_mask, groups_in, named, names
from hemostat.rules import bit, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_FILE = "letters"
_LINK = re.compile(r"https?:|www\.|<a\b|<img|href|mailto:|bit\.ly", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<![@\w.-])(?:[\w-]+\.)+(?:fr|com|org|net|eu|info|io|gouv)\b", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\+33[ .]?|0)[1-9](?:[ .]?\d\d){4}(?!\d)")
_NIR = re.compile(
    r"(?<!\d)[12][ .]?\d\d[ .]?(?:\d\d)[ .]?(?:\d\d|2[AB])[ .]?\d{3}[ .]?\d{3}(?:[ .]?\d\d)?(?!\d)"
)
_FULL_NAME = re.compile(r"\b[A-ZÀ-Ý][\w'-]+ [A-ZÀ-Ý][\w'-]+")
_ACTION = re.compile(r"^\d\. .+$", re.MULTILINE)
_TOKENS = ("0000-0000-0000", "⟦a⟧", "⟦b⟧", "⟦c⟧", "⟦d⟧")
"""What stands for a person's own texts, code first, when letters are compared."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter as it would leave, and what is known of its person.

    ``mask``: the person's categories; ``values``: the texts of this person that stand in the letter, the code first;
    ``brief``: it names no data, because several people read the mailbox; ``to_guardian``: it is addressed to whoever
    acts for the person.
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
    protected: bool = False
    brief: bool = False
    lang: str = "fr"

    @property
    def short(self) -> bool:
        """Whether it only says that something happened and whom to ask: an SMS, or a brief message."""
        return self.brief or self.channel == "sms"


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
    by_heading = {heading: name for lang in LANGUAGES for name, heading in names(lang).headings.items()}
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
    found: list[str] = []
    for words in map(names, LANGUAGES):
        found += [*words.phrases.values(), *words.coarse.values(), *words.headings.values()]
        found += [form for some in words.forms.values() for form in some]
        found += [phrase for phrase, _ in words.groups.values()] + [phrase for _, phrase in words.absent]
    return "\n".join(found).lower()


# -- the rules, one by one: each says whether the letter fails it

Parts = dict[str, str]


def _what(letter: Letter, held: Parts, _around: Around) -> bool:
    tongue = TONGUES[letter.lang]
    text = letter.text if letter.channel == "sms" else held.get("what", "")
    return not tongue.date.search(text) or (letter.channel != "sms" and not tongue.learnt.search(text))


def _right_data(letter: Letter, held: Parts, _around: Around) -> bool:
    allowed = () if letter.brief else named(letter.mask, letter.channel, letter.lang)
    if letter.channel == "sms":
        return _names_wrong(letter.text, letter, allowed)
    listed = [line[2:].rstrip(" ;.") for line in held.get("out", "").splitlines() if line.startswith("- ")]
    if sorted(listed) != sorted(allowed):
        return True
    told = "\n".join(
        held.get(part, "") for part in ("head", "what", "out", "risk", "measures", "contact", "proof")
    )
    others = "\n".join(held.get(part, "") for part in ("not_out", "actions", "asks", "rights"))
    tongue = TONGUES[letter.lang]
    claims = "\n".join(
        sentence
        for sentence in re.split(r"[.\n]", others)
        if tongue.leaked.search(sentence) and not tongue.denied.search(sentence)
    )
    return _names_wrong(told, letter, allowed) or _names_wrong(claims, letter, allowed)


def _names_wrong(text: str, letter: Letter, allowed: tuple[str, ...]) -> bool:
    """Whether a text names a category that is not out for this person, or too finely for the channel."""
    for phrase in sorted(allowed, key=len, reverse=True):
        text = text.replace(phrase, "")
    for name, pattern in _forms(letter.lang).items():
        if pattern.search(text):
            mine = letter.mask >> bit(name) & 1
            if not mine or (names(letter.lang).phrases[name] not in allowed):
                return True
    return False


@cache
def _forms(lang: str) -> dict[str, re.Pattern[str]]:
    """How each category is named in a text; abbreviations only in capitals."""
    return {
        name: re.compile(
            "|".join(rf"\b{form if form.isupper() else f'(?i:{form})'}\b" for form in map(re.escape, forms))
        )
        for name, forms in names(lang).forms.items()
        if forms and not name.startswith("remark_")
    }


def _consequences(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.short:
        return False
    risk = held.get("risk", "").lower()
    marks = names(letter.lang).groups
    return any(not any(mark.lower() in risk for mark in marks[group][1]) for group in groups_in(letter.mask))


def _measures(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.short:
        return False
    tongue = TONGUES[letter.lang]
    lines = re.split(r"[.\n]", held.get("measures", ""))
    return not any(
        tongue.date.search(line) and tongue.done.search(line) and not banned_in("L04", line, letter.lang)
        for line in lines
    )


def _actions(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.short:
        return False
    tongue = TONGUES[letter.lang]
    text = held.get("actions", "")
    count = len(_ACTION.findall(text))
    whens, whys = text.count(tongue.when), text.count(tongue.why)
    return not 1 <= count <= 3 or whens != count or whys != count  # noqa: PLR2004


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
    return banned_in("L07", facts, letter.lang)


def _false_comfort(letter: Letter, _held: Parts, _around: Around) -> bool:
    return banned_in("L08", letter.text, letter.lang)


def _links(letter: Letter, _held: Parts, around: Around) -> bool:
    whole = TONGUES[letter.lang].do_not_click.sub("", f"{letter.subject}\n{letter.text}")
    if _LINK.search(whole) or banned_in("L09", whole, letter.lang):
        return True
    allowed = _official_domains() | around.own_domains
    return any(found.lower() not in allowed for found in _DOMAIN.findall(_MAIL.sub("", whole)))


@cache
def _official_domains() -> frozenset[str]:
    return frozenset(row["id"] for row in rows(_FILE, "domain", {"id": str}))


def _values(letter: Letter, held: Parts, around: Around) -> bool:
    whole = f"{letter.subject}\n{letter.text}"
    if _NIR.search(whole) or _themes(letter.lang).search(whole):
        return True
    if letter.mask & group_mask("remarks"):
        return letter.channel != "post" or not around.remarks_reviewed
    if letter.channel == "post":
        return False
    told = "\n".join(held.get(part, "") for part in ("head", "what", "out", "risk", "measures"))
    forms = _forms(letter.lang)
    return any(pattern.search(told) for name, pattern in forms.items() if intimate_mask() >> bit(name) & 1)


@cache
def _themes(lang: str) -> re.Pattern[str]:
    """Words that would tell the theme of a remark."""
    told = [form for name, forms in names(lang).forms.items() if name.startswith("remark_") for form in forms]
    return re.compile("|".join(rf"\b{re.escape(form)}" for form in told), re.IGNORECASE)


def _neutral(letter: Letter, _held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        coarse = names(letter.lang).coarse["care"]
        return banned_in("L11", letter.text.replace(coarse, ""), letter.lang)
    return banned_in("L11", letter.subject, letter.lang)


def _asks(letter: Letter, held: Parts, _around: Around) -> bool:
    tongue = TONGUES[letter.lang]
    for sentence in re.split(r"[.\n]", letter.text):
        if tongue.asks.search(sentence) and not tongue.denied.search(sentence):
            return True
    return letter.channel != "sms" and tongue.never not in held.get("asks", "")


def _one_subject(letter: Letter, _held: Parts, _around: Around) -> bool:
    return banned_in("L13", f"{letter.subject}\n{letter.text}", letter.lang)


def _channel(letter: Letter, _held: Parts, around: Around) -> bool:
    opened = whole_mask(["password"]) & letter.mask and whole_mask(["email"]) & letter.mask
    return letter.channel == "email" and bool(around.mailbox_unsafe or opened)


def _addressee(letter: Letter, _held: Parts, _around: Around) -> bool:
    return (
        letter.deceased
        or ((letter.minor or letter.protected) and not (letter.to_guardian or letter.brief))
        or (letter.shared_contact and letter.channel != "post" and not letter.brief)
        or bool(letter.mask & whole_mask(CALLED_FIRST))
    )


def _others(letter: Letter, _held: Parts, around: Around) -> bool:
    whole = f"{letter.subject}\n{letter.text}"
    return any(found not in around.own_contacts for found in (*_MAIL.findall(whole), *_PHONE.findall(whole)))


def _absent(letter: Letter, held: Parts, _around: Around) -> bool:
    return not letter.short and not held.get("not_out")


def _proof(letter: Letter, held: Parts, _around: Around) -> bool:
    return letter.channel != "sms" and not re.search(
        r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", held.get("proof", "")
    )


def _rights(letter: Letter, held: Parts, _around: Around) -> bool:
    if letter.channel == "sms":
        return False
    tongue = TONGUES[letter.lang]
    text = "\n".join(held.get(part, "") for part in ("rights", "head", "what", "contact")).lower()
    return (
        not all(word in text for word in tongue.rights)
        or not tongue.sorry.search(text)
        or not tongue.date.search(held.get("rights", "") + held.get("contact", ""))
    )


def _plain_words(letter: Letter, _held: Parts, _around: Around) -> bool:
    tongue = TONGUES[letter.lang]
    found = ease(letter.text, letter.lang)
    return found.flesch < tongue.least_flesch or found.longest > tongue.most_words


def _one_way_only(letter: Letter, _held: Parts, _around: Around) -> bool:
    return letter.channel != "post" and not letter.other_channel


def banned_in(rule: str, text: str, lang: str = "fr") -> bool:
    """Whether a text holds words that a rule bans."""
    return bool(_banned_words(lang)[rule].search(text))


@cache
def _banned_words(lang: str) -> dict[str, re.Pattern[str]]:
    words = "words" if lang == "fr" else f"words_{lang}"
    found: dict[str, list[str]] = {}
    for row in rows(_FILE, "banned", {"id": str, "rule": str, words: list}):
        found.setdefault(row["rule"], []).extend(row[words])
    return {
        rule: re.compile("|".join(rf"\b{re.escape(one)}" for one in listed), re.IGNORECASE)
        for rule, listed in found.items()
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
    "L21": _plain_words,
    "L22": _one_way_only,
}
"""Every rule that a text can break; L16 (authentication of the sending domain) is checked when messages leave."""
