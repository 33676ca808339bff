import json

import pytest

from hemostat import pipeline
from hemostat.evidence.custody import take
from hemostat.evidence.fhir.reader import FhirReader
from hemostat.evidence.jsons.lines import JsonLinesReader
from hemostat.evidence.jsons.reader import JsonReader
from hemostat.evidence.reasons import Reason
from hemostat.model import Silent
from reading import read

READER = FhirReader()
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "190027511604210"},
        {"type": {"coding": [{"code": "PI"}]}, "system": "https://hopital.example.org/ipp", "value": "00778"},
        {"system": "https://hopital.example.org/nda", "value": "42"},
    ],
    "name": [
        {"use": "official", "family": "BELLORGET", "given": ["Odette", "Marie"]},
        {"use": "usual", "family": "CANDILLAC"},
    ],
    "telecom": [
        {"system": "phone", "value": "0639980001"},
        {"system": "phone", "value": "0639980002"},
        {"system": "email", "value": "odette@example.org"},
    ],
    "gender": "female",
    "birthDate": "1980-01-02",
    "address": [{"line": ["1 rue des Lilas", "Bât. B"], "city": "Paris", "postalCode": "75016"}],
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {"city": "Lyon"},
        }
    ],
}
OBSERVATION = {
    "resourceType": "Observation",
    "id": "o1",
    "subject": {"reference": "https://hopital.example.org/fhir/Patient/p1/_history/2"},
    "code": {"coding": [{"code": "718-7", "display": "Hémoglobine"}]},
    "valueQuantity": {"value": 13.5, "unit": "g/dL"},
}
BUNDLE = {
    "resourceType": "Bundle",
    "id": "b",
    "link": [{"relation": "self", "url": "https://hopital.example.org/fhir"}],
    "entry": [
        {
            "fullUrl": "urn:uuid:aaaa",
            "resource": {**PATIENT, "contained": [{"resourceType": "Organization"}]},
        },
        {"resource": OBSERVATION},
        {"resource": {**OBSERVATION, "id": "o2", "subject": {"reference": "urn:uuid:aaaa"}}},
        {"request": {"method": "DELETE"}},
    ],
}


def tables(thing, **limits):
    data = thing if isinstance(thing, bytes) else json.dumps(thing).encode()
    assert READER.recognises(data[:65536], "f.json") > JsonReader().recognises(data[:65536], "f.json")
    assert READER.recognises(data[:65536], "f.ndjson") > JsonLinesReader().recognises(
        data[:65536], "f.ndjson"
    )
    return read(READER, data, "f.json", **limits)


def test_a_patient_has_columns_that_tell_what_they_hold():
    (row,) = tables(PATIENT)["f.json#Patient"].rows
    assert row == {
        "id": "p1",
        "identifier.INS-NIR": "190027511604210",
        "identifier.PI": "00778",
        "identifier.nda": "42",
        "name.family": "BELLORGET",
        "name.given": "Odette Marie",
        "name.usual.family": "CANDILLAC",
        "telecom.phone": "0639980001",
        "telecom.phone (2)": "0639980002",
        "telecom.email": "odette@example.org",
        "gender": "female",
        "birthDate": "1980-01-02",
        "address.line": "1 rue des Lilas, Bât. B",
        "address.city": "Paris",
        "address.postalCode": "75016",
        "birthPlace.city": "Lyon",
    }


def test_a_bundle_has_a_table_for_each_type_and_each_says_whose_it_is():
    found = tables(BUNDLE)
    assert list(found) == ["f.json#Patient", "f.json#Observation", "f.json#(other)"]
    assert [row["patient.id"] for row in found["f.json#Observation"].rows] == ["p1", "aaaa"]
    assert found["f.json#Patient"].rows[0]["id"] == "p1"
    assert found["f.json#Observation"].at == ["element 2", "element 3"]
    assert [table.counted for table in found.values()] == [1, 2, 1]
    assert found["f.json#Patient"].table.count_method == "independent"


