"""Stories that are dumps of people: what was published of each leak, and fiction where nothing was."""

from __future__ import annotations

from datetime import date

from hemostat.simulate.dirt import Dirt
from hemostat.simulate.exports import LABORATORIES
from hemostat.simulate.households import Crowd
from hemostat.simulate.story import Claim, Column, Story, Table, Tenants

_NOTHING = ("", "", "", "NULL", "-", "inconnu")
_NO_DATE = ("", "", "00/00/0000", "01/01/1900")

CARED_FOR = Dirt(
    typo=0.002,
    accents=0.02,
    upper=0.0,
    lower=0.0,
    reshaped=0.01,
    half=0.01,
    cut=0.0,
    nickname=0.0,
    second_name=0.0,
    swapped=0.0,
    day_month=0.0005,
    wrong_date=0.001,
    century=0.0,
    nir_digit=0.001,
    nir_spaces=0.0,
    nir_no_key=0.01,
    nir_short_key=0.0,
    postcode_zero=0.0,
    mail_case=0.0,
    mail_wrong=0.001,
    phone_digit=0.001,
)
"""How wrong a controller's own file is."""

_COMMENTED = (
    ("remark_psychiatric", 0.18),
    ("remark_addiction", 0.17),
    ("remark_derogatory", 0.15),
    ("remark_religion", 0.1),
    ("remark_violence", 0.09),
    ("remark_suicide", 0.08),
    ("remark_sexuality", 0.07),
    ("remark_hiv", 0.06),
    ("remark_judicial", 0.04),
    ("remark_origin", 0.03),
    ("remark_union", 0.02),
    ("remark_politics", 0.01),
)

MEDECINDIRECT = Story(
    name="medecindirect",
    title="MédecinDirect 2025",
    people_default=28_500,
    today=date(2025, 11, 28),
    rows_per_person=320 / 285,
    surplus=(("second_account", 0.6), ("recycled", 0.25), ("fabricated", 0.15)),
    earlier_overlap=0.015,
    earlier_rest=0.06,
    tables=(
        Table(
            "users.csv",
            (
                Column("id", "account", "internal_id"),
                Column("nom", "used_name", "used_name"),
                Column("prenom", "first_name", "first_name"),
                Column("date_naissance", "birth_date", "birth_date", 0.99, blanks=_NO_DATE, form="mixed"),
                Column("num_secu", "nir", "nir", 0.3, blanks=("", "", "", "", "NULL")),
                Column("adresse", "address", "postal_address", 0.85, "home", blanks=("", "", "", "-")),
                Column("cp", "postal_code", "postal_code", 0.86, "home"),
                Column("ville", "city", "city", 0.86, "home"),
                Column("email", "email", "email", 0.97),
                Column("telephone", "phone", "phone", 0.93, blanks=_NOTHING),
                Column("medecin_traitant", "doctor", "treating_doctor", 0.55, blanks=_NOTHING),
                Column("password", "bcrypt", "password_hash"),
            ),
            encodings=("utf-8-sig",),
            broken=0.0001,
        ),
        Table(
            "teleconsultations.jsonl",
            (
                Column("user_id", "account", "internal_id"),
                Column("date", "moment", "appointment"),
                Column("motif", "reason", "consultation_reason", 0.97),
                Column("traitement", "treatment", "treatment", 0.22, "treatment"),
                Column("posologie", "dosage", "treatment", 0.18, "treatment"),
            ),
            formats=("jsonl",),
            of="events",
            per_person=1.6,
        ),
        Table(
            "messages.jsonl",
            (Column("user_id", "account", "internal_id"), Column("message", "message", "written_exchange")),
            formats=("jsonl",),
            of="events",
            per_person=0.8,
        ),
        Table(
            "patients/patients.csv",
            (
                Column("dossier", "account", "internal_id"),
                Column("nom_naissance", "birth_name", "birth_name"),
                Column("nom_usage", "used_name", "used_name"),
                Column("prenoms", "given_names", "first_name"),
                Column("sexe", "sex", "sex"),
                Column("date_naissance", "birth_date", "birth_date", form="iso"),
                Column("nir", "nir", "nir", 0.72),
                Column("email", "email", "email", 0.93),
                Column("mobile", "mobile", "phone", 0.9, form="clean"),
                Column("fixe", "landline", "phone", 0.3, form="clean"),
                Column("adresse", "address", "postal_address", 0.97, "home"),
                Column("code_postal", "postal_code", "postal_code", 0.98, "home"),
                Column("commune", "city", "city", 0.98, "home"),
                Column("date_deces", "death_date", "death_date", form="iso"),
                Column("responsable", "guardian", "legal_guardian"),
            ),
            of="patients",
            delimiters=(",",),
            dirt=CARED_FOR,
        ),
        Table(
            "earlier-leak/clients_optique_2023.csv",
            (
                Column("NOM", "used_name", "used_name"),
                Column("PRENOM", "first_name", "first_name"),
                Column("DATE_NAISSANCE", "birth_date", "birth_date", 0.8, form="dmy"),
                Column("EMAIL", "email", "email", 0.92),
                Column("TEL", "phone", "phone", 0.88),
                Column("ADRESSE", "address", "postal_address", 0.95, "home"),
                Column("CP", "postal_code", "postal_code", 0.97, "home"),
                Column("VILLE", "city", "city", 0.97, "home"),
            ),
            of="earlier",
            delimiters=(",",),
        ),
    ),
    claims=(Claim(320 / 285, "persons", "DumpSec (fiction)", "2025-12-05T09:00:00+01:00"),),
    notes=("No video and no document is in the leak.", "The surplus rows explain the claim of 320 000."),
)

