"""What the tests of this package share: an open case, readers on octets in memory, small workbooks and archives."""

import io
import zipfile
from types import SimpleNamespace
from xml.sax.saxutils import quoteattr

import pytest

from hemostat.case import Case, Opening
from hemostat.evidence import Limits, Source, registry, run, take
from hemostat.evidence.ledger import batch_name


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "k")) as opened:
        yield opened


@pytest.fixture
def read():
    """Reads octets as the registry would; gives what came of it, all batches together."""

    def reading(data, name="t.csv", **limits):
        source = Source(name, len(data), lambda: io.BytesIO(data))
        reader, _ = registry.recognise(registry.peek(source), name)
        tables = []
        for table in reader.tables(source, Limits(**limits)):
            counted = table.count_units()
            batches = list(table.batches(None))
            for batch in batches:
                aside = sum(one.units for one in batch.quarantined)
                assert (
                    batch.rows.num_rows + aside + batch.blank + batch.header + batch.out_of_scope
                    == batch.units
                )
            names = batches[-1].rows.column_names if batches else []
            rows = [row for batch in batches for row in batch.rows.to_pylist()]
            tables.append(
                SimpleNamespace(
                    table=table, name=table.name, kind=table.kind, note=table.note, counted=counted, batches=batches,
                    names=names, rows=[[row.get(name) for name in names] for row in rows],
                    at=[p for b in batches for p in (b.line if b.line is not None else b.locator).to_pylist()],
                    aside=[one for batch in batches for one in batch.quarantined],
                    units=sum(b.units for b in batches), blank=sum(b.blank for b in batches),
                    header=sum(b.header for b in batches), out_of_scope=sum(b.out_of_scope for b in batches),
                )
            )  # fmt: skip
        return tables

    return reading


@pytest.fixture
def ledger(case):
    """Takes paths into the case, reads everything, and gives the lines of the ledger by their name."""

    def reading(*paths, limits=None, role="leak", **kwargs):
        for path in paths:
            take(case, path, role=role, **kwargs)
        run(case, limits=limits)
        return lines_of(case)

    return reading


def lines_of(case):
    """Each line of the ledger, with its equation checked as the report states it."""
    lines = {}
    for number, name, kind, method, units_in, state, sha256, note in case.rows(
        "select evidence_id, name, kind, count_method, units_in, state, sha256, note from evidence order by evidence_id"
    ):
        rows, blank, header, out_of_scope = case.rows(
            'select coalesce(sum("rows"), 0), coalesce(sum(blank), 0), coalesce(sum(header), 0),'
            " coalesce(sum(out_of_scope), 0) from batch where evidence_id = ?",
            (number,),
        )[0]
        aside = case.rows(
            "select locator, line, bytes, units, reason from quarantine where evidence_id = ? order by rowid",
            (number,),
        )
        batches = [
            case.staged(batch_name(number, seq))
            for (seq,) in case.rows("select seq from batch where evidence_id = ? order by seq", (number,))
        ]
        quarantined = sum(units for *_, units, _ in aside)
        lines[name] = SimpleNamespace(
            kind=kind, method=method, units_in=units_in, state=state, sha256=sha256, note=note, records=rows,
            blank=blank, header=header, out_of_scope=out_of_scope, quarantined=quarantined, aside=aside,
            batches=batches,
            unexplained=units_in - rows - quarantined - blank - header - out_of_scope,
        )  # fmt: skip
    return lines


@pytest.fixture
def book():
    """Octets of an XLSX made by hand: (name, state, XML of its rows) for each sheet."""

    def made(*sheets):
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        listed = "".join(
            f"<sheet name={quoteattr(name)} sheetId='{n}' state='{state or 'visible'}' r:id='rId{n}'/>"
            for n, (name, state, _) in enumerate(sheets, 1)
        )
        related = "".join(
            f"<Relationship Id='rId{n}' Type='{office}/worksheet' Target='worksheets/sheet{n}.xml'/>"
            for n in range(1, len(sheets) + 1)
        )
        parts = {
            "[Content_Types].xml": f"<Types xmlns='{package}/content-types'>"
            "<Default Extension='xml' ContentType='application/xml'/></Types>",
            "_rels/.rels": f"<Relationships xmlns='{package}/relationships'>"
            f"<Relationship Id='rId1' Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
            "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{office}'><sheets>{listed}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{package}/relationships'>{related}"
            f"<Relationship Id='rId99' Type='{office}/styles' Target='styles.xml'/></Relationships>",
            "xl/styles.xml": f"<styleSheet xmlns='{main}'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>"
            "</styleSheet>",
        }
        for n, (_, _, rows) in enumerate(sheets, 1):
            parts[f"xl/worksheets/sheet{n}.xml"] = (
                f"<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>"
            )
        return zipped({name: head + text for name, text in parts.items()})

    return made


def zipped(members, packing=zipfile.ZIP_DEFLATED):
    """Octets of a zip archive with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.fixture(name="zipped")
def _zipped():
    return zipped
