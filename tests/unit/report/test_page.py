"""The page as a reader, a mail program and an attacker meet it. Read with the parser of the standard library."""

import base64
import copy
import hashlib
import re
from itertools import pairwise

import pytest

from hemostat.report.page import render

DRAWING = {"svg", "title", "desc", "g", "path", "line", "text", "tspan"}
ELEMENTS = DRAWING | set(
    re.findall(
        r"\w+",
        "html head meta title style body p a header main nav section article footer h1 h2 h3 ul ol li dl dt dd div "
        "span strong small bdi wbr br code abbr figure figcaption table caption thead tbody tfoot tr th td",
    )
)


def test_only_elements_that_say_or_draw(page):
    assert {tag for tag, _ in page.elements} <= ELEMENTS


def test_nothing_points_outside_the_page(page):
    assert page.attributes("src") == []
    targets = page.attributes("href")
    assert targets
    assert all(target.startswith("#") for target in targets)
    assert not {"action", "srcset", "data", "poster", "background", "ping", "manifest", "xlink:href"} & {
        name for _, attrs in page.elements for name in attrs
    }
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_nothing_is_active(page):
    names = {name for _, attrs in page.elements for name in attrs}
    assert not [name for name in names if name.startswith("on")]
    assert "style" not in names
    assert not [
        attrs for tag, attrs in page.elements if tag == "meta" and attrs.get("http-equiv") == "refresh"
    ]


