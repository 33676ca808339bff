"""Identifiers made of digits, and addresses with an at-sign: windows are cut out, distinct ones are named once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from hemostat.detect import card, iban, nir, phone, professional
from hemostat.detect.text.spans import Span, no_spans, spans_of
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
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
_SHAPES = (
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
_SAYS_RPPS = re.compile(r"(?i)\b(?:rpps|idnat)\b[^0-9]{0,14}$")


class _Named(NamedTuple):
    category: Category
    valid: bool


def identifiers(page: Page, tokens: Tokens) -> Spans:
    """Spans of numbers and addresses that name a person or a professional by themselves."""
    found: list[Span] = []
    for start, end in _windows(tokens):
        found += _in_window(page.written, start, end)
    return spans_of(found + _emails(page)) if found or "@" in page.written else no_spans()


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


def _in_window(written: str, start: int, end: int) -> list[Span]:
    out = []
    opening = max(0, start - 2)
    text = written[opening:end]
    before = written[max(0, opening - _BEFORE) : opening].rpartition("\x1e")[2]
    for match in _ONE.finditer(text):
        named = _name(match[0], before + text[: match.start()])
        if named is not None:
            at = opening + match.start()
            out.append(Span(at, at + len(match[0]), named.category, 0.99 if named.valid else 0.75))
    return out


def _name(text: str, before: str) -> _Named | None:
    """What a matched string is, given what stands before it; none when it is nothing after all."""
    one = pl.Series([text])
    if text[0].isalpha():
        if bool(iban.valid_array(one)[0]):
            return _Named(Category.IBAN, valid=True)
        shaped = re.fullmatch(iban.PATTERN, text) and _SAYS_BANK.search(before)
        return _Named(Category.IBAN, valid=False) if shaped else None
    if re.fullmatch(_NIR, text):
        told = _nir(one, before)
        if told is not None:
            return told
    if _MACHINE_CODE.search(before):
        return None
    if bool(professional.rpps_valid(pl.Series([re.sub(r"[ .]", "", text)]))[0]):
        return _Named(Category.PROFESSIONAL_ID, valid=True)
    if bool(card.valid_array(one)[0]):
        return _Named(Category.PAYMENT_CARD, valid=bool(_SAYS_CARD.search(before)))
    if len(text) == len("123456789") and text.isdigit():
        return _nine(one, before)
    if _IP.fullmatch(text):
        return _Named(Category.IP_ADDRESS, valid=True)
    if _SAYS_RPPS.search(before):
        return _Named(Category.PROFESSIONAL_ID, valid=False)
    return _Named(Category.PHONE, valid=True) if _is_phone(text) else None


def _nir(one: pl.Series, before: str) -> _Named | None:
    shaped = nir.parse(one)
    if not shaped["shaped"][0]:
        return _Named(Category.NIR, valid=False) if _SAYS_NIR.search(before) else None
    key = shaped["key"][0]
    said = bool(_SAYS_NIR.search(before))
    if key or said:
        return _Named(Category.NIR, valid=bool(key))
    if _MACHINE_CODE.search(before):
        return None
    return _Named(Category.NIR, valid=False) if one[0][0] in "12" else None


def _nine(one: pl.Series, before: str) -> _Named | None:
    if not _SAYS_NINE.search(before):
        return None
    if _SAYS_FINESS.search(before):
        return _Named(Category.FACILITY, valid=bool(professional.finess_valid(one)[0]))
    return _Named(Category.PROFESSIONAL_ID, valid=bool(professional.adeli_valid(one)[0]))


def _is_phone(text: str) -> bool:
    plain = re.sub(r"\(0\)|[^0-9+]", "", text)
    if plain.startswith(("+", "00")):
        return bool(
            re.fullmatch(phone.INTERNATIONAL, re.sub(r"^\((\+?[0-9]+)\)", r"\1", text))
            or len(plain) > _ENOUGH
        )
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
