"""Facts and letters that the tests of letters share."""

from __future__ import annotations

from hemostat.assess.combination import whole_mask
from hemostat.notify.letters import SUBJECT, TEMPLATES, Wording, around, set_text, template
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
WORDING = Wording(FACTS, {name: template(name) for name in TEMPLATES[:2]}, around(FACTS, {}))
PERSONAL = {"⟦code⟧": "2TZE-K76C-RH0D", "⟦name⟧": "Odette Belloret", "⟦one⟧": "moulin", "⟦two⟧": "lavande"}
SOME = ("used_name", "first_name", "birth_date", "phone", "nir", "email")


def letter(names=SOME, channel="email", **facts) -> Letter:
    """A letter as it would leave."""
    mask = whole_mask(names)
    text = set_text(WORDING, mask, channel, minor=facts.get("minor", False))
    for mark, value in PERSONAL.items():
        text = text.replace(mark, value)
    subject = SUBJECT if channel == "email" else ""
    return Letter(text, subject, channel, mask, tuple(PERSONAL.values()), **facts)
