"""Every identifier that values give away by themselves: one line each, specific before generic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.detect import card, codes, email, iban, nir, password, phone, professional
from hemostat.model import Category

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl


@dataclass(frozen=True, slots=True)
class Detector:
    """An identifier: the shape of one whole value, the check of a column of them, and how often chance passes it."""

    category: Category
    pattern: str
    is_valid: Callable[[pl.Series], pl.Series]
    chance: float


DETECTORS: tuple[Detector, ...] = (
    Detector(Category.EMAIL, email.PATTERN, email.valid_array, chance=0.0),
    Detector(Category.INS, codes.INS, codes.ins_valid, chance=0.0),
    Detector(Category.IBAN, iban.PATTERN, iban.valid_array, chance=iban.CHANCE),
    Detector(Category.NIR, nir.PATTERN, nir.valid_array, chance=nir.CHANCE),
    Detector(Category.PROFESSIONAL_ID, professional.RPPS, professional.rpps_valid, chance=0.001),
    Detector(Category.TREATMENT, codes.CIP13, codes.cip13_valid, chance=0.0),
    Detector(Category.PAYMENT_CARD, card.PATTERN, card.valid_array, chance=card.CHANCE),
    Detector(Category.PASSWORD_HASH, password.PATTERN, password.hash_valid, chance=0.0),
    Detector(Category.IP_ADDRESS, codes.IP, codes.ip_valid, chance=0.0),
    Detector(Category.PHONE, phone.PATTERN, phone.valid_array, chance=0.09),
    Detector(Category.BLOOD_GROUP, codes.BLOOD, codes.blood_valid, chance=0.0),
)
"""Order is priority: a 15-digit NIR wins over the phone inside it."""
