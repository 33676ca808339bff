"""Why a unit of a dump or of a database was quarantined, beside what ``reasons`` lists."""

from __future__ import annotations

from enum import StrEnum


class SqlReason(StrEnum):
    """What keeps a unit of a dump or of a database from being read as a record."""

    CUT = "sql_cut"
    TUPLE = "sql_tuple"
    WIDTH = "sql_width"
    STATEMENT = "sql_statement"
    FRAGMENT = "sql_fragment"
    PG_ARCHIVE = "pg_archive"
    SQLITE_JOURNAL = "sqlite_journal"
    DATABASE_VERSION = "database_version"
    DATABASE_LARGE = "database_large"
    SERVER = "server"


WORDING: dict[str, dict[str, str]] = {
    SqlReason.CUT: {
        "fr": "la fin du fichier coupe la ligne",
        "en": "the end of the file cuts the row",
    },
    SqlReason.TUPLE: {
        "fr": "guillemets ou parenthèses qui ne se referment pas",
        "en": "quotes or brackets that do not close",
    },
    SqlReason.WIDTH: {
        "fr": "nombre de valeurs différent du nombre de colonnes",
        "en": "number of values other than the number of columns",
    },
    SqlReason.STATEMENT: {
        "fr": "instruction SQL qui porte des données, mais pas une liste de valeurs (UPDATE, INSERT … SELECT)",
        "en": "SQL statement that holds data, but no list of values (UPDATE, INSERT … SELECT)",
    },
    SqlReason.FRAGMENT: {
        "fr": "fragment d’export SQL dont la table est inconnue",
        "en": "fragment of an SQL dump, of an unknown table",
    },
    SqlReason.PG_ARCHIVE: {
        "fr": "archive pg_dump : lancez « pg_restore -f export.sql ARCHIVE », puis ajoutez export.sql",
        "en": "pg_dump archive: run “pg_restore -f dump.sql ARCHIVE”, then add dump.sql",
    },
    SqlReason.SQLITE_JOURNAL: {
        "fr": "journal d’une base SQLite : ouvrez la base avec sqlite3, lancez « .dump », puis ajoutez l’export",
        "en": "journal of an SQLite database: open the database with sqlite3, run “.dump”, then add the dump",
    },
    SqlReason.DATABASE_VERSION: {
        "fr": "base d’une autre version, ou abîmée : exportez ses tables en Parquet, puis ajoutez-les",
        "en": "database of another version, or damaged: export its tables to Parquet, then add these",
    },
    SqlReason.DATABASE_LARGE: {
        "fr": "base plus grosse que la limite : ajoutez-la avec --in-place, ou relevez-la (--limit book_bytes=)",
        "en": "database larger than the limit: add it with --in-place, or raise it (--limit book_bytes=)",
    },
    SqlReason.SERVER: {
        "fr": "le serveur a refusé ou interrompu la lecture de la table",
        "en": "the server refused or stopped the reading of the table",
    },
}
"""Reason id -> language -> words."""
