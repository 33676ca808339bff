"""The nouns of the domain: what every stage speaks of.

Facts are kept in bulk as columns (see ``case/schema.sql``); these classes are their shape when there are few.
A test proves that both agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime

RecordId = int
PersonId = int
EvidenceId = int

RECORD_BITS = 36
"""A record id is ``evidence_id << RECORD_BITS | index of the record in its evidence``."""


class Category(StrEnum):
    """What can leak of a person. Labels, headings and law: ``rules/categories.toml`` (same ids, same order)."""

    BIRTH_NAME = "birth_name"
    USED_NAME = "used_name"
    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    NATIONALITY = "nationality"
    FAMILY_SITUATION = "family_situation"
    PHOTO = "photo"
    DEATH_DATE = "death_date"
    POSTAL_ADDRESS = "postal_address"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    EMAIL = "email"
    PHONE = "phone"
    NIR = "nir"
    INS = "ins"
    PASSPORT = "passport"
    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"
    TAX_NUMBER = "tax_number"
    RESIDENCE_PERMIT = "residence_permit"
    INSURED_RANK = "insured_rank"
    HEALTH_INSURANCE = "health_insurance"
    SOCIAL_RIGHTS = "social_rights"
    INCOME = "income"
    IBAN = "iban"
    PAYMENT_CARD = "payment_card"
    LOGIN = "login"
    PASSWORD = "password"
    PASSWORD_HASH = "password_hash"
    SECURITY_ANSWER = "security_answer"
    SESSION_TOKEN = "session_token"
    TREATING_DOCTOR = "treating_doctor"
    PROFESSIONAL_ID = "professional_id"
    FACILITY = "facility"
    APPOINTMENT = "appointment"
    CONSULTATION_REASON = "consultation_reason"
    MEDICAL_HISTORY = "medical_history"
    PATHOLOGY = "pathology"
    TREATMENT = "treatment"
    PRESCRIPTION = "prescription"
    TEST_RESULT = "test_result"
    BLOOD_GROUP = "blood_group"
    GENETIC = "genetic"
    PREGNANCY = "pregnancy"
    DISABILITY = "disability"
    VACCINATION = "vaccination"
    MEASUREMENT = "measurement"
    HOSPITAL_STAY = "hospital_stay"
    PROCEDURE = "procedure"
    MEDICAL_COMMENT = "medical_comment"
    WRITTEN_EXCHANGE = "written_exchange"
    REMARK_SEXUALITY = "remark_sexuality"
    REMARK_RELIGION = "remark_religion"
    REMARK_ORIGIN = "remark_origin"
    REMARK_POLITICS = "remark_politics"
    REMARK_UNION = "remark_union"
    REMARK_HIV = "remark_hiv"
    REMARK_ADDICTION = "remark_addiction"
    REMARK_PSYCHIATRIC = "remark_psychiatric"
    REMARK_VIOLENCE = "remark_violence"
    REMARK_SUICIDE = "remark_suicide"
    REMARK_JUDICIAL = "remark_judicial"
    REMARK_DEROGATORY = "remark_derogatory"
    RELATIVE = "relative"
    LEGAL_GUARDIAN = "legal_guardian"
    TRUSTED_PERSON = "trusted_person"
    INTERNAL_ID = "internal_id"
    IP_ADDRESS = "ip_address"
    DEVICE_ID = "device_id"


class Role(StrEnum):
    """What a piece of evidence is to the case."""

    LEAK = "leak"
    PATIENTS = "patients"
    LOG = "log"
    EARLIER_LEAK = "earlier-leak"
    HISTORY = "history"


class About(StrEnum):
    """Whose datum a column holds: a doctor's e-mail is exposed too, but is no way to reach the patient."""

    PERSON = "person"
    PROFESSIONAL = "professional"
    RELATIVE = "relative"
    TENANT = "tenant"
    TEXT = "text"


class CountMethod(StrEnum):
    """How the number of units in a piece of evidence is known."""

    INDEPENDENT = "independent"
    """A count that does not go through the reader."""
    DECLARED = "declared"
    """By the file's own footer, or the server in the same snapshot."""
    READER = "reader"
    """By the reader itself: shown as unreconciled."""


class LinkKind(StrEnum):
    """How a record came to its person."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    SINGLE = "single"


class RecordStatus(StrEnum):
    """Whether a record repeats another one to the letter."""

    KEPT = "kept"
    EXACT_DUPLICATE = "exact_duplicate"


class Standing(StrEnum):
    """What a row is, in the light of the patient file and of earlier leaks."""

    MATCHED = "matched"
    PLAUSIBLE = "plausible"
    DOUBTFUL = "doubtful"
    FABRICATED = "fabricated"
    RECYCLED = "recycled"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A place of the evidence that could not be read, and why. Never its content."""

    locator: str
    reason: str
    units: int = 1
    line: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One category seen in one place (a column, or free text) of one piece of evidence."""

    evidence_id: EvidenceId
    place: str
    category: str
    about: About
    values: int
    valid: int | None
    confidence: float
    decided_by: str
    shape: str | None
    note: str | None = None
    """Facts about the values, by id and number: ``hemostat.detect.facts.said`` puts them into words."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the evidence. Its name outside the case is the evidence's SHA-256 and the locator."""

    record_id: RecordId
    evidence_id: EvidenceId
    line: int | None
    locator: str | None
    mask_lo: int
    mask_hi: int
    print_lo: int
    print_hi: int


@dataclass(frozen=True, slots=True)
class Person:
    """One distinct person found in the evidence. Bulk form: table ``person``, same columns."""

    person_id: PersonId
    first_record: RecordId
    records: int
    link: LinkKind
    mask_lo: int
    mask_hi: int
    patient_record: RecordId | None
    certain_id: int
    possible_id: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """One category of one person's data, seen in one piece of evidence. Bulk form: view ``exposure``."""

    person_id: PersonId
    category: str
    evidence_id: EvidenceId
    records: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says the leak holds. Reported beside what was found, never mixed with it."""

    claim_id: int
    value: int
    unit: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """A human judgement: a fact with an author, a time and a reason. A new analysis obeys it."""

    decision_id: int
    kind: str
    subject: str
    value: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Who did what, when. ``hash`` covers the entry and the hash of the one before."""

    seq: int
    at: str
    actor: str
    action: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells a person apart and reaches them; normalised where a format exists, as written elsewhere."""

    record_id: RecordId
    birth_name: str | None = None
    used_name: str | None = None
    first_names: str | None = None
    full_name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    birth_year: int | None = None
    birth_place: str | None = None
    nir: str | None = None
    nir_key: bool | None = None
    email: str | None = None
    email2: str | None = None
    phone: str | None = None
    phone2: str | None = None
    phone3: str | None = None
    postal_address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    internal_id: str | None = None
    tenant: str | None = None
    insured_rank: str | None = None
    deceased: bool | None = None


class Progress(Protocol):
    """Where a stage tells how far it is."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """``done`` out of ``total`` units of the stage named ``label``; None when the total is unknown."""


class Silent:
    """A progress nobody watches."""

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Says nothing."""
