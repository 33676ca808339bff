"""Names of evidence: what names a person is masked, what names a file is not."""

import pytest

from hemostat.report.names import shown_name


@pytest.mark.parametrize(
    "name",
    [
        "users.csv",
        "leak.zip!export_20251128/teleconsultations.jsonl",
        "dump-2025-11-28T10-00.sql#patients",
        "postgresql://db.example.org/care#public.patients",
        "patients 2024.xlsx#Feuil1",
        "box.mbox!12/attachment.pdf",
        "laboratoire-07/resultats.csv.gz",
        "audit.ndjson",
        "claire.csv",
    ],
)
def test_a_plain_name_stays(name):
    assert shown_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Marie LE GOFF.docx", "Aaaaa AA AAAA.docx"),
        ("cr/DUPONT_Jean_cr.pdf", "cr/AAAAAA_Aaaa_aa.pdf"),
        ("1 84 12 75 108 042 61.pdf", "9 99 99 99 999 999 99.pdf"),
        ("184127510804261.txt", "999999999999999.txt"),
        ("zoe.martin@example.org.eml", "aaa.aaaaaa@aaaaaaa.aaa.eml"),
        ("appel 06 12 34 56 78.txt", "aaaaa 99 99 99 99 99.txt"),
        ("ordonnance 1962-03-14.pdf", "aaaaaaaaaa 9999-99-99.pdf"),
        ("book.xlsx#Jean DUPONT", "book.xlsx#Aaaa AAAAAA"),
    ],
)
def test_a_name_that_tells_of_a_person_is_shown_by_its_shape(name, shown):
    assert shown_name(name) == shown
