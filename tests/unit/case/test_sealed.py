"""Sealed files: what is written comes back, from any place; any change is seen."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.case.sealed import CHUNK, SealedReader, SealedWriter
from hemostat.errors import CaseError

KEY = bytes(range(32))


def write(path, *pieces):
    with SealedWriter(path, KEY) as out:
        for piece in pieces:
            out.write(piece)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_any_size_comes_back(tmp_path, size):
    content = os.urandom(size)
    write(tmp_path / "s", content[: size // 3], content[size // 3 :])
    with SealedReader(tmp_path / "s", KEY) as reader:
        assert reader.size == size
        assert reader.readall() in (content, content or None)


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, 2 * CHUNK + 40), length=st.integers(0, 2 * CHUNK))
def test_any_place_can_be_read(tmp_path_factory, start, length):
    content = bytes(range(256)) * (2 * CHUNK // 256) + b"end"
    path = tmp_path_factory.mktemp("sealed") / "s"
    write(path, content)
    with SealedReader(path, KEY) as reader:
        reader.seek(start)
        got = b""
        while len(got) < length and (piece := reader.read(length - len(got))):
            got += piece
    assert got == content[start : start + length]


@pytest.mark.parametrize(
    "harm",
    [
        lambda b: b[:-1],
        lambda b: b[: 24 + CHUNK + 16],
        lambda b: b[:24] + b[24 + CHUNK + 16 :],
        lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:],
        lambda b: b"x" + b[1:],
    ],
    ids=["cut", "last chunk lost", "first chunk lost", "bit flipped", "mark"],
)
def test_harm_is_seen(tmp_path, harm):
    write(tmp_path / "s", os.urandom(CHUNK + 500))
    (tmp_path / "s").write_bytes(harm((tmp_path / "s").read_bytes()))
    with pytest.raises(CaseError), SealedReader(tmp_path / "s", KEY) as reader:
        reader.readall()


def test_nothing_appears_before_the_end(tmp_path):
    out = SealedWriter(tmp_path / "s", KEY)
    out.write(b"half")
    assert not (tmp_path / "s").exists()
    out.discard()
    assert list(tmp_path.iterdir()) == []
