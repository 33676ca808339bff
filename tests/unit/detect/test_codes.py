"""Numbers of professionals, coded health data, passwords."""

import polars as pl
import pytest

from hemostat.detect import codes, password, professional


def column(*values):
    return pl.Series(values, dtype=pl.String)


def test_rpps():
    found = professional.rpps_valid(
        column("10101010105", "810101010105", "10101010106", "20101010102", "1010101010", None)
    )
    assert found.to_list() == [True, True, False, False, False, False]


def test_finess_and_adeli():
    assert professional.finess_valid(
        column("560000127", "56 000 012 7", "560000128", "990000128")
    ).to_list() == [
        True,
        True,
        False,
        False,
    ]
    assert professional.adeli_valid(column("561012345", "2A1012345", "2a1012345", "001012345")).to_list() == [
        True,
        True,
        True,
        False,
    ]


def test_siret_and_the_exception_of_la_poste():
    found = professional.siret_valid(
        column("73282932000074", "35600000000048", "35600000049837", "73282932000075")
    )
    assert found.to_list() == [True, True, True, False]


@pytest.mark.parametrize(
    "written", ["O+", "A-", "AB+", "O Rh-", "B POS", "AB NEG", "a positif", "O rhésus +", "A2+", "0+"]
)
def test_blood_groups(written):
    assert codes.blood_valid(column(written)).to_list() == [True]


@pytest.mark.parametrize(
    "written", ["A", "note B+ au contrôle", "groupe A de travail", "C+", "AB", "O+ ou A+", "++"]
)
def test_not_blood_groups(written):
    assert codes.blood_valid(column(written)).to_list() == [False]


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (codes.CIM10, ["E11.9", "I10", "F329", "Z37.00"], ["11.9", "U071X", "douleur"]),
        (codes.CCAM, ["JKHA001", "HHFA009"], ["JKH001", "JKHA01"]),
        (codes.ATC_FULL, ["N02BE01", "H03AA01"], ["N02BE1", "X02BE01"]),
        (codes.UUID, ["8f14e45f-ceea-467a-9575-2f0d2c3a1b77"], ["8f14e45f"]),
        (
            codes.DEVICE,
            ["00:00:5E:00:53:AF", "35-209900-176148-1", "Mozilla/5.0 (X11)"],
            ["00:00:5E", "Firefox"],
        ),
        (codes.BEARER, ["eyJhbGciOiJIUzI1NiJ9.e30.x", "Bearer abc"], ["bonjour"]),
        (codes.PICTURE, ["photo_1.JPG", "data:image/png;base64,xx"], ["photo"]),
    ],
)
def test_shapes(pattern, good, bad):
    assert column(*good).str.contains(pattern).all()
    assert not column(*bad).str.contains(pattern).any()


@pytest.mark.parametrize(
    "address", ["203.0.113.7", "203.0.113.7:8080", "2001:db8::7", "::1", "2001:db8:0:0:0:0:0:7"]
)
def test_machine_addresses(address):
    assert codes.ip_valid(column(address)).to_list() == [True]


@pytest.mark.parametrize("other", ["300.1.1.1", "1.2.3", "12:30", "00:00:5E:00:53:AF", "1.2.3.4.5"])
def test_not_machine_addresses(other):
    assert codes.ip_valid(column(other)).to_list() == [False]


@pytest.mark.parametrize(
    "digest",
    [
        "$2b$12$" + "a" * 53,
        "$2y$10$" + "B" * 53,
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash",
        "pbkdf2_sha256$260000$salt$hash=",
        "$6$rounds=5000$salt$hashhashhash",
        "{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "5F4DCC3B5AA765D61D8327DEB882CF99",
        "a" * 64,
        "*" + "A" * 40,
    ],
)
def test_digests(digest):
    assert password.hash_valid(column(digest)).to_list() == [True]
    assert password.clear_valid(column(digest)).to_list() == [False]


def test_passwords_in_clear():
    found = password.clear_valid(
        column("Lilas56!", "4821", "mon chien Filou", "********", "••••••", "", None)
    )
    assert found.to_list() == [True, True, True, False, False, False, False]
