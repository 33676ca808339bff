"""What the people counted are, said as far as it is known."""

import pytest

from hemostat.report.content import standing
from hemostat.report.wording import wording

PERSONS = {"best": 100, "low": 98, "high": 103, "ceiling": 110}


@pytest.mark.parametrize(
    ("fabricated", "recycled", "said"),
    [
        (7, 3, "7 fabricated identities and 3 recycled from an earlier leak. Without them: 90 people"),
        (7, None, "recycled ones are not known. Without them: 93 people (between 91 and 96), at most 103."),
        (None, 3, "fabricated ones are not known. Without them: 97 people"),
        (None, None, "Until genuine rows can be told"),
    ],
)  # fmt: skip
def test_with_and_without_as_far_as_known(fabricated, recycled, said):
    assert said in standing(PERSONS | {"fabricated": fabricated, "recycled": recycled}, wording("en"))


def test_without_a_ceiling_none_is_given():
    text = standing(PERSONS | {"ceiling": None, "fabricated": 7, "recycled": 3}, wording("en"))
    assert text.endswith("Without them: 90 people (between 88 and 93).")
