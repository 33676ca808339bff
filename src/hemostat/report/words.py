"""Numbers, dates and names as a reader of each language expects them; hostile names made inert."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hemostat.report.small import HIDDEN, WITHHELD, Shown

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

_MONTHS = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}
_BYTES = {"fr": ("octets", "ko", "Mo", "Go", "To"), "en": ("bytes", "kB", "MB", "GB", "TB")}
_SPECIAL = {
    "fr": {HIDDEN: HIDDEN, WITHHELD: "masqué"},
    "en": {HIDDEN: HIDDEN, WITHHELD: "hidden"},
}
_ARTICLE = re.compile(r"(?<=\bart\.) (?=\d)")
_FRENCH_SPACES = (
    (re.compile(r" (?=[;!?])"), NARROW),
    (re.compile(r" (?=[:»%])|(?<=«) "), NBSP),
    (re.compile(r"(?<=\b[nN]°) "), NBSP),
)
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_VALUE_LIKE = 6
"""Digits in a heading from which it looks like a value (a file without headings) rather than a name."""


def typeset(text: str, lang: str) -> str:
    r"""The text with curved apostrophes and unbreakable spaces: in French before ``: ; ! ? %`` and inside « ».

    >>> typeset("Combien ?", "fr") == "Combien\u202f?"
    True
    """
    text = _ARTICLE.sub(NBSP, text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"))
    if lang == "fr":
        for pattern, space in _FRENCH_SPACES:
            text = pattern.sub(space, text)
    return text


def inert(text: str) -> str:
    r"""The text with whatever acts instead of being read made visible: control and direction signs, line ends.

    >>> inert("a\nb\u202ec")
    'a\\nb\\u202ec'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        ch.encode("unicode_escape").decode("ascii") if unicodedata.category(ch) in _UNPRINTABLE else ch
        for ch in text
    )


def elided(text: str, most: int) -> str:
    """The inert text in at most ``most`` characters, its middle replaced by ``…``: both ends tell files apart."""
    text = inert(text)
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def shape(example: str) -> str:
    """The shape of an example: letters become ``A`` or ``a``, figures ``9``. A shape is left as it is.

    >>> shape("2 88 06 2A 041 017"), shape("Aaaa"), shape("zoé@example.org")
    ('9 99 99 9A 999 999', 'Aaaa', 'aaa@aaaaaaa.aaa')
    """
    return "".join(_masked(ch) for ch in inert(example))


def heading(place: str) -> str:
    """A column's name, in its shape when it looks like a value: the first row of a file without headings.

    >>> heading("NUM_SECU"), heading("279046311904245"), heading("zoe@example.org")
    ('NUM_SECU', '999999999999999', 'aaa@aaaaaaa.aaa')
    """
    value = "@" in place or sum(ch.isdigit() for ch in place) >= _VALUE_LIKE
    return shape(place) if value else inert(place)


def _masked(ch: str) -> str:
    if ch.isdigit() or ch.isnumeric():
        return "9"
    if ch.isalpha():
        return "A" if ch.isupper() else "a"
    return ch


def number(count: Shown | float, lang: str) -> str:
    r"""A count in figures; hidden and withheld counts as such.

    >>> number(28512, "fr") == "28\u202f512", number(28512, "en"), number(-3, "en") == "\u22123"
    (True, '28,512', True)
    """
    if isinstance(count, str):
        return _SPECIAL[lang].get(count) or inert(count)
    if count is None:
        return "–"
    sign = MINUS if count < 0 else ""
    figures = f"{abs(count):,}" if isinstance(count, int) else f"{abs(count):,.1f}"
    if lang == "fr":
        figures = figures.replace(",", NARROW).replace(".", ",")
    return sign + figures


def percent(share: float, lang: str) -> str:
    """A share (1.0 is everything) with one decimal, two at both ends; never a false 0 or a false 100.

    >>> percent(0.123, "en"), percent(0.00043, "en"), percent(0.99962, "en"), percent(0.00001, "en")
    ('12.3%', '0.04%', '99.96%', '<0.01%')
    >>> percent(0.999999, "en"), percent(1, "en"), percent(-0.5, "en") == "\u221250.0%"
    ('>99.99%', '100%', True)
    """
    value = abs(share) * 100
    least, fine, most, everything = 0.01, 0.1, 99.99, 100
    gap = NBSP if lang == "fr" else ""
    if value in (0, everything):
        figures = f"{value:.0f}"
    elif value < least:
        figures = f"<{gap}{least}"
    elif most < value < everything:
        figures = f">{gap}{most}"
    else:
        coarse = fine <= value < everything - fine / 2 or value > everything
        figures = f"{value:,.1f}" if coarse else f"{value:,.2f}"
    if lang == "fr":
        figures = figures.replace(",", NARROW).replace(".", ",")
    return f"{MINUS if share < 0 else ''}{figures}{gap}%"


def confidence(share: float, lang: str) -> str:
    """A confidence in whole hundredths, rounded down: 100 is certainty and nothing less.

    >>> confidence(0.998, "en"), confidence(1.0, "en")
    ('99%', '100%')
    """
    return f"{int(share * 100 + 1e-9)}{NBSP if lang == 'fr' else ''}%"


def size(count: int | None, lang: str) -> str:
    r"""A number of bytes in the unit that reads best.

    >>> size(12_400_123, "en"), size(812, "en")
    ('12.4\xa0MB', '812\xa0bytes')
    """
    if count is None:
        return "–"
    units = _BYTES[lang]
    value, power, kilo = float(count), 0, 1000
    while value >= kilo and power < len(units) - 1:
        value, power = value / kilo, power + 1
    figures = number(count, lang) if power == 0 else number(round(value, 1), lang)
    return f"{figures}{NBSP}{units[power]}"


def instant(at: str, lang: str, zone: str | None = None) -> str:
    r"""An instant (ISO 8601) in words; another text is given as it is, made inert.

    The offset is that of ``zone`` (such as Europe/Paris), or the instant's own when none is given.

    >>> instant("2025-11-28T15:20:00+01:00", "en").replace("\u00a0", " ")
    '28 November 2025, 15:20 (UTC+1)'
    >>> instant("2025-11-28T14:20:00+00:00", "fr", "Europe/Paris").replace("\u00a0", " ")
    '28 novembre 2025, 15 h 20 (UTC+1)'
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return inert(at)
    if zone and moment.tzinfo:
        moment = moment.astimezone(ZoneInfo(zone))
    day = "1er" if lang == "fr" and moment.day == 1 else str(moment.day)
    text = f"{day}{NBSP}{_MONTHS[lang].split('|')[moment.month - 1]}{NBSP}{moment.year}"
    if len(at) <= len("2025-11-28"):
        return text
    clock = f"{moment.hour}{NBSP}h{NBSP}{moment:%M}" if lang == "fr" else f"{moment:%H:%M}"
    return f"{text}, {clock}{_offset(moment.utcoffset())}"


def _offset(offset: timedelta | None) -> str:
    if offset is None:
        return ""
    minutes = int(offset.total_seconds()) // 60
    if not minutes:
        return f"{NBSP}(UTC)"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else MINUS
    return f"{NBSP}(UTC{sign}{hours}{f':{rest:02}' if rest else ''})"


def pieces(text: str) -> list[str]:
    """The text cut where a long name may be broken: after the signs that join its parts.

    >>> pieces("evidence/num_secu.csv")
    ['evidence/', 'num_', 'secu.', 'csv']
    """
    return re.findall(r"[^_/.!#\\-]+[_/.!#\\-]*|[_/.!#\\-]+", text)
