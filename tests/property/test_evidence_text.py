"""Lines in two encodings: each is read by itself, whatever stands around it."""

from hypothesis import given
from hypothesis import strategies as st

from hemostat.evidence.text import to_utf8

BROKEN = [b"\xe9", b"\xe2\x82", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80"]
OCTETS = st.sampled_from(
    [*BROKEN, b"\xc0\x80", b"\xc3", b"\x80", b"\xff", b"\r", b"a", b" "]
) | st.sampled_from([b"\xc3\xa9", b"\xe2\x82\xac", b"\xed\x9f\xbf", b"\xf0\x9f\x98\x80"])
LINES = st.lists(st.lists(OCTETS, max_size=6).map(b"".join), max_size=8)


@given(LINES)
def test_a_line_that_is_utf_8_stays_and_each_other_is_read_as_if_alone(lines):
    text, foreign = to_utf8(b"".join(line + b"\n" for line in lines))
    expected = []
    for line in lines:
        try:
            line.decode("utf-8")
            expected.append((line + b"\n", 0))
        except UnicodeDecodeError:
            expected.append(to_utf8(line + b"\n"))
            assert expected[-1][1] == 1
    assert text == b"".join(one for one, _ in expected)
    assert foreign == sum(count for _, count in expected)
