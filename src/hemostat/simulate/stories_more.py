"""More stories that are dumps: a hospital group, a pension fund, insurers, two leaks on the same people."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hemostat.simulate.dirt import Dirt
from hemostat.simulate.households import Crowd
from hemostat.simulate.stories_dumps import CARED_FOR, MEDECINDIRECT
from hemostat.simulate.story import Column, Story, Table, Tenants

_SITES = (
    ("Clinique du Val de Melun", "77"),
    ("Clinique de la Brie", "77"),
    ("Clinique des Deux Morins", "77"),
    ("Clinique de l'Orge", "91"),
    ("Clinique du Hurepoix", "91"),
    ("Clinique de la Bièvre", "92"),
    ("Clinique des Coteaux", "92"),
    ("Clinique du Canal", "93"),
    ("Clinique de la Plaine", "93"),
    ("Clinique de l'Estrée", "93"),
    ("Clinique du Plateau", "94"),
    ("Clinique des Bords de Marne", "94"),
    ("Clinique du Vexin", "95"),
    ("Clinique de la Vallée de l'Oise", "95"),
    ("Résidence des Tilleuls", "78"),
    ("Résidence du Parc", "78"),
    ("Résidence de la Seine", "91"),
)

ALEO = Story(
    name="aleo",
    title="Aléo / Mediboard, the “759 000”, 2024",
    people_default=75_891,
    today=date(2024, 11, 18),
    since=date(2012, 3, 1),
    rows_per_person=1.004,
    surplus=(("update", 1.0),),
    moved=0.5,
    tenants=Tenants(
        known=tuple(name for name, _ in _SITES), homes=tuple(home for _, home in _SITES), own_ids=True
    ),
    crowd=Crowd(
        women=0.55,
        minors=0.03,
        deceased=0.03,
        regions=("77", "78", "91", "92", "93", "94", "95"),
        ages=((18, 30, 0.12), (30, 45, 0.2), (45, 60, 0.22), (60, 75, 0.24), (75, 101, 0.22)),
    ),
    tables=(
        Table(
            "mediboard_extract.sql#patients",
            (
                Column("patient_id", "account", "internal_id"),
                Column("nom", "used_name", "used_name"),
                Column("nom_jeune_fille", "birth_name", "birth_name", 0.5),
                Column("prenom", "first_name", "first_name"),
                Column("naissance", "birth_date", "birth_date", 0.99, blanks=("0000-00-00", ""), form="iso"),
                Column("sexe", "sex", "sex", form="mf"),
                Column("adresse", "address", "postal_address", 0.95, "home"),
                Column("cp", "postal_code", "postal_code", 0.95, "home"),
                Column("ville", "city", "city", 0.95, "home"),
                Column("tel", "phone", "phone", 0.8),
                Column("email", "email", "email", 0.3),
                Column("medecin_traitant", "doctor", "treating_doctor", 0.8),
                Column("deces", "death_date", "death_date", form="iso"),
                Column("rques", "hospital_comment", "medical_comment", 0.1),
            ),
            formats=("mysqldump",),
        ),
        Table(
            "mediboard_extract.sql#prescriptions",
            (
                Column("patient_id", "account", "internal_id"),
                Column("texte", "prescription", "prescription"),
                Column("date", "moment", "prescription", form="%Y-%m-%d"),
            ),
            formats=("mysqldump",),
            of="events",
            per_person=2.5,
            orphans=0.004,
        ),
        Table(
            "mediboard_extract.sql#mutuelles",
            (
                Column("patient_id", "account", "internal_id"),
                Column("organisme", "insurer_then", "health_insurance"),
                Column("fin", "insurer_until", "health_insurance", 0.7, form="%Y-%m-%d"),
            ),
            formats=("mysqldump",),
            of="events",
            per_person=1.4,
            orphans=0.004,
        ),
    ),
)

CNAV = Story(
    name="cnav",
    title="Assurance retraite 2024",
    people_default=37_000,
    today=date(2024, 9, 2),
    rows_per_person=1.03,
    surplus=(("update", 1.0),),
    moved=0.4,
    patients_moved=0.15,
    tenants=Tenants(known=("Nord-Est", "Ile-de-France", "Sud-Est", "Ouest"), told=False),
    crowd=Crowd(
        women=0.57,
        minors=0.0,
        protected=0.03,
        deceased=0.08,
        couples=0.3,
        grown=0.0,
        ages=((65, 72, 0.3), (72, 80, 0.32), (80, 90, 0.27), (90, 102, 0.11)),
    ),
    dirt=Dirt(upper=0.95, accents=0.8, lower=0.0, nir_no_key=0.02),
    tables=(
        Table(
            "beneficiaires.xlsx#{}",
            (
                Column("N° SS", "spreadsheet_nir", "nir"),
                Column("Civilité", "sex", "sex", form="mme"),
                Column("Nom", "used_name", "used_name"),
                Column("Prénom", "first_name", "first_name"),
                Column("Date naissance", "serial_date", "birth_date"),
                Column("Adresse", "address", "postal_address"),
                Column("CP", "postal_code", "postal_code"),
                Column("Commune", "city", "city"),
                Column("Ressources", "income", "income", 0.9),
                Column("GIR", "dependence", "disability", 0.3),
            ),
            formats=("xlsx",),
        ),
        Table(
            "patients/assures.csv",
            (
                Column("dossier", "account", "internal_id"),
                Column("nom_naissance", "birth_name", "birth_name"),
                Column("nom_usage", "used_name", "used_name"),
                Column("prenoms", "given_names", "first_name"),
                Column("sexe", "sex", "sex"),
                Column("date_naissance", "birth_date", "birth_date", form="iso"),
                Column("nir", "nir", "nir"),
                Column("email", "email", "email", 0.35),
                Column("mobile", "mobile", "phone", 0.4, form="clean"),
                Column("adresse", "address", "postal_address", 0.985, "home"),
                Column("code_postal", "postal_code", "postal_code", 0.985, "home"),
                Column("commune", "city", "city", 0.985, "home"),
                Column("date_deces", "death_date", "death_date", form="iso"),
                Column("tuteur", "guardian", "legal_guardian"),
            ),
            of="patients",
            dirt=CARED_FOR,
        ),
    ),
    notes=("No bank data is in the leak.",),
)

VIAMEDIS = Story(
    name="viamedis",
    title="Viamedis / Almerys 2024",
    people_default=250_000,
    today=date(2024, 1, 29),
    rows_per_person=1.25,
    surplus=(("update", 0.6), ("renewal", 0.4)),
    moved=0.1,
    parent_nir=0.8,
    tenants=Tenants(per_person=1 / 25_000, least=8, label="{:09d}", by_household=True),
    crowd=Crowd(
        minors=0.2,
        couples=0.5,
        ages=((18, 30, 0.18), (30, 45, 0.27), (45, 60, 0.27), (60, 75, 0.2), (75, 99, 0.08)),
    ),
    dirt=Dirt(
        typo=0.004,
        accents=0.97,
        upper=0.99,
        lower=0.0,
        reshaped=0.05,
        half=0.04,
        nickname=0.0,
        swapped=0.001,
        day_month=0.0005,
        wrong_date=0.001,
        century=0.0,
    ),
    tables=(
        Table(
            "droits_tp.csv",
            (
                Column("NIR_OD", "nir_body", "nir"),
                Column("CLE", "nir_key", "nir"),
                Column("RANG", "rank", "insured_rank"),
                Column("NOM", "used_name", "used_name"),
                Column("PRENOM", "first_name", "first_name"),
                Column("DDN", "birth_date", "birth_date", form="compact"),
                Column("AMC", "tenant", "health_insurance"),
                Column("NUM_ADH", "contract", "health_insurance"),
                Column("GARANTIE", "cover", "health_insurance"),
                Column("FIN_DROITS", "insurer_until", "health_insurance", 0.8, form="%Y%m%d"),
            ),
            delimiters=("|",),
            broken=0.00002,
        ),
        Table(
            "patients/adherents.csv",
            (
                Column("adherent", "account", "internal_id"),
                Column("nom_naissance", "birth_name", "birth_name"),
                Column("nom_usage", "used_name", "used_name"),
                Column("prenoms", "given_names", "first_name"),
                Column("sexe", "sex", "sex"),
                Column("date_naissance", "birth_date", "birth_date", form="iso"),
                Column("nir", "nir", "nir", 0.97),
                Column("email", "email", "email", 0.71),
                Column("mobile", "mobile", "phone", 0.66, form="clean"),
                Column("adresse", "address", "postal_address", 0.96, "home"),
                Column("code_postal", "postal_code", "postal_code", 0.96, "home"),
                Column("commune", "city", "city", 0.96, "home"),
                Column("date_deces", "death_date", "death_date", form="iso"),
                Column("responsable", "guardian", "legal_guardian"),
            ),
            of="patients",
            dirt=CARED_FOR,
        ),
    ),
    notes=(
        "Referenced by the operators is not the same as shown to be copied: 33 million against the rows here.",
    ),
)

_SHOP = Table(
    "earlier-leak/loyalty.json",
    (
        Column("customerId", "account", "internal_id"),
        Column("lastName", "used_name", "used_name"),
        Column("firstName", "first_name", "first_name"),
        Column("mobile", "mobile", "phone", 0.9),
        Column("email", "shop_email", "email", 0.95),
        Column("address", "address", "postal_address", 0.85, "home"),
        Column("zip", "postal_code", "postal_code", 0.9, "home"),
        Column("city", "city", "city", 0.9, "home"),
    ),
    formats=("json",),
    of="earlier",
)

DUMPSEC = replace(
    MEDECINDIRECT,
    name="dumpsec",
    title="DumpSec: Leroy Merlin and MédecinDirect, two leaks on the same people",
    earlier_overlap=0.12,
    # As many customers as patients: the rest of them are strangers, some of whom were pasted into the dump.
    earlier_rest=0.88 - (320 / 285 - 1) * 0.25,
    earlier_again=0.02,
    earlier_moved=0.15,
    tables=(*(table for table in MEDECINDIRECT.tables if table.of != "earlier"), _SHOP),
)
