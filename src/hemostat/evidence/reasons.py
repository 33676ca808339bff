"""Why something was quarantined: ids that the quarantine keeps, and their wording for the report."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """What keeps a unit of evidence from being read as a record."""

    TOO_MANY_FIELDS = "too_many_fields"
    TOO_FEW_FIELDS = "too_few_fields"
    FRAGMENT = "fragment"
    LINE_TOO_LONG = "line_too_long"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_KIND = "unknown_kind"
    KIND_NOT_READ = "kind_not_read"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    READING_STOPPED = "reading_stopped"
    TOO_LARGE = "too_large"
    TOO_MANY_MEMBERS = "too_many_members"
    RATIO = "ratio"
    TOO_DEEP = "too_deep"
    OVERLAP = "overlap"
    PACKING_NOT_READ = "packing_not_read"
    LINK = "link"
    NOT_A_FILE = "not_a_file"
    NO_PERMISSION = "no_permission"
    ELEMENT_NOT_JSON = "element_not_json"


NOTES: dict[str, dict[str, str]] = {
    "encoding": {"fr": "encodage", "en": "encoding"},
    "delimiter": {"fr": "séparateur", "en": "delimiter"},
    "columns": {"fr": "colonnes", "en": "columns"},
    "heading": {"fr": "ligne d’en-tête", "en": "heading on line"},
    "escape": {"fr": "échappement", "en": "escape"},
    "quote": {"fr": "guillemets", "en": "quotes"},
    "cp1252": {"fr": "lignes en Windows-1252", "en": "lines in Windows-1252"},
    "cp850": {"fr": "lignes en DOS 850", "en": "lines in DOS 850"},
    "mac_roman": {"fr": "lignes en Mac Roman", "en": "lines in Mac Roman"},
    "padded": {"fr": "lignes courtes complétées", "en": "short rows filled up"},
    "damaged": {"fr": "élément d’archive abîmé", "en": "damaged archive member"},
    "hidden": {"fr": "feuille masquée", "en": "hidden sheet"},
    "comma": {"fr": "virgule", "en": "comma"},
    "semicolon": {"fr": "point-virgule", "en": "semicolon"},
    "tab": {"fr": "tabulation", "en": "tab"},
    "pipe": {"fr": "barre verticale", "en": "pipe"},
    "none": {"fr": "aucun", "en": "none"},
    "backslash": {"fr": "barre oblique inverse", "en": "backslash"},
    "single": {"fr": "simples", "en": "single"},
    "yes": {"fr": "oui", "en": "yes"},
    "no": {"fr": "non", "en": "no"},
}
"""Keys and values of the notes on how a table was read -> language -> words."""


def worded(note: str, lang: str) -> str:
    """A note (``key=value, key=value``) in the words of a language.

    >>> worded("encoding=utf-8, heading=no", "fr")
    'encodage : utf-8 ; ligne d’en-tête : non'
    """
    colon, stop = (" : ", " ; ") if lang == "fr" else (": ", "; ")
    parts = (part.partition("=") for part in note.split(", ") if part)
    return stop.join(f"{_word(key, lang)}{colon}{_word(value, lang)}" for key, _, value in parts)


def _word(term: str, lang: str) -> str:
    return NOTES.get(term, {}).get(lang, term)


WORDING: dict[str, dict[str, str]] = {
    Reason.TOO_MANY_FIELDS: {
        "fr": "plus de champs que de colonnes",
        "en": "more fields than there are columns",
    },
    Reason.TOO_FEW_FIELDS: {
        "fr": "ligne coupée : des champs manquent",
        "en": "cut row: fields are missing",
    },
    Reason.FRAGMENT: {
        "fr": "fragment de ligne, sans séparateur",
        "en": "fragment of a row, without a delimiter",
    },
    Reason.LINE_TOO_LONG: {
        "fr": "ligne trop longue pour être lue",
        "en": "line too long to be read",
    },
    Reason.NOT_JSON: {"fr": "la ligne n’est pas du JSON", "en": "the line is not JSON"},
    Reason.NOT_AN_OBJECT: {
        "fr": "JSON sans champs nommés",
        "en": "JSON without named fields",
    },
    Reason.UNKNOWN_KIND: {"fr": "format inconnu", "en": "unknown format"},
    Reason.KIND_NOT_READ: {
        "fr": "format reconnu, mais pas encore lu",
        "en": "format recognised, but not read yet",
    },
    Reason.ENCRYPTED: {"fr": "chiffré, mot de passe inconnu", "en": "encrypted, password unknown"},
    Reason.DAMAGED: {"fr": "abîmé ou coupé", "en": "damaged or cut"},
    Reason.READING_STOPPED: {
        "fr": "lecture arrêtée avant la fin : la suite est abîmée",
        "en": "reading stopped before the end: the rest is damaged",
    },
    Reason.TOO_LARGE: {"fr": "plus gros que la limite", "en": "larger than the limit"},
    Reason.TOO_MANY_MEMBERS: {
        "fr": "archive de plus d’éléments que la limite",
        "en": "archive with more members than the limit",
    },
    Reason.RATIO: {
        "fr": "taux de compression d’une bombe de décompression",
        "en": "compression ratio of a decompression bomb",
    },
    Reason.TOO_DEEP: {"fr": "archives emboîtées trop profondément", "en": "archives nested too deeply"},
    Reason.OVERLAP: {
        "fr": "éléments d’archive qui se chevauchent",
        "en": "archive members that overlap",
    },
    Reason.PACKING_NOT_READ: {
        "fr": "méthode de compression non lue",
        "en": "compression method not read",
    },
    Reason.LINK: {"fr": "lien, non suivi", "en": "link, not followed"},
    Reason.NOT_A_FILE: {
        "fr": "ni fichier ni dossier (périphérique, tube…)",
        "en": "neither file nor folder (device, pipe…)",
    },
    Reason.NO_PERMISSION: {"fr": "lecture refusée par le système", "en": "reading refused by the system"},
    Reason.ELEMENT_NOT_JSON: {
        "fr": "élément qui n’est pas du JSON",
        "en": "element that is not JSON",
    },
}
"""Reason id -> language -> words."""
