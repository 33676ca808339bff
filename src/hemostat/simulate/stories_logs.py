"""Stories that are access logs: who was seen is the leak."""

from __future__ import annotations

from datetime import date

from hemostat.simulate.households import Crowd
from hemostat.simulate.logs import Log
from hemostat.simulate.stories_dumps import CARED_FOR
from hemostat.simulate.story import Column, Story, Table, Tenants

WEDA = Story(
    name="weda",
    title="Weda 2025",
    people_default=60_000,
    today=date(2025, 11, 10),
    tenants=Tenants(per_person=1 / 600, least=20, label="cab{:04d}"),
    patients_missing=0.0,
    patients_others=0.0,
    patients_moved=0.0,
    crowd=Crowd(
        minors=0.02, ages=((18, 30, 0.16), (30, 45, 0.22), (45, 60, 0.23), (60, 75, 0.24), (75, 99, 0.15))
    ),
    tables=(
        Table(
            "patients/patients.csv",
            (
                Column("ipp", "account", "internal_id"),
                Column("nom naissance", "birth_name", "birth_name"),
                Column("prenoms", "given_names", "first_name"),
                Column("ddn", "birth_date", "birth_date", form="dmy"),
                Column("email", "email", "email", 0.5),
                Column("tel", "phone", "phone", 0.8),
            ),
            of="patients",
            dirt=CARED_FOR,
        ),
    ),
    log=Log("practice", "access.jsonl", 12, 60, date(2025, 11, 10)),
)

GRADES = Story(
    name="grades",
    title="Regional e-health services, Hauts-de-France and Normandie 2025",
    people_default=100_000,
    today=date(2025, 9, 5),
    tenants=Tenants(known=("Hauts-de-France", "Normandie"), homes=("59 62 80 60 02", "76 14 27 50 61")),
    patients_missing=0.0,
    patients_others=0.0,
    patients_moved=0.0,
    crowd=Crowd(
        minors=0.05,
        regions=("59", "62", "80", "60", "02", "76", "14", "27", "50", "61"),
        ages=((18, 30, 0.18), (30, 45, 0.23), (45, 60, 0.23), (60, 75, 0.22), (75, 99, 0.14)),
    ),
    tables=(
        Table(
            "patients/identities.csv",
            (
                Column("ID", "account", "internal_id"),
                Column("REGION", "tenant"),
                Column("NOM_NAISSANCE", "birth_name", "birth_name"),
                Column("PRENOMS", "given_names", "first_name"),
                Column("AGE", "age", "birth_date"),
                Column("TEL", "phone", "phone", 0.62),
                Column("MAIL", "email", "email", 0.31),
            ),
            of="patients",
            dirt=CARED_FOR,
        ),
    ),
    log=Log(
        "identity_store",
        "identity_store.log",
        6,
        45,
        date(2025, 9, 5),
        rate_per_minute=1.0,
        usurped=5,
        burst_days=9,
        burst_minutes=40,
        regions=("Hauts-de-France", "Normandie"),
    ),
    notes=("No medical record was reached.",),
)
