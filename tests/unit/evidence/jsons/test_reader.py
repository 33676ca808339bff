import json

import pytest

from hemostat.evidence.base import Limits
from hemostat.evidence.jsons.reader import JsonReader
from hemostat.evidence.reasons import Reason
from reading import only, read, source, table_of

READER = JsonReader()


def lists(data, **limits):
    return read(READER, data.encode() if isinstance(data, str) else data, "f.json", **limits)


def rows(data, **limits):
    (table,) = lists(data, **limits).values()
    return table.rows


def test_a_list_of_objects_is_a_table():
    found = lists('[{"nom":"BELLORGET","n":1},{"nom":"CANDILLAC"}]')["f.json"]
    assert found.rows == [{"nom": "BELLORGET", "n": "1"}, {"nom": "CANDILLAC"}]
    assert found.at == ["element 1", "element 2"]
    assert (found.counted, found.table.count_method, found.kind) == (2, "independent", "json")


def test_objects_within_objects_have_dotted_names_and_lists_stay_text():
    assert rows('[{"a":{"b":{"c":"x"},"l":[1, "é", {"k":[]}]},"e":{},"f":[]}]') == [
        {"a.b.c": "x", "a.l": '[1, "é", {"k":[]}]'}
    ]


@pytest.mark.parametrize(
    "number", ["1.10", "0.1000000000000000055511151231257827", "183057505612345678901", "1E400", "-0", "007"]
)
def test_numbers_keep_every_digit(number):
    assert rows(f'[{{"n":{number}}}, {{"l":[{number}]}}]') == [{"n": number}, {"l": f"[{number}]"}]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"Zo\u00e9", "Zoé"),
        (r"\ud83d\ude00", "😀"),
        (r"\ud83d", "\ufffd"),
        (r"a\"b\\", 'a"b\\'),
        (r"a\\\"b", 'a\\"b'),
        (r"tab\tnul\u0000end", "tab\tnulend"),
        (r"C:\dossiers", r"C:\dossiers"),  # an escape that JSON does not know
        ("a\tb", "a\tb"),  # a control character that JSON forbids
    ],
)
def test_escapes_mean_what_they_say(written, read_as):
    assert rows(f'[{{"t":"{written}"}}]') == [{"t": read_as}]


def test_escapes_within_lists_become_letters_but_never_structure():
    assert rows(r'[{"l":["Zo\u00e9","\u0022,\u0022","\ud83d\ude00"]}]') == [
        {"l": r'["Zoé","\u0022,\u0022","😀"]'}
    ]


def test_lists_over_several_lines_become_one_line():
    assert rows('[{"l":[\n  "a",\n  {"b": 1}\n]}]') == [{"l": '["a",{"b": 1}]'}]


def test_a_key_given_twice_loses_nothing():
    assert rows('[{"a":1,"a":2},{"a":3}]') == [{"a": "1", "a (2)": "2"}, {"a": "3"}]


def test_names_reserved_for_staging_are_not_taken():
    assert rows('[{"_line":1,"_locator":2}]') == [{"_line (2)": "1", "_locator (2)": "2"}]


def test_true_false_null_and_empty():
    assert rows('[{"a":true,"b":false,"c":null,"d":""}, {"c":null}, {}]') == [{"a": "true", "b": "false"}]
    found = lists('[{"a":true}, {"c":null}, {}, , 5]')["f.json"]
    assert (found.blank, found.units, found.rows) == (3, 5, [{"a": "true"}, {"value": "5"}])


def test_lists_as_rows_with_their_heading():
    found = lists(
        '[["nom","prenom","naissance"],["BELLORGET","Odette","01/02/1980"],["DURANDEAU","Inès","03/04/1985"]]'
    )
    assert found["f.json"].rows[1] == {"nom": "DURANDEAU", "prenom": "Inès", "naissance": "03/04/1985"}
    assert (found["f.json"].header, found["f.json"].at) == (1, ["element 2", "element 3"])


def test_lists_as_rows_without_heading():
    assert rows('[["a@example.org", 1],["b@example.org", 2]]')[0] == {"col_1": "a@example.org", "col_2": "1"}


def test_every_list_of_objects_in_an_object_is_a_table_and_the_rest_is_a_row():
    found = lists(
        '{"export":{"le":"2026-01-02"},"data":{"patients":[{"nom":"A"},{"nom":"B"}],"visites":[{"d":1}]},"mots":["x"]}'
    )
    assert found["f.json#data.patients"].rows == [{"nom": "A"}, {"nom": "B"}]
    assert found["f.json#data.visites"].rows == [{"d": "1"}]
    assert found["f.json"].rows == [{"export.le": "2026-01-02", "mots": '["x"]'}]
    assert found["f.json#data.patients"].counted == 2