CEGEDIM = Story(
    name="cegedim",
    title="Cegedim Santé MLM, 1 500 doctors, 2025-26",
    people_default=150_000,
    today=date(2025, 12, 20),
    since=date(2011, 1, 3),
    rows_per_person=19 / 15,
    # 15 from 19: exact duplicates apart, then people met in several practices. Of the surplus a few rows are such
    # people, so that the exact duplicates are a little less than 4/19 of the lines.
    surplus=(("exact_duplicate", 0.96), ("update", 0.04)),
    moved=0.7,
    tenants=Tenants(per_person=1 / 10_000, least=5, label="{:04d}"),
    remarks=169_000 / 15_000_000,
    themes=_COMMENTED,
    crowd=Crowd(
        minors=0.02,
        ages=((18, 30, 0.15), (30, 45, 0.22), (45, 60, 0.24), (60, 75, 0.24), (75, 99, 0.15)),
        deceased=0.01,
    ),
    tables=(
        Table(
            "cabinet_{}",
            (
                Column("cabinet", "tenant"),
                Column("nom", "used_name", "used_name"),
                Column("nom_jf", "birth_name", "birth_name", 0.4),
                Column("prenom", "first_name", "first_name"),
                Column("ddn", "birth_date", "birth_date", 0.99, blanks=_NO_DATE, form="mixed"),
                Column("nss", "nir", "nir", 0.8),
                Column("adr", "address", "postal_address", 0.9, "home"),
                Column("cpville", "code_and_city", "postal_code city", 0.9, "home"),
                Column("tel1", "phone", "phone", 0.8, blanks=_NOTHING),
                Column("tel2", "other_phone", "phone", 0.3),
                Column("mail", "email", "email", 0.35),
                Column("remarque", "remark", "medical_comment", 0.06),
                Column("date_maj", "moment", None, 0.9, form="%d/%m/%Y %H:%M"),
            ),
            formats=("csv", "mysqldump"),
            delimiters=(";", ";", ",", "|", "\t"),
            encodings=("utf-8", "cp1252", "utf-8-sig", "cp1252"),
            newline="\r\n",
            broken=0.00005,
        ),
    ),
)

_DEDALUS_ROWS = 491_840


def _published(count: int) -> float:
    """The share of rows of a published count."""
    return count / _DEDALUS_ROWS


