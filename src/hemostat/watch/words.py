"""Words compared as logs and people write them: without accents, case or signs."""

from __future__ import annotations

import re
import unicodedata


def fold(text: str) -> str:
    """Lower case, no accents, camelCase split, every run of other signs one space.

    >>> fold("Résultats_Bio"), fold("patientId"), fold("X-Request-Id"), fold("@timestamp")
    ('resultats bio', 'patient id', 'x request id', 'timestamp')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    plain = unicodedata.normalize("NFKD", parted).lower()
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())