def test_an_object_without_lists_is_one_row():
    assert rows('{"nom":"A","adresse":{"ville":"Lyon"}}') == [{"nom": "A", "adresse.ville": "Lyon"}]


def test_a_record_about_a_person_keeps_its_lists():
    found = lists(
        '{"prenom":"Odette","date_naissance":"1980-01-02","visites":[{"motif":"toux"},{"motif":"suivi"}]}'
    )
    assert list(found) == ["f.json"]
    assert found["f.json"].rows[0]["visites"] == '[{"motif":"toux"},{"motif":"suivi"}]'


def test_persons_listed_within_elements_are_a_table_of_their_own():
    found = lists(
        '[{"cabinet":"A","patients":[{"prenom":"Odette"},{"prenom":"Marcel"}]},{"cabinet":"B","patients":[]},'
        '{"cabinet":"C","patients":[{"prenom":"Inès"}]}]'
    )
    assert found["f.json"].rows == [{"cabinet": "A"}, {"cabinet": "B"}, {"cabinet": "C"}]
    assert [row["prenom"] for row in found["f.json#patients"].rows] == ["Odette", "Marcel", "Inès"]
    assert [row["(element)"] for row in found["f.json#patients"].rows] == ["1", "1", "3"]
    assert found["f.json#patients"].at == ["element 1.1", "element 1.2", "element 3.1"]


def test_an_object_whose_keys_are_ids_is_a_list():
    found = lists('{"users":{"u-1":{"nom":"A","x":{"y":1}},"u-2":{"nom":"B","x":{"y":2}}}}')
    assert found["f.json#users"].rows == [
        {"key": "u-1", "nom": "A", "x.y": "1"},
        {"key": "u-2", "nom": "B", "x.y": "2"},
    ]


def test_an_object_of_different_objects_is_no_list():
    assert rows('{"patient":{"nom":"A"},"medecin":{"nom":"B"}}') == [{"patient.nom": "A", "medecin.nom": "B"}]


def test_many_members_alike_are_a_list_whatever_their_keys():
    people = {f"{chr(97 + n % 26)}{'xyz'[n // 26]}": {"nom": str(n), "ville": "Lyon"} for n in range(60)}
    found = lists(json.dumps(people))["f.json"]
    assert [row["key"] for row in found.rows] == list(people)
    assert (found.counted, found.note.split(", ")[1]) == (60, "shape=map")


def test_objects_one_after_the_other():
    data = '{\n "a": 1\n}\n{\n "a": 2\n}\n\x1e{"a":3}{"a":4}'
    assert rows(data) == [{"a": "1"}, {"a": "2"}, {"a": "3"}, {"a": "4"}]


def test_lists_one_after_the_other():
    assert rows('[{"a":1}]\n[{"a":2},{"a":3}][]\n') == [{"a": "1"}, {"a": "2"}, {"a": "3"}]


def test_a_long_list_of_plain_values_is_a_table():
    mails = [f"p{n}@example.org" for n in range(5000)]
    found = lists(json.dumps({"liste": mails}))
    assert [row["value"] for row in found["f.json#liste"].rows] == mails


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(encoding):
    data = '[{"nom":"Zoé"},{"nom":"Noël, \\"dit\\" X"}, {"bad" 1}, {"nom":"François"}]'.encode(encoding)
    found = lists(data)["f.json"]
    assert [row["nom"] for row in found.rows] == ["Zoé", 'Noël, "dit" X', "François"]
    (bad,) = found.aside
    start, end = (int(part) for part in bad.locator.split("bytes ")[1].rstrip(")").split("-"))
    shown = data[start:end].decode(
        encoding.removesuffix("-sig") if encoding[-2:] in ("le", "ig", "52") else f"{encoding}-le"
    )
    assert shown == '{"bad" 1}'


@pytest.mark.parametrize(
    "bad",
    [
        '{"a" 1}',
        '{"a":{"b":1]}',
        '{"a":1 "b":2}',
        '{"a":}',
        "{1:2}",
        '{"a":[1}]',
        '{"a":"x"]',
        '{"a":1,,"b":2}',
        "xyz!",
        '{"a":"b" c}',
        '"x" "y"',
    ],
)
def test_an_element_that_is_no_json_is_put_aside_with_its_place(bad):
    before, after = '{"id":1,"n":"Odette"}', '{"id":3,"n":"Inès"}'
    data = f"[{before}, {bad}, {after}]".encode()
    found = lists(data)["f.json"]
    assert [row["id"] for row in found.rows] == ["1", "3"]
    (aside,) = found.aside
    start, end = (
        int(part) for part in aside.locator.removeprefix("element 2 (bytes ").rstrip(")").split("-")
    )
    assert data[start:end].strip(b", ") == bad.encode()


def test_a_comma_too_many_harms_nobody():
    assert rows('[{"a":1,},{"a":[1,2,]},]') == [{"a": "1"}, {"a": "[1,2,]"}]


