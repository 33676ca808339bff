"""Why something was quarantined: ids that the quarantine keeps, and their wording for the report."""

from __future__ import annotations

from enum import StrEnum

from hemostat.evidence.extras import command


class Reason(StrEnum):
    """What keeps a unit of evidence from being read as a record."""

    TOO_MANY_FIELDS = "too_many_fields"
    TOO_FEW_FIELDS = "too_few_fields"
    FRAGMENT = "fragment"
    MISALIGNED = "misaligned"
    LINE_TOO_LONG = "line_too_long"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_KIND = "unknown_kind"
    KIND_NOT_READ = "kind_not_read"
    ENCRYPTED = "encrypted"
    LOCKED = "locked"
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
    PARSER_DIED = "parser_died"
    PARSER_SLOW = "parser_slow"
    TOO_MUCH_MEMORY = "too_much_memory"
    NEEDS_LIBARCHIVE = "needs_libarchive"
    NEEDS_DOCUMENTS = "needs_documents"
    NEEDS_AVRO = "needs_avro"
    NEEDS_UNLOCKING = "needs_unlocking"
    NEEDS_OCR = "needs_ocr"
    NEEDS_FRENCH = "needs_french"
    NO_TEXT_FOUND = "no_text_found"
    TOO_MANY_PIXELS = "too_many_pixels"
    OUTLOOK_MESSAGE = "outlook_message"
    OLD_OFFICE = "old_office"
    NO_TABLE = "no_table"
    BROKEN_MESSAGE = "broken_message"


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
    "table": {"fr": "tableau no", "en": "table number"},
    "padded": {"fr": "lignes courtes complétées", "en": "short rows filled up"},
    "damaged": {"fr": "élément d’archive abîmé", "en": "damaged archive member"},
    "ocr": {"fr": "pages lues par reconnaissance de caractères", "en": "pages read by character recognition"},
    "pictures": {"fr": "images", "en": "pictures"},
    "macro": {"fr": "macros (non lancées)", "en": "macros (never run)"},
    "numbers": {"fr": "identifiants changés en nombres", "en": "identifiers turned into numbers"},
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
    Reason.MISALIGNED: {
        "fr": "ligne qui ne suit pas l’alignement des colonnes",
        "en": "line that does not follow the alignment of the columns",
    },
    Reason.NOT_AN_OBJECT: {
        "fr": "JSON sans champs nommés",
        "en": "JSON without named fields",
    },
    Reason.UNKNOWN_KIND: {"fr": "format inconnu", "en": "unknown format"},
    Reason.KIND_NOT_READ: {
        "fr": "format reconnu, mais pas encore lu",
        "en": "format recognised, but not read yet",
    },
    Reason.ENCRYPTED: {
        "fr": "chiffré : à déchiffrer avec le programme qui l’a chiffré (RAR, age…), puis à ajouter en clair",
        "en": "encrypted: decrypt it with the program that encrypted it (RAR, age…), then add what comes out",
    },
    Reason.LOCKED: {
        "fr": "protégé par un mot de passe inconnu : écrivez-le dans un fichier, un par ligne, et relancez avec"
        " « --password-file FICHIER »",
        "en": "under an unknown password: write it to a file, one a line, and run again with “--password-file FILE”",
    },
    Reason.DAMAGED: {"fr": "abîmé ou coupé", "en": "damaged or cut"},
    Reason.READING_STOPPED: {
        "fr": "lecture arrêtée avant la fin : la suite est abîmée",
        "en": "reading stopped before the end: the rest is damaged",
    },
    Reason.TOO_LARGE: {
        "fr": "plus gros que la limite : à relever si c’est honnête (--limit member_bytes=, total_bytes=, book_bytes=)",
        "en": "larger than the limit: if it is honest, raise it (--limit member_bytes=, total_bytes=, book_bytes=)",
    },
    Reason.TOO_MANY_MEMBERS: {
        "fr": "archive de plus d’éléments que la limite : si elle est honnête, relevez-la (--limit members=)",
        "en": "archive with more members than the limit: if it is honest, raise it (--limit members=)",
    },
    Reason.RATIO: {
        "fr": "taux de compression d’une bombe : relevez la limite si l’archive est honnête (--limit ratio=)",
        "en": "compression ratio of a decompression bomb: if it is honest, raise the limit (--limit ratio=)",
    },
    Reason.TOO_DEEP: {
        "fr": "archives emboîtées trop profondément : relevez la limite s’il le faut (--limit depth=)",
        "en": "archives nested too deeply: raise the limit if need be (--limit depth=)",
    },
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
    Reason.PARSER_DIED: {
        "fr": "la lecture de ce contenu a fait tomber l’analyseur : à ouvrir à part, sur un poste isolé",
        "en": "reading this content made the parser crash: open it apart, on an isolated machine",
    },
    Reason.PARSER_SLOW: {
        "fr": "la lecture de ce contenu a dépassé le temps permis",
        "en": "reading this content took longer than allowed",
    },
    Reason.TOO_MUCH_MEMORY: {
        "fr": "lire ce contenu demande plus de mémoire que permis : exportez un classeur en CSV, puis ajoutez-le",
        "en": "reading this content takes more memory than allowed: export a workbook to CSV, then add that",
    },
    Reason.NEEDS_LIBARCHIVE: {
        "fr": f"archive non lue, il faut « apt-get install libarchive13 » et « {command('archives')} »",
        "en": f"archive not read, it takes “apt-get install libarchive13” and “{command('archives')}”",
    },
    Reason.NEEDS_DOCUMENTS: {
        "fr": f"document non lu, il faut « {command('documents')} »",
        "en": f"document not read, it takes “{command('documents')}”",
    },
    Reason.NEEDS_AVRO: {
        "fr": f"fichier Avro non lu, il faut « {command('avro')} »",
        "en": f"Avro file not read, it takes “{command('avro')}”",
    },
    Reason.NEEDS_UNLOCKING: {
        "fr": f"sous un mot de passe, il faut « {command('unlocking')} » pour l’ouvrir",
        "en": f"under a password, it takes “{command('unlocking')}” to open it",
    },
    Reason.NEEDS_OCR: {
        "fr": "texte d’image non lu, il faut « apt-get install tesseract-ocr tesseract-ocr-fra »",
        "en": "text of a picture not read, it takes “apt-get install tesseract-ocr tesseract-ocr-fra”",
    },
    Reason.NEEDS_FRENCH: {
        "fr": "texte d’image non lu, le français manque : « apt-get install tesseract-ocr-fra »",
        "en": "text of a picture not read, French is missing: “apt-get install tesseract-ocr-fra”",
    },
    Reason.NO_TEXT_FOUND: {
        "fr": "image où aucun texte n’a été reconnu : à regarder",
        "en": "picture in which no text was recognised: look at it",
    },
    Reason.TOO_MANY_PIXELS: {
        "fr": "image plus grande que la limite",
        "en": "picture larger than the limit",
    },
    Reason.OUTLOOK_MESSAGE: {
        "fr": "message Outlook (.msg) : convertissez-le en .eml (Outlook, ou « msgconvert »), puis ajoutez-le",
        "en": "Outlook message (.msg): convert it to .eml (Outlook, or “msgconvert”), then add it",
    },
    Reason.OLD_OFFICE: {
        "fr": "document Office 97 : convertissez-le par « soffice --headless --convert-to docx », puis ajoutez-le",
        "en": "Office 97 document: convert it with “soffice --headless --convert-to docx”, then add it",
    },
    Reason.NO_TABLE: {
        "fr": "ni tableau ni texte dans ce fichier",
        "en": "neither table nor text in this file",
    },
    Reason.BROKEN_MESSAGE: {
        "fr": "courriel illisible",
        "en": "unreadable e-mail",
    },
}
"""Reason id -> language -> words."""
