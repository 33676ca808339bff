"""Which database wrote a dump, and what its quotes mean.

Judged by the first octets; where they leave a doubt about backslashes, the whole dump decides (``index``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """How strings and comments are written."""

    name: str
    """mysql, postgresql, sqlite, sqlserver, oracle, or sql when nothing tells."""
    escapes: bool
    """Whether a backslash takes the next octet out of its meaning within a string."""
    sure: bool = True
    """Whether ``escapes`` is certain."""

    @property
    def mysql(self) -> bool:
        """Whether MySQL's own forms count: # comments, strings in double quotes."""
        return self.name == "mysql"


_SIGNS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    (
        "postgresql",
        re.compile(
            rb"(?im)^-- PostgreSQL database|^SET standard_conforming_strings|pg_catalog|\bFROM stdin;"
        ),
    ),
    (
        "sqlite",
        re.compile(rb"(?im)^PRAGMA foreign_keys|sqlite_sequence|\bAUTOINCREMENT\b|\A\s*BEGIN TRANSACTION;"),
    ),
    (
        "mysql",
        re.compile(
            rb"(?im)^-- (MySQL|MariaDB) dump|phpMyAdmin|HeidiSQL|Adminer|/\*!\d{5}|/\*M!|\bENGINE\s?="
            rb"|\bAUTO_INCREMENT\b|^\s*(CREATE TABLE|INSERT INTO)\b[^\n(]*`"
        ),
    ),
    ("sqlserver", re.compile(rb"(?im)^GO[ \t]*\r?$|\[dbo\]\.|^\s*INSERT (INTO )?\[|\bIDENTITY_INSERT\b")),
    ("oracle", re.compile(rb"(?im)^REM INSERTING|^SET DEFINE OFF|\bto_(date|timestamp)\s*\(|\bVARCHAR2\b")),
)
_OLD_STRINGS = re.compile(rb"(?im)^SET standard_conforming_strings = off")
_NO_ESCAPES = re.compile(rb"(?i)sql_mode[^;\n]*NO_BACKSLASH_ESCAPES")
_SIGNED = re.compile(rb"(?m)^-- (?:MySQL|MariaDB) dump |^-- phpMyAdmin SQL Dump")
_SLASHED = re.compile(rb"[^'\\](?:\\\\)*\\'[^,)\s;]")
_DOUBLED = re.compile(rb"[^'\\(,\s]''[^',)\s;]")


def sniff_flavour(head: bytes) -> Flavour:
    """The flavour of a dump from its first octets (as UTF-8 or one-octet text).

    >>> sniff_flavour(b"-- MariaDB dump 10.19")
    Flavour(name='mysql', escapes=True, sure=True)
    """
    name = next((name for name, sign in _SIGNS if sign.search(head)), "sql")
    if name == "postgresql":
        return Flavour(name, escapes=_OLD_STRINGS.search(head) is not None)
    if name == "mysql":
        # Dump programs set the mode in which they escape; a dump made by hand may be meant for another one.
        signed = _SIGNED.search(head) is not None
        return Flavour(name, escapes=signed or not _NO_ESCAPES.search(head), sure=signed)
    if name == "sql":
        return Flavour(name, escapes=len(_SLASHED.findall(head)) > len(_DOUBLED.findall(head)), sure=False)
    return Flavour(name, escapes=False)
