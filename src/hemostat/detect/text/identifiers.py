"""Identifiers made of digits, and addresses with an at-sign: windows are cut out, distinct ones are named once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from hemostat.detect import card, iban, nir, professional
from hemostat.detect.text.spans import Span, spans_of
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.detect.text.page import Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

_JOINS = Gap.SPACE | Gap.HYPHEN | Gap.DOT | Gap.SLASH | Gap.BRACKET | Gap.CLOSE
_ENOUGH = 8
_WIDEST_JOIN = 3
_BEFORE = 48

_NIR = (
    r"[1-478][ .\-]?[0-9]{2}[ .\-]?[0-9]{2}[ .\-]?(?:[0-9]{2}|2[ABab])[ .\-]?[0-9]{3}[ .\-]?[0-9]{3}"
    r"(?:[ .\-/]{0,3}[0-9]{2})?"
)
_INS = (
    r"[1-478][0-9]{5}[0-9ABab][0-9]{6}(?:[0-9]{2})?\^\^\^&(?:1\.2\.250\.1\.213\.1\.4\.[0-9]+)?"
    r"(?:&ISO\^INS(?:-[A-Z]+)?)?"
)
_SHAPES = (
    _INS,
    r"[A-Z]{2}[0-9]{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?[A-Z0-9]{1,3})?",
    r"[a-z]{2}[0-9]{2}(?:[ \-]?[a-z0-9]{4}){2,7}(?:[ \-]?[a-z0-9]{1,3})?",
    r"[2-6][0-9]{3}[ \-]?[0-9]{4}[ \-]?[0-9]{4}[ \-]?[0-9]{4}",
    r"3[47][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{5}",
    _NIR,
    r"\(?(?:\+|00 ?)33\)?[ .\-]?(?:\(0\))?[ .\-]?[1-9](?:[ .\-/]{0,2}[0-9]{2}){4}",
    r"\(?(?:\+|00 ?)(?!33)[1-9][0-9]{0,2}\)?(?:[ .\-]?\(?[0-9]{1,4}\)?){2,6}",
    r"8?1 ?0(?:[ .]?[0-9]){9}",
    r"0[ .]?[1-9](?:[ .\-/]{0,2}[0-9]{2}){4}",
    r"0[ .]?[1-9][0-9]{2}(?:[ .\-/]?[0-9]{2}){3}|0[1-9][0-9]{2}[ .\-][0-9]{3}[ .\-][0-9]{3}",
    r"[0-9]{9}",
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
)
_ONE = re.compile("|".join(rf"(?<![0-9A-Za-z])(?:{s})(?![0-9A-Za-z])" for s in _SHAPES))
_EMAIL = re.compile(r"[\w.%+\-']*[\w%+\-]@[\w\-]+(?:\.[\w\-]+)*\.[^\W\d_]{2,24}", re.UNICODE)
_LONGEST_EMAIL = 90
_IP = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.|$)){4}")
_MACHINE_CODE = re.compile(
    r"(?i)(?:\b(?:r[ée]f|ref|sn|lot|s[ée]rie|code[- ]barres?|commande|facture|siret|siren|udi|gtin|isbn|doi)\b|#)"
    r"[^\w]{0,4}(?:n[°o]?\W{0,2})?$"
)
_SAYS_NIR = re.compile(
    r"(?i)\b(?:nir|n?ss|s[ée]cu(?:rit[ée] sociale)?|sociale|num[ée]ro d'assur\w+|immatricul\w*|insee|ins)\b"
    r"[^0-9]{0,24}$"
)
_SAYS_CARD = re.compile(r"(?i)\b(?:cb|carte|visa|mastercard|bancaire|paiement)\b")
_SAYS_BANK = re.compile(r"(?i)\b(?:iban|rib|virement|compte|pr[ée]l[èe]vement|banque|bancaire)\b")
_SAYS_NINE = re.compile(r"(?i)\b(?:finess|adeli|am)\b[^0-9]{0,14}$")
_SAYS_FINESS = re.compile(r"(?i)\bfiness\b[^0-9]{0,14}$")
_SAYS_FILE = re.compile(r"(?i)\b(?:ipp|dossier|nip|iep|patient id|id patient)\b[^0-9]{0,8}$")
_NOT_REAL = re.compile(r"(?i)\b(?:essai|exemple|fictif|test|r[ée]f|lot|s[ée]rie)\b[^0-9]{0,12}$")
_EDGE = re.compile(r"\x1e|\n\r?\n")
_NIR_SPACED = re.compile(r"[12]([ .])[0-9]{2}\1[0-9]{2}\1[0-9][0-9ABab]\1[0-9]{3}\1[0-9]{3}\1[0-9]{2}")
_NIR_ALONE = re.compile(_NIR)
_NINE, _INS_TAIL = 9, 44
_SURE, _ODD = 0.99, 0.75
_SAYS_RPPS = re.compile(r"(?i)\b(?:rpps|idnat)\b[^0-9]{0,14}$")


class _Facts(NamedTuple):
    """What the checks say of each distinct matched string."""

    iban: dict[str, bool]
    nir: dict[str, bool | None]
    rpps: set[str]
    card: set[str]
    finess: set[str]
    adeli: set[str]


class _Match(NamedTuple):
    """A matched string, where it starts, and what stands before it in its text."""

    start: int
    text: str
    before: str


def identifiers(page: Page, tokens: Tokens) -> Spans:
    """Spans of numbers and addresses that name a person or a professional by themselves."""
    matches = [match for start, end in _windows(tokens) for match in _in_window(page.written, start, end)]
    facts = _checked({match.text for match in matches})
    found = []
    for match in matches:
        named = _name(match.text, match.before, facts)
        if named is not None:
            category, valid = named
            found.append(Span(match.start, match.start + len(match.text), category, _SURE if valid else _ODD))
    return spans_of(found + _emails(page))


def _windows(tokens: Tokens) -> list[tuple[int, int]]:
    """Runs of tokens that hold digits, close to one another, with eight digits or so among them."""
    size = len(tokens)
    if not size:
        return []
    near = np.zeros(size, dtype=np.bool_)
    near[:-1] = (tokens.start[1:] - tokens.end[:-1] <= _WIDEST_JOIN) & (
        (tokens.after[:-1] & ~np.uint16(_JOINS | Gap.LONG)) == 0
    )
    numeric = tokens.digits | tokens.mixed
    linked = near[:-1] & numeric[:-1] & numeric[1:]
    run = np.concatenate([[0], np.cumsum(~linked)])
    first = np.flatnonzero(np.concatenate([[True], ~linked]))
    width = np.bincount(run, weights=np.where(numeric, tokens.end - tokens.start, 0))
    good = np.flatnonzero(width >= _ENOUGH)
    last = np.append(first[1:], size) - 1
    return list(zip(tokens.start[first[good]].tolist(), tokens.end[last[good]].tolist(), strict=True))


def _in_window(written: str, start: int, end: int) -> list[_Match]:
    opening = max(0, start - 2)
    if written.startswith("^^^", end):
        end += len(_EDGE.split(written[end : end + _INS_TAIL])[0])
    text = written[opening:end]
    before = written[max(0, opening - _BEFORE) : opening]
    before = _EDGE.split(before)[-1]
    return [
        _Match(opening + match.start(), match[0], before + text[: match.start()])
        for match in _ONE.finditer(text)
    ]


def _checked(texts: set[str]) -> _Facts:
    """Every check over the distinct strings that can pass it."""
    letters = [text for text in texts if text[0].isalpha()]
    shaped = [text for text in texts if _NIR_ALONE.fullmatch(text)]
    numbers = [re.sub(r"[ .\-]", "", text) for text in texts if text[0].isdigit()]
    nine = [text for text in numbers if len(text) == _NINE]
    eleven = [text for text in numbers if len(text) in (_NINE + 2, _NINE + 3)]
    long = [text for text in texts if len(text) > _NINE + 3 and text[0] in "23456"]
    parsed = nir.parse(pl.Series(shaped, dtype=pl.String)) if shaped else None
    keys = {} if parsed is None else dict(zip(shaped, parsed["key"].to_list(), strict=True))
    if parsed is not None:
        keys = {
            text: key
            for (text, key), good in zip(keys.items(), parsed["shaped"].to_list(), strict=True)
            if good
        }
    return _Facts(
        dict.fromkeys(_passing(letters, iban.valid_array), True),
        keys,
        _passing(eleven, professional.rpps_valid),
        _passing(long, card.valid_array),
        _passing(nine, professional.finess_valid),
        _passing(nine, professional.adeli_valid),
    )


def _passing(texts: list[str], check: Callable[[pl.Series], pl.Series]) -> set[str]:
    if not texts:
        return set()
    values = pl.Series(texts, dtype=pl.String)
    return set(values.filter(check(values)).to_list())


def _name(text: str, before: str, facts: _Facts) -> tuple[Category, bool] | None:
    """What a matched string is, given what stands before it, and whether its check is right; none: nothing."""
    if "^" in text:
        return Category.INS, True
    if text[0].isalpha():
        if text in facts.iban:
            return Category.IBAN, True
        return (Category.IBAN, False) if _SAYS_BANK.search(before) and text[:2].isupper() else None
    if _NIR_ALONE.fullmatch(text):
        told = _nir(text, before, facts)
        if told is not None:
            return told
    if _MACHINE_CODE.search(before):
        return None
    plain = re.sub(r"[ .\-]", "", text)
    if plain in facts.rpps:
        return Category.PROFESSIONAL_ID, True
    if text in facts.card:
        return Category.PAYMENT_CARD, bool(_SAYS_CARD.search(before))
    if len(text) == _NINE and text.isdigit():
        return _nine(text, before, facts)
    if _IP.fullmatch(text):
        return Category.IP_ADDRESS, True
    if _SAYS_RPPS.search(before):
        return Category.PROFESSIONAL_ID, False
    if _SAYS_FILE.search(before):
        return Category.INTERNAL_ID, True
    return (Category.PHONE, True) if _is_phone(text) else None


def _nir(text: str, before: str, facts: _Facts) -> tuple[Category, bool] | None:
    said = bool(_SAYS_NIR.search(before))
    if text not in facts.nir:
        spaced = _NIR_SPACED.fullmatch(text) and not _NOT_REAL.search(before)
        return (Category.NIR, False) if said or spaced else None
    key = facts.nir[text]
    if key or said:
        return Category.NIR, bool(key)
    if _MACHINE_CODE.search(before) or text[0] not in "12":
        return None
    return Category.NIR, False


def _nine(text: str, before: str, facts: _Facts) -> tuple[Category, bool] | None:
    if not _SAYS_NINE.search(before):
        return None
    if _SAYS_FINESS.search(before):
        return Category.FACILITY, text in facts.finess
    return Category.PROFESSIONAL_ID, text in facts.adeli


def _is_phone(text: str) -> bool:
    plain = re.sub(r"\(0\)|[^0-9+]", "", text)
    if plain.startswith(("+", "00")):
        return len(plain) > _ENOUGH
    return bool(re.fullmatch(r"0[1-9][0-9]{8}", plain))


def _emails(page: Page) -> list[Span]:
    out = []
    written = page.written
    at = written.find("@")
    after = 0
    while at >= 0:
        begin = max(after, at - _LONGEST_EMAIL)
        for match in _EMAIL.finditer(written, begin, min(len(written), at + _LONGEST_EMAIL)):
            if match.start() <= at < match.end():
                out.append(Span(match.start(), match.end(), Category.EMAIL, 0.99))
                after = match.end()
        at = written.find("@", max(at + 1, after))
    return out