@pytest.mark.parametrize(
    "torn", ['{"id":2,"n":"B}', '{"id":2,"n":"B"', '{"id":2,"n":["B"}', '{"id":2,n":"B"}']
)
def test_after_a_missing_mark_reading_takes_up_again(torn):
    people = [f'{{"id":{n},"n":"Odette {n}"}}' for n in range(50)]
    people[20] = torn
    found = lists("[" + ",".join(people) + "]")["f.json"]
    assert [row["id"] for row in found.rows] == [str(n) for n in range(50) if n != 20]
    assert found.units == 50
    assert found.counted is None
    assert [one.reason for one in found.aside] in ([Reason.DAMAGED], [Reason.ELEMENT_NOT_JSON])


def test_a_cut_list_keeps_what_is_whole():
    data = json.dumps([{"id": n, "n": "x" * n} for n in range(10)]).encode()[:-20]
    found = lists(data)["f.json"]
    assert [row["id"] for row in found.rows] == [str(n) for n in range(9)]
    assert [one.reason for one in found.aside] == [Reason.DAMAGED]


def test_a_cut_object_keeps_its_lists_and_its_fields():
    found = lists('{"export":"v2","patients":[{"nom":"A"},{"nom":"B"},{"no')
    assert found["f.json#patients"].rows == [{"nom": "A"}, {"nom": "B"}]
    assert found["f.json"].rows == [{"export": "v2"}]
    assert [one.reason for one in found["f.json"].aside] == [Reason.DAMAGED]


def test_what_follows_a_list_is_not_lost():
    found = lists('[{"a":1}] et le reste')["f.json"]
    assert found.rows[0] == {"a": "1"}
    assert found.units == 2


def test_a_value_larger_than_the_limit_is_passed_over():
    data = json.dumps([{"id": 1}, {"id": 2, "scan": "Q" * 9000}, {"id": 3}])
    found = lists(data, block_least=256, block_most=2048)["f.json"]
    assert [row["id"] for row in found.rows] == ["1", "3"]
    assert [(one.reason, one.locator.split()[1]) for one in found.aside] == [(Reason.TOO_LARGE, "2")]


def test_deep_nesting_is_text_in_a_cell():
    lists_within, objects_within = "[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1" + "}" * 20_000
    found = rows(f'[{{"id":1,"d":{lists_within}}},{{"id":2,"d":{objects_within}}}]')
    assert [row["id"] for row in found] == ["1", "2"]
    assert found[0]["d"] == lists_within


def test_more_keys_than_columns_lose_nothing():
    data = json.dumps([{f"k{n}": n} for n in range(1500)])
    found = rows(data)
    assert len(found) == 1500
    assert found[10] == {"k10": "10"}
    assert found[1400] == {"(other fields)": '{"k1400": "1400"}'}


def test_an_object_with_many_keys_within_an_element_stays_text():
    inner = {f"2026-01-{n:03}": n for n in range(300)}
    assert rows(json.dumps([{"id": 1, "jours": inner}])) == [{"id": "1", "jours": json.dumps(inner)}]


def test_batches_are_the_same_after_a_stop():
    data = json.dumps(
        {"x": 1, "p": [{"id": n, f"k{n % 7}": {"v": "é" * (n % 5)}} for n in range(400)]}, ensure_ascii=False
    )
    limits = Limits(batch_rows=30, block_least=300)
    tables = {table.name: table for table in READER.tables(source(data.encode(), "f.json"), limits)}
    whole = table_of(tables["f.json#p"])
    assert len(whole.batches) > 5
    for place, batch in enumerate(whole.batches):
        again = {t.name: t for t in READER.tables(source(data.encode(), "f.json"), limits)}["f.json#p"]
        rest = list(again.batches(json.loads(json.dumps(batch.resume))))
        assert [one.rows.to_pydict() for one in rest] == [
            one.rows.to_pydict() for one in whole.batches[place + 1 :]
        ]


def test_joined_files_with_marks_and_nul_between():
    assert rows(b'{"a":1}\n\xef\xbb\xbf{"a":2}\0\0{"a":"3\0 4"}') == [{"a": "1"}, {"a": "2"}, {"a": "3 4"}]


@pytest.mark.parametrize(
    ("head", "sure"),
    [
        (b'[{"a":1}]', True),
        (b'  {"a": [', True),
        (b"[1, 2]", True),
        (b'["a", "b"]', True),
        (b"[section]\nkey=1", False),
        (b"[2026-01-02 10:00] GET /", False),
        (b"{not json}", False),
        (b"nom;prenom", False),
    ],
)
def test_recognised_by_content(head, sure):
    assert (READER.recognises(head, "f.txt") > 0) is sure


def test_an_empty_list_is_an_empty_table():
    assert only(READER, b"[]").units == 0
