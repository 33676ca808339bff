"""Whether the first row of a table names its columns, judged by content; and names for columns.

Shared by all readers of tables. A heading taken for a row is a spurious record that anyone can see; a row taken for
a heading is a person lost: in doubt, there is no heading.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

RESERVED = ("_line", "_locator")
"""Names that the staged form of a batch keeps for itself."""

_PREAMBLE = 30
_DISTINCT = 0.6
"""The share of names that must differ, unless all are words of headings: joined tables repeat theirs."""
_RUN = 3
_NUMBERED = re.compile(r"([^\W\d_][\w .-]{0,30}?[ _.-]?)0*(\d{1,6})")
_LONGEST = 80
_BELOW = 200
_LIST = """
id ids nom noms name names prenom prenoms first last middle given surname lastname firstname fullname patronyme
naissance birth birthday dob ddn datenaissance age date dates jour heure time timestamp created updated modified
at adresse address rue street voie ville city town commune cp zip zipcode postal postcode code codes pays country
region state departement dept tel telephone phone mobile portable fixe gsm fax mail email courriel mel e login
user username utilisateur password pass passwd pwd mdp hash motdepasse sexe sex genre gender civilite titre title
nir nss secu securite sociale ssn insee ins matricule numero num number no ref reference key cle uuid guid
patient patients client clients customer dossier medecin doctor docteur praticien traitant rpps finess mutuelle
assure assurance beneficiaire organisme caisse regime iban bic rib montant amount prix price total remarque
remarques commentaire commentaires comment comments note notes observation observations texte text message
type statut status etat actif active role langue lang site cabinet labo laboratoire service motif diagnostic
pathologie traitement medicament ordonnance examen resultat antecedents allergie poids taille groupe sanguin
libelle label description valeur value champ field colonne column ip url agent session token
"""
_WORDS = frozenset(_LIST.split())
_PARTS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_PLAIN = str.maketrans("àâäçéèêëîïôöùûü", "aaaceeeeiioouuu")
_NUMBER = re.compile(r"[+\-]?[\d\s.,:/()+\-]*\d[\d\s.,:/()%€+\-TZ]*(?:[eE][+\-]?\d+)?")


def find(rows: Sequence[Sequence[str]], fields: int) -> int | None:
    """The place of the heading row among the first rows, blank rows included; None if there is none.

    ``fields`` is the usual number of fields. What stands above the heading is a preamble, titles and the like.
    """
    for place, row in enumerate(rows[:_PREAMBLE]):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells:
            continue
        if len(cells) >= max(min(2, fields), fields // 2) and is_heading(row, rows[place + 1 :]):
            return place
        if len(cells) > max(1, min(2, fields // 3)):
            return None
    return None


def is_heading(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row names the columns of the rows below it."""
    below = [row for row in below if list(row) != list(first)]  # a heading may be repeated further down
    cells = _without_series([cell.strip() for cell in first], below)
    given = [cell for cell in cells if cell]
    if not given or not (len(set(given)) >= len(given) * _DISTINCT or all(map(known, given))):
        return False
    if sum(map(nameable, given)) < len(given) * 0.9:
        return False
    score = 2.0 * sum(map(known, given)) / len(given)
    columns = [
        (cell, [row[number].strip() for row in below[:_BELOW] if number < len(row) and row[number].strip()])
        for number, cell in enumerate(cells)
        if cell
    ]
    columns = [(cell, values) for cell, values in columns if values]
    if not columns:
        return score >= 1 and all(map(nameable, given))
    score += sum(_evidence(cell, values) for cell, values in columns) / len(columns) ** 0.5
    return bool(score > 0.5)  # noqa: PLR2004 - set on tables with and without headings, see the tests


def _without_series(cells: Sequence[str], below: Sequence[Sequence[str]]) -> list[str]:
    """The cells, with the numbers of a running series (``c0``, ``c1``, ``c2``…) in words, where no row below has one.

    Such names are made by machines: their digits say nothing against a heading, and nothing for one.
    """
    numbered = _series(cells)
    if not numbered or any(len(_series(row)) >= _RUN for row in below[:_RUN]):
        return list(cells)
    letters = str.maketrans("0123456789", "abcdefghij")
    return [cell.translate(letters) if place in numbered else cell for place, cell in enumerate(cells)]


def _series(cells: Sequence[str]) -> set[int]:
    """The places of cells that count up one by one behind the same word, at least three in a row."""
    found: set[int] = set()
    run: list[int] = []
    before: tuple[str, int] | None = None
    for place, cell in enumerate(cells):
        parts = _NUMBERED.fullmatch(cell.strip())
        now = (parts[1], int(parts[2])) if parts else None
        follows = bool(now and before and now == (before[0], before[1] + 1))
        run = [*run[-_RUN + 1 :], place] if follows else [place]
        found.update(run if len(run) == _RUN else ())
        before = now
    return found


def _evidence(heading: str, values: Sequence[str]) -> float:
    """What one column says: above 0 for a heading, below 0 for an ordinary first row."""
    if heading in values:
        return -2.0 if len(heading) > 1 else -1.0
    kinds = Counter(map(_kind, values))
    common, times = kinds.most_common(1)[0]
    if common == "data":
        return 1.0 if times >= 0.8 * len(values) else 0.3
    shapes = Counter(map(_shape, values))
    common, times = shapes.most_common(1)[0]
    if times >= 0.8 * len(values) and len(values) > 2:  # noqa: PLR2004 - two cells show no custom
        return 0.3 if _shape(heading) != common else -0.3
    return 0.0


def nameable(cell: str) -> bool:
    """Whether a cell could name a column: words, neither number, date nor address."""
    return (
        len(cell) <= _LONGEST
        and any(char.isalpha() for char in cell)
        and "@" not in cell
        and not _NUMBER.fullmatch(cell)
        and sum(char.isdigit() for char in cell) <= 0.4 * len(cell)
        and "\n" not in cell.strip()
    )


def known(cell: str) -> bool:
    """Whether a word in a cell is usual in the names of columns."""
    words = [part.lower().translate(_PLAIN) for part in _PARTS.findall(_CAMEL.sub(" ", cell))]
    return any(word in _WORDS for word in words)


def _kind(cell: str) -> str:
    digits = sum(char.isdigit() for char in cell)
    return "data" if "@" in cell or digits > 0.4 * len(cell) or _NUMBER.fullmatch(cell) else "words"


def _shape(cell: str) -> str:
    if cell.isupper():
        return "upper"
    if cell.islower():
        return "lower"
    return "title" if cell[:1].isupper() else "mixed"


def named(headings: Iterable[str], width: int) -> tuple[str, ...]:
    """Distinct names for ``width`` columns: the headings as found, ``col_3`` where there is none.

    >>> named(["nom", "", "nom"], 4)
    ('nom', 'col_2', 'nom (2)', 'col_4')
    """
    names = [" ".join(heading.replace("\ufeff", "").replace("\0", "").split()) for heading in headings][
        :width
    ]
    names += [""] * (width - len(names))
    names = [name or f"col_{number}" for number, name in enumerate(names, 1)]
    taken = {*names, *RESERVED}
    used: set[str] = set(RESERVED)
    for place, name in enumerate(names):
        again = 1
        fresh = name
        while fresh in used or (again > 1 and fresh in taken):
            again += 1
            fresh = f"{name} ({again})"
        used.add(fresh)
        names[place] = fresh
    return tuple(names)
