"""Every kind of access log, from the command line to the people whom the chosen accounts saw."""

import csv
import io
import json
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner

from hemostat.cli.commands import root

START = datetime(2025, 11, 10, 8, 0, 0)  # noqa: DTZ001 - logs without an offset are among the cases
COUNT, WINDOW = 60, ("--from", "2025-11-10T08:00+01:00", "--to", "2025-11-10T12:00+01:00")
SEEN = {f"p{n % 30}" for n in range(COUNT) if n % 3 and timedelta(minutes=7 * n) <= timedelta(hours=4)}


def account(number):
    return "dr.x" if number % 3 else "dr.y"


def at(number):
    return START + timedelta(minutes=7 * number)


def event(number, release, request=None):
    time = at(number).isoformat() + "+01:00"
    agent = {
        "who": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": account(number)}},
        "requestor": True,
    }
    about = [{"what": {"reference": f"Patient/p{number % 30}"}, "role": {"code": "1"}}]
    if request:
        about.append({"what": {"identifier": {"value": request}}, "type": {"code": "XrequestId"}})
    common = {
        "resourceType": "AuditEvent",
        "id": f"e{number}",
        "action": "R",
        "recorded": time,
        "agent": [agent],
        "source": {"observer": {"display": "his"}},
        "entity": about,
    }
    if release == "R5":
        return common | {
            "category": [{"coding": [{"code": "rest"}]}],
            "code": {"coding": [{"code": "read"}]},
            "occurredDateTime": time,
            "outcome": {"code": {"code": "0"}},
        }
    version = {"meta": {"versionId": "1"}} if release == "R4B" else {}
    return common | version | {"type": {"code": "rest"}, "subtype": [{"code": "read"}], "outcome": "0"}


def ndjson(release):
    return "".join(json.dumps(event(n, release)) + "\n" for n in range(COUNT))


def bundle(release):
    entries = [{"resource": event(n, release)} for n in range(COUNT)]
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})


def combined():
    return "".join(
        f"198.51.100.7 - {account(n)} [{at(n):%d/%b/%Y:%H:%M:%S} +0100]"
        f' "GET /dossier/p{n % 30} HTTP/1.1" 200 512 "-" "Mozilla"\n'
        for n in range(COUNT)
    )


def pgaudit():
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    for n in range(COUNT):
        said = (
            f'AUDIT: SESSION,{n + 1},1,READ,SELECT,TABLE,public.notes,"select * from notes where patient_id = $1",'
            f"p{n % 30},1"
        )
        when = f"{at(n):%Y-%m-%d %H:%M:%S.123} CET"
        write.writerow(
            [when, "app", "his", "4242", "198.51.100.7:51000", "690f.1", n, "SELECT", when, "3/14", "0", "LOG",
             "00000", said, *[""] * 8, account(n), "client backend", "", "0"]
        )  # fmt: skip
    return out.getvalue()


def lines_of_json():
    return "".join(
        json.dumps({"horo": at(n).isoformat(), "qui": account(n), "vu": f"p{n % 30}", "quoi": "consulter"})
        + "\n"
        for n in range(COUNT)
    )


def plain():
    return "horodatage;compte;patient;action;region\n" + "".join(
        f"{at(n).isoformat()};{account(n)};p{n % 30};lecture;Normandie\n" for n in range(COUNT)
    )


PATHS = "[[path]]\npattern = '/dossier/(?P<patient>\\w+)'\n"
FIELDS = "[fields]\nt = 'horo'\naccount = 'qui'\npatient = 'vu'\naction = 'quoi'\n"
ZONE = ("--timezone", "Europe/Paris")
SOURCES = {
    "R4": (ndjson("R4"), "", ()),
    "R4B": (ndjson("R4B"), "", ()),
    "R5": (ndjson("R5"), "", ()),
    "R4 bundle": (bundle("R4"), "", ()),
    "R4B bundle": (bundle("R4B"), "", ()),
    "R5 bundle": (bundle("R5"), "", ()),
    "combined": (combined(), PATHS, ()),
    "pgaudit": (pgaudit(), "", ZONE),
    "json": (lines_of_json(), FIELDS, ZONE),
    "table": (plain(), "", ZONE),
}


@pytest.fixture
def respond(tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "evidence").mkdir()

    def running(*logs, mapping="", options=()):
        arguments = [
            "--lang",
            "en",
            "--key-file",
            tmp_path / "keys" / "key",
            "respond",
            "--case",
            tmp_path / "c",
        ]
        for number, text in enumerate(logs):
            path = tmp_path / "evidence" / f"log{number}"
            path.write_text(text, "utf-8")
            arguments += ["--log", path]
        if mapping:
            (tmp_path / "evidence" / "map.toml").write_text(mapping)
            arguments += ["--log-map", tmp_path / "evidence" / "map.toml"]
        done = CliRunner().invoke(root, [*map(str, arguments), *options])
        told = tmp_path / "c" / "report" / "summary.json"
        return done, json.loads(told.read_text("utf-8")) if told.exists() else None

    return running


@pytest.mark.parametrize(("text", "mapping", "options"), SOURCES.values(), ids=SOURCES)
def test_the_people_whom_an_account_saw(text, mapping, options, respond):
    done, summary = respond(text, mapping=mapping, options=("--accounts", "dr.x", *WINDOW, *options))
    assert done.exit_code == 0, done.output
    assert summary["persons"]["best"] == len(SEEN)
    (line,) = summary["evidence"]
    assert line["role"] == "log"
    assert line["unexplained"] == 0
    assert ("region" in text) <= ("city" not in summary["categories"])  # a region is no city
    assert "log_gaps" in summary


@pytest.mark.parametrize("name", ["json", "table"])
def test_times_without_an_offset_need_their_zone(name, respond):
    text, mapping, _ = SOURCES[name]
    done, _ = respond(text, mapping=mapping, options=("--accounts", "dr.x", *WINDOW))
    assert done.exit_code != 0
    assert "--timezone" in str(done.exception)


def test_one_request_in_the_logs_of_client_and_server_counts_once(respond):
    server = "".join(json.dumps(event(n, "R4", f"req-{n}")) + "\n" for n in range(COUNT))
    client = "".join(
        json.dumps(event(n, "R4", f"req-{n}") | {"id": f"c{n}", "source": {"observer": {"display": "app"}}})
        + "\n"
        for n in range(COUNT)
    )
    done, summary = respond(server, client, options=("--accounts", "dr.x", *WINDOW))
    assert done.exit_code == 0, done.output
    alone = sum(
        1 for n in range(COUNT) if account(n) == "dr.x" and timedelta(minutes=7 * n) <= timedelta(hours=4)
    )
    assert f"{alone} noted twice" in done.output
    assert summary["persons"]["best"] == len(SEEN)


def test_without_accounts_they_are_ranked(respond):
    done, summary = respond(ndjson("R4"))
    assert done.exit_code == 0, done.output
    assert "dr.x: 20 patients, 40 accesses" in done.output
    assert not summary["persons"]["best"]