_FILLER = ("flag", "code", "number", "letter", "constant", "price", "date") * 2
_FILLER_HEADINGS = [
    "NUMDOS",
    "TYPDOS",
    "CODSIT",
    "ETAT",
    "TOPFAC",
    "CODTAR",
    "MTTOT",
    "MTPAY",
    "MTRES",
    "TOPTX",
    "CODANA",
    "NBTUB",
    "POSTE",
    "LIGNE",
    "TOPVAL",
    "TOPREF",
    "DATMAJ",
    "USRMAJ",
    "CODPAI",
    "SERIE",
    "TOPURG",
    "TOPDOM",
    "CODTUB",
    "NUMBAC",
    "TOPREP",
    "EDIT",
    "NBEX",
    "TOPFAX",
    "TOPWEB",
    "CODWEB",
    "FLAG1",
    "FLAG2",
    "FLAG3",
    "ZONE1",
    "ZONE2",
    "ZONE3",
    "VERSION",
    "MIGR",
    "FIN",
]

DEDALUS = Story(
    name="dedalus",
    title="Dedalus laboratories 2021",
    people_default=49_184,
    today=date(2020, 10, 28),
    since=date(2015, 1, 5),
    rows_per_person=1.008,
    surplus=(("update", 1.0),),
    moved=0.3,
    parent_nir=0.85,
    tenants=Tenants(known=LABORATORIES),
    titles=(
        ("Mme", _published(268_983)),
        ("M.", _published(195_828)),
        ("Enfant", _published(13_478)),
        ("Bébé", _published(425)),
        ("Soeur", _published(265)),
    ),
    crowd=Crowd(
        regions=("56", "27", "45", "22", "41", "28"),
        women=0.5765,
        minors=0.0296,
        minor_ages=(0.1, 14.5),
        shared_mail=0.0,
        ages=((18, 30, 0.16), (30, 45, 0.26), (45, 60, 0.21), (60, 75, 0.22), (75, 99, 0.15)),
        deceased=0.02,
    ),
    dirt=Dirt(upper=0.97, lower=0.0, accents=0.85, nir_spaces=0.02, nir_no_key=0.03),
    tables=(
        Table(
            "export_labos.csv",
            (
                Column("NOM", "used_name", "used_name", _published(478_882), "name"),
                Column("PRENOM", "first_name", "first_name", _published(478_882), "name"),
                Column("CIV", "title", "sex", together="name"),
                Column("NUMSECU", "nir", "nir", _published(489_838)),
                Column("DATNAISS", "birth_date", "birth_date", 0.98, blanks=_NO_DATE, form="dmy"),
                Column("ADR1", "address", "postal_address", 0.93, "home"),
                Column("CP", "postal_code", "postal_code", 0.95, "home"),
                Column("VILLE", "city", "city", 0.95, "home"),
                Column("TEL", "landline", "phone", _published(270_569)),
                Column("GSM", "mobile", "phone", _published(159_591)),
                Column("MAIL", "email", "email", _published(55_738), once=True),
                Column("MDP", "password", "password", _published(14_997), "access"),
                Column("LOGIN", "login", "login", 0.05, "access"),
                Column("GRP", "blood_group", "blood_group", 0.35),
                Column("MEDECIN", "doctor", "treating_doctor", 0.9),
                Column("MAILMED", "doctor_mail", "email", 0.3),
                Column("MUTUELLE", "insurer", "health_insurance", 0.6),
                Column("DATE_DOSSIER", "moment", "appointment", 0.97, form="%d/%m/%Y"),
                Column("LABO", "tenant", "facility"),
                Column("COMM1", "laboratory_comment", "medical_comment", 0.18),
                Column("COMM2", "laboratory_comment", "medical_comment", 0.07),
                *(
                    Column(
                        heading,
                        "filler",
                        None,
                        (1.0, 0.8, 0.3, 0.02)[rank % 4],
                        form=_FILLER[rank % 14],
                    )
                    for rank, heading in enumerate(_FILLER_HEADINGS)
                ),
            ),
            encodings=("cp1252",),
            newline="\r\n",
            unescaped=0.02,
            broken=0.0001,
        ),
    ),
)
