"""Stories that are dumps of people: what was published of each leak, and fiction where nothing was."""

from __future__ import annotations

from datetime import date

from hemostat.simulate.dirt import Dirt
from hemostat.simulate.story import Column, Story, Table

_NOTHING = ("", "", "", "NULL", "-", "inconnu")
_NO_DATE = ("", "", "00/00/0000", "01/01/1900")

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
            format="jsonl",
            of="events",
            per_person=1.6,
        ),
        Table(
            "messages.jsonl",
            (Column("user_id", "account", "internal_id"), Column("message", "message", "written_exchange")),
            format="jsonl",
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
            dirt=Dirt(
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
            ),
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
    notes=("No video and no document is in the leak.", "The surplus rows explain the claim of 320 000."),
)