def test_a_patient_without_id_takes_that_of_its_address():
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"fullUrl": "urn:uuid:bbbb", "resource": {"resourceType": "Patient"}}],
    }
    assert tables(bundle)["f.json#Patient"].rows[0]["id"] == "bbbb"


def test_resources_one_to_a_line_keep_their_lines():
    lines = [
        json.dumps(PATIENT),
        "",
        json.dumps(OBSERVATION),
        '{"resourceType":"Patient","id":',
        json.dumps(PATIENT),
    ]
    found = tables("\r\n".join(lines).encode())
    assert found["f.json#Patient"].at == [1, 5]
    assert found["f.json#Observation"].at == [3]
    assert [(one.line, one.reason) for one in found["f.json#Patient"].aside] == [(4, Reason.NOT_JSON)]
    assert (found["f.json#Patient"].counted, found["f.json#Observation"].counted) == (3, 1)


def test_bundles_in_a_list():
    found = tables([BUNDLE, BUNDLE])
    assert found["f.json#Patient"].at == ["element 1.1", "element 2.1"]
    assert len(found["f.json#Observation"].rows) == 4


def test_a_list_of_resources():
    found = tables([PATIENT, OBSERVATION])
    assert [len(table.rows) for table in found.values()] == [1, 1]


def test_lists_longer_than_what_gets_columns_stay_whole():
    thing = {"resourceType": "Observation", "component": [{"code": {"text": f"c{n}"}} for n in range(5)]}
    (row,) = tables(thing)["f.json#Observation"].rows
    assert row["component (3).code.text"] == "c2"
    assert json.loads(row["component"]) == thing["component"]


@pytest.mark.parametrize("cut", [10, 60, 200])
def test_a_cut_bundle_keeps_what_is_whole(cut):
    found = tables(json.dumps(BUNDLE).encode()[:-cut])
    assert len(found["f.json#Patient"].rows) == 1
    assert found["f.json#Patient"].counted is None


def test_other_json_is_left_to_other_readers():
    assert READER.recognises(b'{"a":{"resourceType":"Patient"}}', "f.json") == 0
    assert READER.recognises(b'[{"nom":"x"}]', "f.json") == 0


def test_a_bundle_reaches_its_people_by_reference(case, tmp_path):
    """A condition, a result and a reason are the patient's to whom they refer; what refers to nobody has no person."""
    reasons = ("dépression, suivi", "contrôle du diabète", "grippe", "douleur au genou")
    entries = []
    for number in range(1, 41):
        of = {"subject": {"reference": f"Patient/p{number}"}}
        name = {"use": "official", "family": f"LETEST{'ABCDEFGH'[number % 8]}", "given": [f"Prénom{number}"]}
        entries += [
            {
                "resourceType": "Patient",
                "id": f"p{number}",
                "name": [name],
                "birthDate": f"19{number + 40}-01-02",
            },
            {
                "resourceType": "Encounter",
                "id": f"e{number}",
                "reasonCode": [{"text": reasons[number % 4]}],
                **of,
            },
            {
                "resourceType": "Observation",
                "id": f"o{number}",
                "code": {"coding": [{"code": "4548-4", "display": "HbA1c"}]},
                "valueQuantity": {"value": 5 + number / 10, "unit": "%"},
                **of,
            },
        ]
    entries.append(
        {
            "resourceType": "Encounter",
            "id": "e0",
            "reasonCode": [{"text": "toux"}],
            "subject": {"reference": "Patient/x"},
        }
    )
    path = tmp_path / "evidence" / "bundle.json"
    path.parent.mkdir()
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in entries]}
    path.write_text(json.dumps(bundle), "utf-8")
    take(case, path, role="leak")
    pipeline.analyse(case, Silent())
    people = case.rows("select count(*) from person")[0][0]
    orphans = case.rows("select count(*) from record_person where person_id is null")[0][0]
    assert (people, orphans) == (40, 1)
    shown = dict(case.rows("select category, count(distinct person_id) from exposure group by category"))
    assert shown["consultation_reason"] == shown["test_result"] == shown["used_name"] == 40
