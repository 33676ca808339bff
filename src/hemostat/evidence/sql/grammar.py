r"""What SQL looks like, as patterns over octets: the one place that says where a statement, a tuple, a string ends.

What a unit of a dump is:

* a tuple of ``INSERT … VALUES (…), (…);``; it starts at its parenthesis. A tuple is *strict* when its quotes, brackets
  and comments work out by these patterns within the limit of size, and what follows it makes sense;
* what may be the beginning of a strict tuple where the dump ends is one unit, cut;
* from the first other tuple that is not strict up to the next ``);`` at the end of a line, or to a line that begins
  another statement with data, the text is *loose*: each stretch up to ``),(`` is a unit, readable or not;
* a line between ``COPY … FROM stdin;`` and ``\.``;
* a statement that holds data and is no such thing (``INSERT … SELECT``, ``UPDATE``…): one unit, quarantined;
* text that is no statement at all, as at the head of a part of a split dump: a unit per stretch or per line.

The reader (``walk``) and the independent count (``units``) both follow these rules, by different code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemostat.evidence.sql.flavour import Flavour

LOOK = 64 << 10
"""Octets within which the head of a statement, and what follows a tuple, have to show."""
DEPTH = 6
"""How deep parentheses may nest within a tuple."""

_IDENTIFIER = rb'(?:`(?:[^`]|``)*+`|"(?:[^"]|"")*+"|\[(?:[^\]]|\]\])*+\]|[\w$@\#\x80-\xff]++)'
_VERBS = (
    rb"SET|USE|CREATE|DROP|ALTER|LOCK|UNLOCK|BEGIN|START|COMMIT|ROLLBACK|END|GRANT|REVOKE|DENY|COMMENT|SELECT|ANALYZE"
    rb"|ANALYSE|PRAGMA|INSERT|REPLACE|UPSERT|COPY|DELETE|TRUNCATE|UPDATE|MERGE|EXEC|EXECUTE|DECLARE|IF|PRINT|GO|DO|CALL"
    rb"|WITH|VACUUM|REINDEX|CLUSTER|REFRESH|SECURITY|REASSIGN|RENAME|FLUSH|CHANGE|PURGE|RESET|SHOW|SAVEPOINT|RELEASE"
    rb"|ATTACH|DETACH|CHECKPOINT|DISCARD|LISTEN|NOTIFY|UNLISTEN|PREPARE|DEALLOCATE|IMPORT|EXPLAIN|LOAD|REM|REMARK"
    rb"|PROMPT|SPOOL|WHENEVER|DEFINE|UNDEFINE|EXIT|QUIT|CONNECT|DISCONNECT|WAITFOR|DBCC|BULK|OPTIMIZE|REPAIR|CACHE|KILL"
    rb"|INSTALL|UNINSTALL|XA|HANDLER|HELP|DELIMITER|SOURCE|RETURN|RAISERROR|THROW|TRY|WHILE|RAISE|ABORT|MOVE|FETCH|CLOSE"
    rb"|OPEN|DEALLOC|CHECK|BACKUP|RESTORE|SHUTDOWN|STOP|SLAVE|RECONFIGURE|SETUSER|REPLICATION|CLEAR|TABLE|VALUES"
)
E_STRING = rb"'(?:[^'\\]++|\\.|'')*+'"
"""What follows the E of an escape string of PostgreSQL."""


_EDGE = rb"(?![\w'\"`\x80-\xff])"
"""After a closing quote: what follows there is no part of a word."""


def _strings(flavour: Flavour) -> tuple[bytes, bytes]:
    """A string in single quotes, and one in double quotes (an identifier, outside MySQL)."""
    single = E_STRING if flavour.escapes else rb"'(?:[^']++|'')*+'"
    double = rb'"(?:[^"\\]++|\\.|"")*+"' if flavour.mysql and flavour.escapes else rb'"(?:[^"]++|"")*+"'
    return single, double


def _comment(flavour: Flavour) -> bytes:
    lines = rb"(?:--|\#)" if flavour.mysql else rb"--"
    return rb"(?:%b[^\n]*+(?:\n|\Z)|/\*(?:[^*]++|\*(?!/))*+\*/)" % lines


def _atoms(flavour: Flavour, plain: bytes) -> bytes:
    """What a tuple is made of between its parentheses, one piece at a time; ``plain`` are the octets of no meaning."""
    single, double = _strings(flavour)
    escape = b"" if flavour.escapes else rb"[eE]%b%b|" % (E_STRING, _EDGE)
    hashes = b"" if flavour.mysql else rb"\#|"
    return rb"(?:%b++|%b%b|%b\w++(?:%b%b)?+|-(?!-)|/(?!\*)|%b|%b%b|`[^`]*+`%b|%b\$(?!\w*\$))" % (
        plain, single, _EDGE, escape, single, _EDGE, _comment(flavour), double, _EDGE, _EDGE, hashes,
    )  # fmt: skip


def _nested(flavour: Flavour) -> bytes:
    atoms = _atoms(flavour, rb"[^\w'\"`()\\;\-/\#$]")
    group = rb"\(%b*+\)" % atoms
    for _ in range(DEPTH - 2):
        group = rb"\((?:%b|%b)*+\)" % (atoms, group)
    return group


@dataclass(frozen=True, slots=True)
class Grammar:
    """The patterns of one flavour. All are to be used with ``match`` at a place."""

    blank: re.Pattern[bytes]
    """White space, whole comments, lone semicolons and separators between statements; nothing at worst."""
    space: re.Pattern[bytes]
    """White space and whole lines of comment."""
    insert: re.Pattern[bytes]
    """The head of an INSERT up to its first parenthesis; groups ``name``, ``columns``."""
    copy: re.Pattern[bytes]
    """The head of a COPY up to its first line of data; groups ``name``, ``columns``."""
    create: re.Pattern[bytes]
    """The head of a CREATE TABLE up to its parenthesis; group ``name``."""
    word: re.Pattern[bytes]
    """The verb of a statement; group 1."""
    tuple: re.Pattern[bytes]
    """A strict tuple."""
    cut: re.Pattern[bytes]
    """A tuple that the end of the octets cuts, and that may turn out to be strict."""
    cell: re.Pattern[bytes]
    """One value of a strict tuple."""
    after: re.Pattern[bytes]
    """What may follow a tuple; group ``sign``: the comma before another tuple, the semicolon, a clause, or nothing
    where a line begins that needs no semicolon before it, or where the dump ends."""
    rest: re.Pattern[bytes]
    """A statement, or what is left of it, up to its semicolon (group ``end``) or to a line that begins another."""
    pieces: re.Pattern[bytes]
    """A word that opens or closes a block of a routine, a semicolon, or what has to be passed over: group ``broken``
    when its end is not at hand."""


LOOSE = re.compile(
    rb"(?P<next>\)\s{0,16},\s{0,16}(?=\())|(?P<end>\)\s{0,16};[ \t]{0,16}(?=[\r\n]|\Z))"
    rb"|(?P<line>\n(?=(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s|INSERT\s+\[|COPY\s+[^\n]{1,4000}\sFROM\s+stdin|CREATE\s+TABLE\s))",
    re.IGNORECASE,
)
"""Where a stretch of loose text ends: before another tuple, at the end of the statement, before another statement."""
STOP = re.compile(
    rb"[ \t]*(?:GO[ \t]*(?:\r?\n|\Z)|/[ \t]*\r?\n|\\\.[ \t]*(?:\r?\n|\Z)"
    rb"|(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?(?:INTO\b|[\[`\"])|COPY\s+[^\n;]{1,4000}\sFROM\s+stdin)",
    re.IGNORECASE,
)
"""A line that ends the statement before it, semicolon or not."""
TEXTUAL = re.compile(rb";[ \t]*(?=\r?\n|\Z)|\n(?=%b)" % STOP.pattern, re.IGNORECASE)
"""Where a statement ends whose quotes do not work out."""
VERB = re.compile(rb"(?:%b)(?![\w$])" % _VERBS, re.IGNORECASE)
"""A word that begins a statement."""
DATA = re.compile(
    rb"(?:INSERT|REPLACE|UPSERT|MERGE|UPDATE(?!\s+\"?pg_catalog))(?![\w$])|SELECT\s+(?:pg_catalog\.)?lowrite\s*\(",
    re.IGNORECASE,
)
"""A statement that holds data."""
ROUTINE = re.compile(
    rb"CREATE\s+(?:(?!TABLE\b)[^\s;]+\s+){0,6}?(?:TRIGGER|FUNCTION|PROCEDURE|PROC|PACKAGE|EVENT|RULE)\b",
    re.IGNORECASE,
)
DELIMITER = re.compile(rb"DELIMITER[ \t]+(\S+)[^\n]*(?:\n|\Z)", re.IGNORECASE)
DATABASE = re.compile(
    rb"(?:USE\s+(?P<use>%b)|\\connect\s+(?:[^\n]*dbname='(?P<dbname>[^'\n]*)'[^\n]*|(?P<connect>%b|\S+)))"
    % (_IDENTIFIER, _IDENTIFIER),
    re.IGNORECASE,
)
"""What changes the database: groups ``use``, ``dbname``, ``connect``."""
META = re.compile(
    rb"\\[^.\n][^\n]*(?:\n|\Z)|(?:REM|REMARK|PROMPT|SPOOL)(?:[ \t][^\n]*)?(?:\n|\Z)", re.IGNORECASE
)
"""A line for the command-line tool rather than the server."""
END_OF_COPY = re.compile(rb"\\\.[ \t]*\r?(?:\n|\Z)")


ORPHAN = re.compile(
    rb"(?P<copy>\n\\\.[ \t]*(?:\r?\n|\Z))|(?P<end>;[ \t]*(?=\r?\n|\Z))"
    rb"|(?P<line>\n(?=--\s|/\*!|(?:CREATE|DROP|LOCK|ALTER)\s+TABLE|SET\s+\S+\s*=|%b))" % STOP.pattern,
    re.IGNORECASE,
)
"""Where text ends that is no statement; group ``copy`` when it was COPY data."""
_BETWEEN = re.compile(rb"\)\s{0,16},\s{0,16}\(")


def orphans(text: bytes, *, copied: bool) -> int:
    """The units in text that is no statement: its lines, or what lies between ``),(`` if it seems to hold tuples."""
    between = 0 if copied else len(_BETWEEN.findall(text))
    return between + 1 if between else max(text.rstrip().count(b"\n") + 1, 1)


@cache
def grammar(flavour: Flavour) -> Grammar:
    """The patterns of a flavour."""
    single, double = _strings(flavour)
    comment = _comment(flavour)
    space = rb"(?:\s++|%b)*+" % comment
    closed_lines = rb"(?:--|\#)[^\n]*+\n" if flavour.mysql else rb"--[^\n]*+\n"
    closed = rb"%b|/\*(?:[^*]++|\*(?!/))*+\*/" % closed_lines
    name = rb"(?P<name>%b(?:%b\.%b%b){0,3})" % (_IDENTIFIER, space, space, _IDENTIFIER)
    columns = rb"(?:\((?P<columns>%b%b%b(?:,%b%b%b)*+)\))?" % (
        space,
        _IDENTIFIER,
        space,
        space,
        _IDENTIFIER,
        space,
    )
    group = _nested(flavour)
    atoms = _atoms(flavour, rb"[^\w'\"`()\\;\-/\#$]")
    inner = rb"(?:%b|%b)*+" % (atoms, group)
    cells = _atoms(flavour, rb"[^\w'\"`()\[\]{},\\;\-/\#$]")
    listed = rb"\[(?:%b|%b|[\[\]{}])*?\]|\{(?:%b|%b)*?\}" % (atoms, group, cells, group)
    broken = rb"'(?:[^'\\]++|\\.|'')*+\\?\Z" if flavour.escapes else rb"'(?:[^']++|'')*+\Z"
    dollar = rb"\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
    other = rb"[^'\"`$;\-/\#\n\\]++|\\.|%b%b|%b|`[^`]*+`|%b|%b|-(?!-)|/(?!\*)|\#|\$(?!\w*\$)"
    other %= (single, _EDGE, double, dollar, comment)
    flags = re.IGNORECASE | re.DOTALL

    def pattern(text: bytes) -> re.Pattern[bytes]:
        return re.compile(text, flags)

    return Grammar(
        blank=pattern(
            rb"(?:\s++|;|%b|GO(?=[ \t]*(?:\d+[ \t]*)?(?:\r?\n|\Z))|\xef\xbb\xbf|/(?=[ \t]*\r?\n))*+" % closed
        ),
        space=pattern(rb"(?:\s++|%b)*+" % closed_lines),
        insert=pattern(
            rb"(?:INSERT|REPLACE|UPSERT)(?:\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE"
            rb"|OR\s+(?:REPLACE|IGNORE|ABORT|ROLLBACK|FAIL)))*+(?:%bINTO\b)?%b%b%b%b"
            rb"(?:OVERRIDING\s+(?:SYSTEM|USER)\s+VALUE)?%bVALUES?%b(?=\()"
            % (space, space, name, space, columns + space, space, space)
        ),
        copy=pattern(
            rb"COPY\s+(?:ONLY\s+)?%b%b%b%bFROM%bstdin[^;\n]{0,500};[^\n]*\n"
            % (name, space, columns, space, space)
        ),
        create=pattern(
            rb"CREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|FOREIGN|EXTERNAL|COLUMN|ROW|MEMORY|CACHED|OR|REPLACE)\s+)*+"
            rb"TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?%b%b(?=\()" % (name, space)
        ),
        word=pattern(rb"(?:/\*M?!\d*\s*)?([A-Z]+)"),
        tuple=pattern(rb"\(%b\)" % inner),
        cut=pattern(
            rb"\((?:%b|%b|\()*+(?:\\?|-|/|%b|[eE]?'(?:[^'\\]++|\\.|'')*+\\?|\"[^\"]*+|`[^`]*+|/\*.*+)\Z"
            % (atoms, group, broken)
        ),
        cell=pattern(rb"(?:%b|%b|%b|[\[\]{}])*+" % (cells, group, listed)),
        after=pattern(
            rb"%b(?P<sign>,%b(?=\()|,%b\Z|;|(?=(?:ON|RETURNING|AS)\b)|\Z|(?<=\s)(?=(?:%b)(?![\w$])|\\|/[ \t]*\r?\n))"
            % (space, space, space, _VERBS)
        ),
        rest=pattern(rb"(?:%b|\n(?!%b))*+(?P<end>;|\Z|(?=\n))" % (other, STOP.pattern)),
        pieces=pattern(
            rb"%b|%b|`[^`]*+`|%b|%b|\b(?P<open>BEGIN|CASE)\b|\b(?P<close>END)\b|(?P<end>;)"
            rb"|(?P<stop>\n(?=[ \t]*(?:GO[ \t]*(?:\r?\n|\Z)|/[ \t]*\r?\n)))|(?P<broken>['\"`]|/\*|\$\w*\$)"
            % (single, double, dollar, comment)
        ),
    )