def test_the_policy_allows_its_own_style_and_nothing_else(page):
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    first_metas = [attrs for tag, attrs in page.elements if tag == "meta"][:2]
    policy = first_metas[1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert f"style-src 'sha256-{digest}'" in policy["content"]
    assert policy["content"].startswith("default-src 'none';")


def test_it_reads_from_top_to_bottom(page):
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
    assert all(words.strip() for _, words in page.headings)


def test_ids_are_unique_and_references_arrive(page):
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    named = [name for value in page.attributes("aria-labelledby") for name in value.split()]
    aimed = [target.removeprefix("#") for target in page.attributes("href")]
    assert set(named) | set(aimed) <= set(ids)


def test_tables_have_captions_heads_and_whole_rows(page):
    for table in page.tables:
        assert table["caption"].strip()
        head, *rows = table["rows"]
        assert rows, table["caption"]
        assert head.scopes == ["col"] * len(head.cells)
        for row in rows:
            assert row.scopes[0] in ("row", "rowgroup"), row.cells
            assert row.span == len(head.cells), row.cells


def test_every_drawing_has_a_title_and_a_description(page):
    drawn = [attrs for tag, attrs in page.elements if tag == "svg"]
    assert all(attrs["role"] == "img" and len(attrs["aria-labelledby"].split()) == 2 for attrs in drawn)


def test_one_language_for_the_whole_document(make, read):
    french, english = (read(make("annonce"), lang) for lang in ("fr", "en"))
    assert (french.attributes("lang"), english.attributes("lang")) == (["fr"], ["en"])
    assert "Nous n’avons encore reçu aucun fichier." in french.text
    assert "We have not received any file yet." in english.text
    assert not set(dict(french.headings).values()) & set(dict(english.headings).values())


def test_rendering_is_pure(make):
    view = make()
    before = copy.deepcopy(view)
    assert render(view, "fr") == render(view, "fr")
    assert view == before


def test_it_speaks_the_language_of_the_view_when_none_is_asked(make):
    assert '<html lang="en">' in render(make("annonce", lang="en"))


# -- what it says first


def test_the_headline_says_how_many_people_and_between_what_bounds(make, read):
    assert (
        "28\u202f512 personnes distinctes (entre 28\u202f390 et 28\u202f641, à 95\u00a0%) figurent dans les fichiers."
        " Au plus 28\u202f943." in read(make()).text
    )
    assert "28,512 distinct people (between 28,390 and 28,641, at 95%) are in the files. At most 28,943." in (
        read(make(), "en").text
    )


def test_as_long_as_standing_is_unknown_people_are_identities_found(make, read):
    assert "Until genuine rows can be told from fabricated or recycled ones" in read(make(), "en").text


def test_once_standing_is_known_the_headline_stands_with_and_without(make, read):
    text = read(make("laboratoires"), "en").text
    assert "474,312 distinct people" in text
    assert "Without them: 473,109 people (between 468,797 and 476,897), at most 486,067." in text


def test_what_does_not_add_up_is_the_very_first_line(make, read):
    page = read(make("laboratoires"), "en")
    first = next(words.strip() for words in page.words if words.strip())
    assert first.startswith("The count does not add up: 37 units of 491,878")
    assert "does not add up" not in read(make(), "en").text


def test_a_claim_stands_beside_the_count_and_in_no_computation(make, read):
    text = read(make(), "en").text
    assert "Claimed 32,000 people DumpSec" in text
    assert (
        "Found 28,512 people between 28,390 and 28,641, at 95% The claim exceeds the count by 12.2%." in text
    )
    without = render(make(claims=[], summary={**make().summary, "claims": []}), "en")
    assert "32,000" not in without


def test_with_a_claim_alone_nothing_is_zero(make, read):
    page = read(make("annonce"), "en")
    assert "Claimed 32,000 people" in page.text
    assert "Found not known yet" in page.text
    assert page.tables == []
    assert " 0 " not in page.text


def test_before_people_are_known_records_are_shown(make, read):
    summary = copy.deepcopy(dict(make().summary))
    summary["persons"] = dict.fromkeys(summary["persons"])
    summary["records"] |= dict.fromkeys(("kept", "exact_duplicates", "without_identity"))
    for counts in summary["categories"].values():
        counts["persons"] = None
    page = read(make(summary=summary, patients=None), "en")
    assert "The number of people is not known yet." in page.text
    assert "Sensitive data, GDPR art.\u00a09: records by category" in page.text
    assert "not been gathered by person" in page.text


# -- what it must not say


def test_hostile_names_come_out_as_words(make, read):
    for lang in ("fr", "en"):
        text = render(make("laboratoires"), lang)
        for script in range(1, 6):
            assert f"<script>alert({script})" not in text
        assert "\u202e" not in text
        assert "<b>" not in text
        assert text.count("</style>") == 1
        page = read(make("laboratoires"), lang)
        assert "<script>alert(1)</script>\\n\\u202egpj.exe" in page.text
        assert "Titre\\u202e hostile </title><script>alert(3)</script>" in page.text


def test_the_name_of_the_case_cannot_leave_its_string_in_the_style(make, read):
    quiet = read(make("annonce", case_id="A")).style
    loud = read(make("annonce", case_id='"}body{display:none}\n*/</style>')).style
    assert loud.count("{") == quiet.count("{")
    assert loud.count("}") == quiet.count("}")
    assert "}body" not in loud


def test_values_planted_where_only_shapes_belong_do_not_appear(make):
    planted = ("zoe.planted", "279046311904245", "0639981234", "2 79 04 63")
    view = make("laboratoires")
    held = repr(view)
    assert all(value in held for value in planted)
    for lang in ("fr", "en"):
        text = render(view, lang)
        assert not [value for value in planted if value in text]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_page_is_the_same_whatever_a_hidden_count_is(make, count):
    """Every place at once: tables, drawings, order, shares. Only the count itself could tell, and it is hidden."""
    view = make()
    summary = copy.deepcopy(dict(view.summary))
    summary["categories"]["remark_suicide"] = {"persons": count, "records": count + 1, "valid": None}
    summary["categories"]["genetic"] = {"persons": 4 - count, "records": 4, "valid": count}
    findings = [
        {**row, "values": count if row["category"] in ("remark_suicide", "genetic") else row["values"]}
        for row in plain_findings(view)
    ]
    other = copy.deepcopy(summary)
    other["categories"]["remark_suicide"] = {"persons": 4, "records": 2, "valid": None}
    other["categories"]["genetic"] = {"persons": 2, "records": 1, "valid": 0}
    for lang in ("fr", "en"):
        assert render(make(summary=summary, findings=findings), lang) == render(make(summary=other), lang)


def plain_findings(view):
    names = ("evidence", "place", "category", "values", "about", "valid", "confidence", "decided_by", "shape")
    return [{name: getattr(one, name) for name in names} for one in view.findings]


def test_a_small_count_of_an_ordinary_category_is_shown(make, read):
    (table,) = [one for one in read(make(), "en").tables if one["caption"].startswith("Categories")]
    rows = {row.cells[0].split(" art.")[0].strip(): row.cells[1:] for row in table["rows"]}
    assert rows["IP address"] == ["4", "0.01%", "4", "–"]
    assert rows["Remark: suicide"] == ["<5", "–", "<5", "–"]
    assert rows["Remark: HIV or stigmatised infection"][0] == "7"


def test_a_column_beside_a_hidden_one_is_withheld(make, read):
    cells = [
        row.cells
        for table in read(make(), "en").tables
        if table["caption"].startswith("Columns")
        for row in table["rows"]
        if "HIV" in row.cells[1]
    ]
    assert sorted(row[2] for row in cells) == ["<5", "hidden"]


# -- what it says of the evidence


def test_every_piece_is_there_with_its_fingerprint(make, read):
    view = make()
    text = read(view).text
    for piece in view.custody:
        assert piece.sha256 in text
        assert piece.name in text
    assert view.rules_hash in text
    assert view.journal_head in text


def test_what_was_not_read_says_why_and_where(make, read):
    text = read(make(), "en").text
    assert "43 units set aside, of 100,413 (0.04%)." in text
    assert "Quote opened and never closed 28 2 line 1042, line 20788" in text
    everything = make(quarantine=[], summary=_nothing_aside(make().summary))
    assert "Every unit was read." in read(everything, "en").text


def _nothing_aside(summary):
    summary = copy.deepcopy(dict(summary))
    for one in summary["evidence"]:
        one["units_in"] -= one["quarantined"]
        one["quarantined"] = 0
    return summary


def test_an_unreconciled_count_is_said(make, read):
    text = read(make(), "en").text
    assert (
        "One piece of evidence could be counted only by the reader itself: evidence/export.zip!messages.jsonl."
        in text
    )


def test_sections_follow_what_is_known(make, read):
    def sections(name):
        return {words.strip("0123456789 ") for level, words in read(make(name), "en").headings if level == 2}

    late = {"Organisations concerned", "Genuineness of the identities", "Severity for the people"}
    assert late | {"How to reach the people"} <= sections("laboratoires")
    assert not late & sections("telemedecine")
    assert "Comparison with the patient file" in sections("telemedecine") - sections("laboratoires")


def test_a_leak_of_thousands_of_columns_makes_a_page_one_can_open(make, read):
    row = plain_findings(make())[0]
    many = [{**row, "evidence": f"part-{n // 50}.csv", "place": f"c{n}"} for n in range(4000)]
    page = read(make(findings=many), "en")
    shown = sum(len(one["rows"]) - 1 for one in page.tables if one["caption"].startswith("Columns"))
    assert shown == 1500
    assert "2,500 more columns are in the “findings” export." in page.text


@pytest.mark.parametrize(
    ("claimed", "said"), [(28512, "equals the count"), (200_000, "is 7.0 times the count")]
)
def test_how_a_claim_compares_in_words(make, read, claimed, said):
    claim = {"value": claimed, "unit": "persons", "by": "forum", "at": "2025-12-01"}
    assert said in read(make(claims=[claim]), "en").text


def test_nobody_found_is_a_sentence_not_a_fault(make, read):
    summary = copy.deepcopy(dict(make().summary))
    summary["persons"] |= dict.fromkeys(("low", "best", "high", "certain_only", "all_possible", "ceiling"), 0)
    summary["records"]["without_identity"] = summary["records"]["kept"]
    summary["categories"] = {}
    page = read(make(summary=summary, findings=[], patients=None), "en")
    assert "0 distinct people are in what was read. At most 0." in page.text


def test_gaps_of_the_logs_are_shown(make, read):
    summary = copy.deepcopy(dict(make().summary))
    summary["log_gaps"] = [
        {"evidence": "audit.ndjson", "kind": "silence", "starts": "2025-11-10T02:00:00Z",
         "ends": "2025-11-10T05:00:00Z", "missing": None},
        {"evidence": "audit.ndjson", "kind": "sequence", "starts": None, "ends": None, "missing": 12},
    ]  # fmt: skip
    page = read(make(summary=summary), "en")
    (table,) = [one for one in page.tables if one["caption"].startswith("Gaps in the access logs")]
    assert [row.cells[-1].strip() for row in table["rows"][1:]] == ["–", "12"]
