"""Identifiers made of digits: runs of digits are cut out of a page, read as what they can be, and checked.

Each shape allows what people type: blanks of any kind, dots, hyphens, a line break inside, the letter O for a zero.
What a number is called before it decides between shapes that look alike, and takes away codes of things.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.detect.text import checks
from hemostat.detect.text.emails import emails
from hemostat.detect.text.spans import Span, spans_of
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    from hemostat.detect.text.page import Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

_JOINS = Gap.SPACE | Gap.HYPHEN | Gap.DOT | Gap.SLASH | Gap.BRACKET | Gap.CLOSE | Gap.LINE
_ENOUGH = 8
_WIDEST_JOIN = 4
_BEFORE = 48
_AFTER = 44

_D = r"[0-9OoIl]"
_SEP = r"(?:[ .\-_/]?|  | [\-/] |[ ]?\r?\n[ ]?)"
_NIR = (
    rf"[1-478]{_SEP}{_D}{{2}}{_SEP}{_D}{{2}}{_SEP}(?:{_D}{{2}}|2[ABab]){_SEP}{_D}{{3}}{_SEP}{_D}{{3}}"
    rf"(?:{_SEP}(?:(?:cl[ée]|key|k)[ :]{{0,3}})?{_D}{{2}})?"
)
_INS = (
    r"[1-478][0-9]{5}[0-9ABab][0-9]{6}(?:[0-9]{2})?\^\^\^&(?:1\.2\.250\.1\.213\.1\.4\.[0-9]+)?"
    r"(?:&ISO\^INS(?:-[A-Z]+)?)?"
)
_PAIRS = r"(?:(?:[ .\-/,_]{0,3}|[ ]?\n)[0-9Oo]{2}){4}"
_DATE = (
    r"(?:[0-3]?[0-9][/.\-](?:0?[1-9]|1[0-2])[/.\-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])"
    r"(?![/.\-]?[0-9])"
)
_SHAPES = {
    "date": _DATE,
    "ins": _INS,
    "iban": r"[A-Z]{2}[0-9]{2}(?:[ \-.]?[A-Z0-9]{4}){2,7}(?:[ \-.]?[A-Z0-9]{1,3})?"
    r"|[A-Z]{2}[0-9]{2}(?:[ \-.]{0,2}[A-Z0-9]){10,30}",
    "lower": r"[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]{4}){2,7}(?:[ \-]?[a-z0-9]{1,3})?",
    "card": r"[2-6][0-9]{3}[ \-.]?[0-9]{4}[ \-.]?[0-9]{4}[ \-.]?[0-9]{4}|3[47][0-9]{2}[ \-.]?[0-9]{6}[ \-.]?[0-9]{5}",
    "nir": _NIR,
    "odd_nir": r"[12](?:[ .\-]?[0-9]){14}",
    "french": r"\(?(?:\+|00 ?)[ .]?33\)?[ .\-]{0,2}(?:\(0\))?[ .\-]?0?[1-9]"
    r"(?:(?:[ .\-/]{0,3}[0-9]{2}){4}|(?:[ .\-/]?[0-9]){8})",
    "abroad": r"\(?(?:\+|00 ?)(?!33)[1-9][0-9]{0,2}\)?(?:[ .\-]?\(?[0-9]{1,4}\)?){2,6}",
    "rpps": r"8?1 ?0(?:[ .]?[0-9]){9}",
    "phone": rf"\(?[0O]\)?[ .]?[1-9]\)?{_PAIRS}|0[ .]?[1-9][0-9]{{2}}(?:[ .\-/]?[0-9]{{2}}){{3}}"
    r"|0[1-9][0-9]{1,2}[ .\-][0-9]{3}[ .\-][0-9]{2,3}[ .\-]?[0-9]{0,2}",
    "nine": r"[0-9]{9}|[1-9](?:[ .\-]?[0-9]{2}){4}|(?:[0-9]{2}|2[AB]) ?[0-9] ?[0-9]{5} ?[0-9]|2[AB][0-9]{7}",
    "ip": r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
}
_BY_FIRST = {
    "+": "french abroad", "(": "french abroad phone", "0": "date french abroad phone ip nine", "O": "phone",
    "o": "phone", "1": "date ins nir odd_nir rpps nine ip", "2": "date ins card nir odd_nir nine ip",
    "3": "date ins card nir nine ip", "4": "date ins card nir nine ip", "5": "date card nine ip",
    "6": "date card nine ip", "7": "date ins nir nine ip", "8": "date ins nir rpps nine ip", "9": "date nine ip",
}  # fmt: skip
"""The shapes that each first character can begin, specific before generic."""


def _compiled(names: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?P<{name}>(?:{_SHAPES[name]})(?![0-9A-Za-z]))" for name in names.split()))


_PATTERNS = {first: _compiled(names) for first, names in _BY_FIRST.items()}
_UPPER, _LOWER = _compiled("iban"), _compiled("lower")
_IP = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.|$)){4}")
_MACHINE_CODE = re.compile(
    r"(?i)(?:\b(?:r[ée]f(?:[ée]rence)?|sn|s/n|lot|s[ée]rie|code[- ]barres?|commande|facture|siret|siren|udi|gtin"
    r"|isbn|issn|doi|ean|cip|ucd|colis|suivi|avoir|devis|bon|ticket|article|imei|mod[èe]le|version|rcs|ape|tva|pmid"
    r"|nct)\b|#)[^\w]{0,4}(?:n[°o]?\W{0,2}|de \w+\W{0,3})?$"
)
_SAYS_NIR = re.compile(
    r"(?i)\b(?:nir|nia|n?ss|iss|s[ée]cu(?:rit[ée] sociale)?|sociale|num[ée]ro d'assur\w+|assur[ée]e?|immatricul\w*"
    r"|insee|ins|matricule)\b[^0-9]{0,24}$"
)
_SAYS_INS = re.compile(r"\b(?:INS|[Ii]dentit[ée] nationale)\b[^0-9]{0,16}$")
_SAYS_CARD = re.compile(r"(?i)\b(?:cb|carte|visa|mastercard|bancaire|paiement)\b")
_SAYS_BANK = re.compile(r"(?i)\b(?:iban|rib|virement|compte|pr[ée]l[èe]vement|banque|bancaire)\b")
_SAYS_NINE = re.compile(r"(?i)\b(?:finess|adeli|am|n° (?:de )?facturation)\b[^0-9]{0,14}$")
_SAYS_FINESS = re.compile(r"(?i)\bfiness\b[^0-9]{0,14}$")
_SAYS_FILE = re.compile(
    r"(?i)\b(?:ipp|nda|dossier|nip|iep|iud|patient id|id patient|n° (?:de )?(?:patient|s[ée]jour|venue|dossier|passage)"
    r"|num[ée]ro (?:de |du )?(?:patient|s[ée]jour|venue|dossier|passage)|demande|pr[ée]l[èe]vement|examen|acc[èe]s)"
    r"\b[^0-9\n]{0,8}$"
)
_SAYS_PHONE = re.compile(
    r"(?i)(?:\b(?:t[ée]l(?:[ée]phone)?|tph|ph|port(?:able)?|mob(?:ile)?|gsm|fixe|fax|num[ée]ro|joindre|joignable"
    r"|rappel\w*|appel\w*|contacter|sms|whatsapp)\b|☎|📞|✆)[^0-9\n]{0,18}$"
)
_SAYS_RPPS = re.compile(r"(?i)\b(?:rpps|idnat(?:_ps)?)\b[^0-9]{0,14}$")
_NOT_REAL = re.compile(r"(?i)\b(?:essai|exemple|fictif|test|r[ée]f|lot|s[ée]rie)\b[^0-9]{0,12}$")
_EDGE = re.compile(r"\x1e|\n\r?\n")
_NIR_SPACED = re.compile(r"[12]([ .])[0-9]{2}\1[0-9]{2}\1[0-9][0-9ABab]\1[0-9]{3}\1[0-9]{3}(?:\1| )?[0-9]{2}")
_OCR = str.maketrans("OoIlab", "0011AB")
_NINE, _TEN = 9, 10
_LONGEST_ABROAD = 15
_MOST_LETTERS = 4
_SURE, _ODD = 0.99, 0.75


class _Match(NamedTuple):
    """A matched string: its shape, where it starts, and what stands before it in its text."""

    shape: str
    start: int
    text: str
    before: str


def identifiers(page: Page, tokens: Tokens) -> Spans:
    """Spans of numbers and addresses that name a person or a professional by themselves."""
    found = []
    for starts, end in _windows(tokens):
        for match in _in_window(page.written, starts, end):
            named = _name(match)
            if named is not None:
                category, valid = named
                found.append(
                    Span(match.start, match.start + len(match.text), category, _SURE if valid else _ODD)
                )
    return spans_of(found + emails(page))


def _windows(tokens: Tokens) -> list[tuple[list[int], int]]:
    """Runs of tokens that hold digits, close to one another, with eight digits or so among them; dates apart.

    Each is given by the starts of its tokens and its end.
    """
    numeric = np.flatnonzero(tokens.digits | tokens.mixed)
    if not len(numeric):
        return []
    start, end = tokens.start.take(numeric), tokens.end.take(numeric)
    after = tokens.after.take(numeric[:-1])
    linked = (np.diff(numeric) == 1) & (start[1:] - end[:-1] <= _WIDEST_JOIN)
    linked &= (after & ~np.uint16(_JOINS | Gap.LONG)) == 0
    first = np.flatnonzero(np.concatenate([[True], ~linked]))
    last = np.append(first[1:], len(numeric)) - 1
    width = np.add.reduceat(end - start, first)
    date = (last - first == 2) & (width <= _ENOUGH)  # noqa: PLR2004 - a day, a month, a year
    good = np.flatnonzero((width >= _ENOUGH) & ~date)
    starts = start.tolist()
    return [
        (starts[f : t + 1], to)
        for f, t, to in zip(first[good].tolist(), last[good].tolist(), end[last[good]].tolist(), strict=True)
    ]


def _in_window(written: str, starts: list[int], end: int) -> list[_Match]:
    opening = max(0, starts[0] - 2)
    if written.startswith("^^^", end):
        end += len(_EDGE.split(written[end : end + _AFTER])[0])
    elif written[end : end + 4].lower().lstrip(" ").startswith(("cl", "k")):
        end += len(_EDGE.split(written[end : end + _ENOUGH])[0])
    text = written[opening:end]
    if not text.isascii():
        text = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2011", "-")
    out = []
    after = 0
    for start in starts:
        at = start - opening
        if at and (text[at - 1] == "+" or (text[at - 1] == "(" and text[at] in "0O")):
            at -= 1 + (at > 1 and text[at - 2 : at] == "(+")
        if at < after:
            continue
        char = text[at]
        pattern = _PATTERNS.get(char) or (_UPPER if char.isupper() else _LOWER)
        match = pattern.match(text, at)
        if match is not None:
            whole = match[0]
            if whole[0] == "(" and ")" not in whole:
                at, whole = at + 1, whole[1:]
            place = opening + at
            before = _EDGE.split(written[max(0, place - _BEFORE) : place])[-1]
            out.append(_Match(match.lastgroup or "", place, whole, before))
            after = match.end()
    return [match for match in out if match.shape != "date"]


def _name(match: _Match) -> tuple[Category, bool] | None:
    """What a matched string is, given what stands before it, and whether its check is right; none: nothing."""
    shape, text, before = match.shape, match.text, match.before
    if shape == "ins":
        return Category.INS, True
    if shape in ("iban", "lower"):
        if checks.iban_right(text):
            return Category.IBAN, True
        return (Category.IBAN, False) if _SAYS_BANK.search(before) and shape == "iban" else None
    if shape in ("nir", "odd_nir"):
        told = _nir(match)
        if told is not None:
            return told
    if shape == "ip" and _IP.fullmatch(text) and not _MACHINE_CODE.search(before):
        return Category.IP_ADDRESS, True
    if _MACHINE_CODE.search(before):
        return None
    return _number(text, before)


def _number(text: str, before: str) -> tuple[Category, bool] | None:
    plain = re.sub(r"[ .\-_/,\n\r]", "", text)
    if checks.rpps_right(plain):
        return Category.PROFESSIONAL_ID, True
    if len(plain) > _NINE + 3 and text[0] in "23456" and plain.isdigit() and checks.card_right(plain):
        return Category.PAYMENT_CARD, bool(_SAYS_CARD.search(before))
    if _SAYS_RPPS.search(before):
        return Category.PROFESSIONAL_ID, False
    if len(plain) == _NINE and plain[2:].isdigit() and _SAYS_NINE.search(before):
        if _SAYS_FINESS.search(before):
            return Category.FACILITY, checks.finess_right(plain)
        return Category.PROFESSIONAL_ID, checks.department_first(plain)
    if _SAYS_FILE.search(before):
        return Category.INTERNAL_ID, True
    return (Category.PHONE, True) if _is_phone(text, before) else None


def _nir(match: _Match) -> tuple[Category, bool] | None:
    text, before = match.text, match.before
    letters = sum(char in "OoIl" for char in text)
    plain = re.sub(r"(?i)cl[ée]|key|[^0-9a-z]", "", text).translate(_OCR)
    said = bool(_SAYS_NIR.search(before))
    if letters > _MOST_LETTERS or not checks.nir_shaped(plain):
        spaced = _NIR_SPACED.fullmatch(text) and not _NOT_REAL.search(before)
        wide = match.shape == "nir" and len(plain) >= checks.NIR_BODY
        return (Category.NIR, False) if wide and (said or spaced) else None
    right = checks.nir_key_right(plain)
    if _SAYS_INS.search(before):
        return Category.INS, right
    if right or (said and match.shape == "nir"):
        return Category.NIR, right
    if _MACHINE_CODE.search(before) or _SAYS_FILE.search(before) or text[0] not in "12" or letters:
        return None
    return (Category.NIR, False) if match.shape == "nir" and "\n" not in text else None


def _is_phone(text: str, before: str) -> bool:
    plain = re.sub(r"(?<=.)\(0\)|[^0-9+]", "", text.translate(_OCR))
    if plain.startswith("+"):
        return _ENOUGH < len(plain) <= _LONGEST_ABROAD + 1
    if plain.startswith("00"):
        return plain.startswith("0033") or (len(plain) > _TEN and bool(_SAYS_PHONE.search(before)))
    if re.fullmatch(r"0[1-9][0-9]{8}", plain):
        return text[0] in "0(" or bool(_SAYS_PHONE.search(before))
    return len(plain) == _NINE and plain[0] != "0" and bool(_SAYS_PHONE.search(before))
