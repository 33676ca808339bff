"""Facts and letters that the tests of letters share."""

from __future__ import annotations

from hemostat.assess.combination import whole_mask
from hemostat.notify.letters import SUBJECTS, TEXTS, Kind, Wording, around, set_text, template
from hemostat.notify.lint import Letter

FACTS = {
    "what": "Le 26 novembre 2025, un inconnu est entré dans notre fichier.\nIl a utilisé le compte d'un salarié.",
    "learnt": "Nous l'avons appris le 28 novembre 2025.\nUn extrait du fichier a été publié.",
    "measures": "Nous avons fermé ce compte le 28 novembre 2025.\n"
    "Nous avons changé tous les accès le 29 novembre 2025.",
    "contact": "Anne Exemple, déléguée à la protection des données.\nTéléphone : 02 99 00 00 00.\n"
    "Courriel : dpo@example.org",
    "phone": "02 99 00 00 00",
    "next_date": "15 janvier 2026",
    "date": "26 novembre 2025",
    "signature": "La direction",
    "sms_name": "Les Rochers",
}
ENGLISH = {
    "what.en": "On 26 November 2025, a stranger entered our file.\nThey used the account of an employee.",
    "learnt.en": "We learnt it on 28 November 2025.\nA part of the file was published.",
    "measures.en": "We closed this account on 28 November 2025.\nWe changed every access on 29 November 2025.",
    "contact.en": "Anne Exemple, data protection officer.\nPhone: 02 99 00 00 00.\nE-mail: dpo@example.org",
    "next_date.en": "15 January 2026",
    "date.en": "26 November 2025",
}
WORDING = Wording({**FACTS, **ENGLISH}, {name: template(name) for name in TEXTS}, around(FACTS, {}))
PERSONAL = {"⟦code⟧": "2TZE-K76C-RH0D", "⟦name⟧": "Odette Belloret", "⟦one⟧": "moulin", "⟦two⟧": "lavande"}
KINDS = ("minor", "protected", "brief", "lang")
SOME = ("used_name", "first_name", "birth_date", "phone", "nir", "email")


def letter(names=SOME, channel="email", **facts) -> Letter:
    """A letter as it would leave."""
    mask = whole_mask(names)
    kind = Kind(mask, channel, **{name: facts[name] for name in KINDS if name in facts})
    text = set_text(WORDING, kind)
    for mark, value in PERSONAL.items():
        text = text.replace(mark, value)
    subject = SUBJECTS[kind.lang] if channel == "email" else ""
    return Letter(text, subject, channel, mask, tuple(PERSONAL.values()), **facts)
