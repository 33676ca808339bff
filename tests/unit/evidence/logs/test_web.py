"""Lines of nginx and Apache, and what people put into them."""

from __future__ import annotations

import pytest

from hemostat.evidence.logs.web import HttpLogReader, read

LINE = (
    '198.51.100.7 - dr.x [10/Nov/2025:19:10:00 +0100] "GET /patients/12?tab=bio HTTP/1.1" 200 512 '
    '"https://app.example.org/" "Mozilla/5.0 (X11)"'
)


def columns(*lines):
    entries = read([line.encode() + b"\n" for line in lines], final=True)
    return {name: values.to_pylist() for name, values in entries.columns.items()}, entries


def test_a_combined_line_is_taken_apart():
    found, entries = columns(LINE)
    assert {name: values[0] for name, values in found.items()} == {
        "time": "10/Nov/2025:19:10:00 +0100",
        "ip": "198.51.100.7",
        "user": "dr.x",
        "method": "GET",
        "path": "/patients/12?tab=bio",
        "status": "200",
        "size": "512",
        "agent": "Mozilla/5.0 (X11)",
        "host": None,
        "rest": None,
    }
    assert entries.at == [0]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (LINE.rsplit(' "', 2)[0], "agent", None),
        ("app.example.org:443 " + LINE, "host", "app.example.org:443"),
        (LINE + ' "0a1b2c3d4e5f60718293a4b5c6d7e8f9"', "rest", '"0a1b2c3d4e5f60718293a4b5c6d7e8f9"'),
        (LINE.replace("dr.x", "-"), "user", None),
        (LINE.replace("dr.x", "Jean Du Lac"), "user", "Jean Du Lac"),
        (LINE.replace("198.51.100.7", "2001:db8::7"), "ip", "2001:db8::7"),
        (LINE.replace("GET /patients/12?tab=bio HTTP/1.1", "-"), "path", None),
        (LINE.replace("tab=bio", "q=a b"), "path", "/patients/12?q=a b"),
    ],
    ids=["common", "host", "request id", "nobody", "name with spaces", "ipv6", "no request", "space in path"],
)
def test_forms_of_lines(line, column, value):
    found, entries = columns(line)
    assert not entries.aside
    assert (found[column][0] or "").strip() == (value or "")


def test_an_injected_entry_stays_in_the_line_it_was_put_in():
    """A quote in a request is escaped by the server: the forged end is part of the path."""
    forged = r"/x\" 200 1 \"-\" \"-\" 192.0.2.9 - dr.y [10/Nov/2025:19:11:00 +0100] \"GET /patients/13"
    found, entries = columns(LINE.replace("/patients/12?tab=bio", forged))
    assert found["user"] == ["dr.x"]
    assert "dr.y" in found["path"][0]
    assert not entries.aside


def test_other_lines_are_set_aside_with_their_place():
    _, entries = columns(LINE, "", "nginx: worker started", LINE[:40])
    assert entries.at == [0]
    assert [(first, reason) for first, _, reason in entries.aside] == [
        (2, "not_a_log_line"),
        (3, "not_a_log_line"),
    ]


def test_recognised_by_most_of_the_first_lines():
    reader = HttpLogReader()
    assert reader.recognises(f"{LINE}\n{LINE}\nnoise\n".encode(), "a") > 90
    assert reader.recognises(b"nom;prenom\nA;B\n", "access.log") == 0
