"""The letters of art. 34: one per person, from the person's own exposures, checked one by one in their final text.

Wording depends on the categories, the channel and whether the person is a minor: each such group is set once, then the
person's name, code and words are put in. Every final text goes through the check.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.sandbox
import polars as pl

from hemostat.assess import intimate_mask, latest, say_fact
from hemostat.assess.combination import joined
from hemostat.assess.reach import ways_text
from hemostat.errors import Refused, UsageError
from hemostat.notify.codes import code, witness
from hemostat.notify.languages import languages
from hemostat.notify.lint import Around, Letter, lint_all, lint_rules
from hemostat.notify.recipients import recipients, shown_name
from hemostat.notify.wording import LANGUAGES, actions, enables, named, not_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress

TOPIC, OVERRIDE, OWN = "letter", "letter_rule", "letter_template"
FACTS = ("what", "learnt", "measures", "contact", "phone", "next_date", "date", "signature", "sms_name")
"""What only people know, asked for once."""
SPOKEN = ("what", "learnt", "measures", "contact", "next_date", "date")
"""Those that each language needs in its own words: ``what.en`` is ``what`` in English."""
MEANING = {
    "what": ("what happened, with its day", "ce qui s'est passé, avec le jour"),
    "learnt": ("how and when you learnt it", "comment et quand vous l'avez appris"),
    "measures": ("what you have done, with its day", "ce que vous avez fait, avec le jour"),
    "contact": ("who answers: name, phone, e-mail", "qui répond : nom, téléphone, courriel"),
    "phone": ("the number to call", "le numéro à appeler"),
    "next_date": ("the day of your next news", "le jour de vos prochaines nouvelles"),
    "date": ("the day the data were copied", "le jour où les données ont été copiées"),
    "signature": ("who signs", "qui signe"),
    "sms_name": ("your name in an SMS, without a word of health", "votre nom dans un SMS, sans mot de santé"),
}
"""What each fact is, in English and French."""
OPTIONAL = ("version", "subject", "remarks_reviewed", "mailbox_unsafe", "usual_site")
SUBJECT = "Information sur vos données personnelles"
SUBJECTS = {"fr": SUBJECT, "en": "Information about your personal data"}
TEXTS = ("letter.txt", "sms.txt", "brief.txt", "letter.en.txt", "sms.en.txt", "brief.en.txt")
PAGE = "letter.typ"
TEMPLATES = (*TEXTS, PAGE)
BATCH = 20_000
KEY = "letters"
"""Purpose of the secret from which codes and words are drawn."""
_NAME, _CODE, _ONE, _TWO = "⟦name⟧", "⟦code⟧", "⟦one⟧", "⟦two⟧"
_UNNAMED = re.compile(
    rf"^[^\n]*\bpour {_NAME} \?[^\n]*\n|^[^\n]*\bfor {_NAME}\?[^\n]*\n| {_NAME}", re.MULTILINE
)
"""What goes when the file holds no name: the question whose message it is, and the name in a greeting."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the letters: by channel, by reason when a person must handle them, and warnings by rule."""

    channels: dict[str, int]
    reasons: dict[str, int]
    warnings: dict[str, int]
    together: int = 0
    """People told by the message of somebody at the same address."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates and facts of the letters of a case.

    ``lang``: the language of those who did not say another; ``languages``: those in which every fact is known.
    """

    facts: Mapping[str, str]
    templates: Mapping[str, str]
    around: Around = field(default_factory=Around)
    lang: str = "fr"
    languages: frozenset[str] = frozenset({"fr"})

    def facts_in(self, lang: str) -> dict[str, str]:
        """The facts as one language says them."""
        own = {name.removesuffix(f".{lang}"): value for name, value in self.facts.items()}
        return {
            **own,
            **{name: self.facts[f"{name}.{lang}"] for name in own if f"{name}.{lang}" in self.facts},
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes two letters say the same, but for the person's own texts."""

    mask: int
    channel: str
    minor: bool = False
    protected: bool = False
    brief: bool = False
    lang: str = "fr"


def fact_name(name: str, lang: str) -> str:
    """The name under which a fact is kept, said in a language."""
    return f"{name}.{lang}" if lang != "fr" and name in (*SPOKEN, "subject") else name


def keep_facts(case: Case, pairs: Sequence[tuple[str, str]], why: str = "", lang: str = "fr") -> None:
    """Keeps texts and facts of the letters, in the language in which they are said.

    Raises:
        UsageError: there is no such fact.
    """
    known = (*FACTS, *OPTIONAL, *(fact_name(name, "en") for name in (*SPOKEN, "subject")))
    for name, value in pairs:
        if name not in known:
            listed = ", ".join(known)
            raise UsageError(
                f"Letters have no fact {name}: give one of {listed}.",
                f"Les lettres n'ont pas de fait {name} : donnez l'un de {listed}.",
            )
        say_fact(case, TOPIC, fact_name(name, lang), value.replace("\\n", "\n").strip(), why)


def override(case: Case, rule: str, why: str) -> None:
    """Lets letters leave although they break a rule: on record, with author and reason.

    Raises:
        UsageError: there is no such rule, it cannot be overridden, or the reason is missing.
    """
    known = lint_rules().get(rule)
    if known is None or not known.may_be_overridden:
        allowed = ", ".join(one.id for one in lint_rules().values() if one.may_be_overridden)
        raise UsageError(
            f"Rule {rule} cannot be overridden: only {allowed} can.",
            f"On ne passe pas outre la règle {rule} : seulement {allowed}.",
        )
    if not why.strip():
        raise UsageError("Say why the rule does not hold here.", "Dites pourquoi la règle ne vaut pas ici.")
    say_fact(case, OVERRIDE, rule, why, why)


def template(name: str) -> str:
    """Our own template of this name."""
    return (resources.files("hemostat.notify") / "templates" / name).read_text("utf-8")


def wording(case: Case, folder: Path | None = None, lang: str = "fr") -> Wording:
    """The templates and facts in force; the controller's own templates are kept, for the letters of other days.

    Raises:
        Refused: a fact that only people know is missing; the message lists them.
        UsageError: a template of the controller's cannot be read.
    """
    said = {name: one.value for name, one in latest(case, TOPIC).items()}
    lacking = {
        one: [n for n in (fact_name(name, one) for name in FACTS) if not said.get(n)] for one in LANGUAGES
    }
    if lacking[lang]:
        en, fr = (
            ", ".join(f"{name} ({MEANING[name.partition('.')[0]][place]})" for name in lacking[lang])
            for place in (0, 1)
        )
        raise Refused(
            f"The letters lack facts that only you know: {en}. Give each with --set FIELD=VALUE.",
            f"Il manque aux lettres des faits que vous seuls connaissez : {fr}. "
            "Donnez chacun avec --set CHAMP=VALEUR.",
        )
    if folder:
        for name, text in {**_theirs(folder), PAGE: str(folder.resolve())}.items():
            say_fact(case, OWN, name, text, str(folder))
    own = {name: one.value for name, one in latest(case, OWN).items()}
    return Wording(
        said,
        {name: own.get(name) or template(name) for name in TEXTS},
        around(said, {rule: one.value for rule, one in latest(case, OVERRIDE).items()}),
        lang,
        frozenset(one for one in LANGUAGES if not lacking[one]),
    )


def _theirs(folder: Path) -> dict[str, str]:
    """The templates in a folder of the controller's."""
    try:
        return {name: (folder / name).read_text("utf-8") for name in TEXTS if (folder / name).is_file()}
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The templates in {folder} cannot be read: they must be text in UTF-8.",
            f"Les modèles de {folder} sont illisibles : il faut du texte en UTF-8.",
        ) from None


def around(said: Mapping[str, str], overridden: Mapping[str, str]) -> Around:
    """What the check needs to know of the case."""
    told = [text for name, text in said.items() if name.split(".")[0] in ("contact", "signature")]
    own = {said.get("phone", ""), *(word for text in told for word in text.split())}
    words = {word.strip(".,;:()") for word in own}
    return Around(
        own_contacts=frozenset(
            word for word in {said.get("phone", ""), *words} if "@" in word or word[:1].isdigit()
        ),
        own_domains=frozenset(filter(None, [said.get("usual_site", "").lower()])),
        remarks_reviewed=said.get("remarks_reviewed") == "yes",
        mailbox_unsafe=said.get("mailbox_unsafe") == "yes",
        overridden=dict(overridden),
    )


def set_text(words: Wording, kind: Kind) -> str:
    """The text of a kind of letters, the person's own texts left as marks.

    Raises:
        UsageError: the template asks for something that does not exist, or is badly written.
    """
    lang, mask, channel = kind.lang, kind.mask, kind.channel
    stem = "sms" if channel == "sms" else "brief" if kind.brief else "letter"
    name = f"{stem}.txt" if lang == "fr" else f"{stem}.{lang}.txt"
    facts = words.facts_in(lang)
    exact, told = named(mask, "post", lang), named(mask, channel, lang)
    held: dict[str, Any] = {
        **facts,
        **_ADDRESSED[lang](kind),
        "controller": facts["sms_name"],
        "helped": _NAME if channel == "email" and not (kind.minor or kind.protected) else "",
        "out": told,
        "exact": bool(mask & intimate_mask()) or (channel != "post" and len(exact) != len(told)),
        "not_out": not_out(mask, lang),
        "enables": enables(mask, channel, lang=lang),
        "actions": actions(mask, channel, lang),
        "code": _CODE,
        "word_one": _ONE,
        "word_two": _TWO,
    }
    text = _rendered(words.templates[name], name, held)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept) + "\n"


def _in_french(kind: Kind) -> dict[str, str]:
    """How a letter addresses its reader, who may act for somebody else."""
    if kind.brief:
        return {"greeting": "", "about": "", "whose": "liées à ce numéro"}
    if kind.minor:
        about = f"Cette lettre concerne {_NAME}.\nElle s'adresse à son représentant légal."
        return {
            "greeting": "Madame, Monsieur,",
            "about": f"{about}\n« Vous » désigne ici l'enfant.",
            "whose": "qui concernent votre enfant",
        }
    if kind.protected:
        about = f"Cette lettre concerne {_NAME}.\nElle s'adresse à qui protège ses droits."
        return {
            "greeting": "Madame, Monsieur,",
            "about": f"{about}\nLisez-la avec cette personne si vous le pouvez. « Vous » la désigne ici.",
            "whose": "qui concernent cette personne",
        }
    return {"greeting": f"Bonjour {_NAME},", "about": "", "whose": "qui vous concernent"}


def _in_english(kind: Kind) -> dict[str, str]:
    if kind.brief:
        return {"greeting": "", "about": "", "whose": "linked to this number"}
    if kind.minor:
        about = f'This letter is about {_NAME}.\nIt is meant for their legal guardian.\n"You" means the child here.'
        return {"greeting": "Dear Sir or Madam,", "about": about, "whose": "about your child"}
    if kind.protected:
        about = (
            f"This letter is about {_NAME}.\nIt is meant for whoever protects their rights.\n"
            'Read it with this person if you can. "You" means this person here.'
        )
        return {"greeting": "Dear Sir or Madam,", "about": about, "whose": "about this person"}
    return {"greeting": f"Dear {_NAME},", "about": "", "whose": "about you"}


_ADDRESSED = {"fr": _in_french, "en": _in_english}


def _rendered(source: str, name: str, held: Mapping[str, Any]) -> str:
    try:
        return _template(source).render(held)
    except jinja2.TemplateError as fault:
        reason = " ".join(str(fault.message or "").splitlines()[:1])
        raise UsageError(
            f"The template {name} cannot be filled: {reason}. Correct it, or take ours again.",
            f"Le modèle {name} ne se remplit pas : {reason}. Corrigez-le, ou reprenez le nôtre.",
        ) from None


@cache
def _template(source: str) -> jinja2.Template:
    environment = jinja2.sandbox.SandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,
    )
    return environment.from_string(source)


def letters_of(people: pl.DataFrame, words: Wording, key: bytes) -> Iterator[tuple[int, Letter]]:
    """The letter of each person that has a channel, in order: person_id and final text."""
    texts: dict[Kind, str] = {}
    subjects = {
        lang: words.facts_in(lang).get("subject") or SUBJECTS[lang]
        if fact_name("subject", lang) in words.facts
        else SUBJECTS[lang]
        for lang in LANGUAGES
    }
    wanted = ("mask_lo", "mask_hi", "channel", "minor", "protected", "brief", "lang")
    kinds = {
        row: Kind(joined(row[0], row[1]), *row[2:]) for row in people.select(wanted).unique().iter_rows()
    }
    rest = ("person_id", "deceased", "fallback", "name", "first_names", "full_name")
    for row in people.select(*wanted, *rest).iter_rows():
        person, deceased, fallback, *parts = row[len(wanted) :]
        kind = kinds[row[: len(wanted)]]
        if kind not in texts:
            texts[kind] = set_text(words, kind)
        name = shown_name(*parts)
        one, two = witness(key, person)
        own = code(key, person)
        text = texts[kind].replace(_CODE, own).replace(_ONE, one).replace(_TWO, two)
        text = text.replace(_NAME, name) if name else _UNNAMED.sub("", text)
        yield (
            person,
            Letter(
                text=text,
                subject=subjects[kind.lang] if kind.channel == "email" else "",
                channel=kind.channel,
                mask=kind.mask,
                values=(own, name, one, two) if name and _NAME in texts[kind] else (own, one, two),
                minor=kind.minor,
                deceased=deceased,
                to_guardian=kind.minor or kind.protected,
                shared_contact=kind.brief,
                other_channel=fallback is not None,
                protected=kind.protected,
                brief=kind.brief,
                lang=kind.lang,
            ),
        )


def make(case: Case, progress: Progress, folder: Path | None = None, lang: str = "fr") -> Made:
    """Makes and checks the letter of every person; keeps them in the case, encrypted. Safe to repeat.

    Raises:
        Refused: a letter breaks a rule that refuses; the message says which rules and how many letters.
    """
    words = wording(case, folder, lang)
    people = addressed(case, words)
    if people.is_empty():
        raise Refused(
            "Nobody is known yet: add the evidence, then hemostat analyse.",
            "Personne n'est encore connu : ajoutez les pièces, puis hemostat analyse.",
        )
    key = case.secret(KEY)
    reached = people.filter((pl.col("channel") != "none") & own_message())
    refused: Counter[str] = Counter()
    warned: Counter[str] = Counter()
    parts: list[pl.DataFrame] = []
    for number, batch in enumerate(reached.iter_slices(BATCH), 1):
        progress.step("letters", min(number * BATCH, reached.height), reached.height)
        made = list(letters_of(batch, words, key))
        for breaches in lint_all((letter for _, letter in made), words.around):
            for breach in breaches:
                (refused if breach.refuse else warned)[breach.rule] += 1
        if refused:
            continue
        name = f"letters_{number:06d}"
        parts.append(_keep(case, name, batch, made))
    if refused:
        raise _refusal(refused)
    _record(case, people, parts)
    return Made(
        channels=dict(reached.group_by("channel").len().sort("channel").iter_rows()),
        reasons=dict(people.drop_nulls("reason").group_by("reason").len().sort("reason").iter_rows()),
        warnings=dict(sorted(warned.items())),
        together=people.filter(~own_message()).height,
    )


def addressed(case: Case, words: Wording) -> pl.DataFrame:
    """Every person of the case with the way and the language in which they are written to."""
    people = recipients(
        case, remarks_reviewed=words.around.remarks_reviewed, mailbox_unsafe=words.around.mailbox_unsafe
    )
    return people.join(languages(case), on="patient_record", how="left", maintain_order="left").with_columns(
        lang=pl.when(pl.col("lang").is_in(list(words.languages))).then("lang").otherwise(pl.lit(words.lang))
    )


def render(case: Case, persons: Sequence[int], channel: str) -> pl.DataFrame:
    """The letters of these people by another way than their first, checked; the shape of ``kept``.

    Raises:
        Refused: a letter breaks a rule that refuses.
    """
    spoken = pl.DataFrame(case.query("select person_id, lang from letter where lang is not null"))
    common = spoken["lang"].mode().sort()
    words = wording(case, lang=common[0] if common.len() else LANGUAGES[0])
    people = (
        addressed(case, words)
        .filter(pl.col("person_id").is_in(pl.Series(persons, dtype=pl.Int64).implode()))
        .with_columns(channel=pl.lit(channel), fallback=pl.lit(channel))
    )
    made = [letter for _, letter in letters_of(people, words, case.secret(KEY))]
    refused = Counter(
        breach.rule for found in lint_all(made, words.around) for breach in found if breach.refuse
    )
    if refused:
        raise _refusal(refused)
    return table_of(people, made)


def own_message() -> pl.Expr:
    """Whether a person has a message of their own, and is not told by that of somebody at the same address."""
    return pl.col("together").is_null() | (pl.col("together") == pl.col("person_id"))


def _keep(case: Case, name: str, batch: pl.DataFrame, made: list[tuple[int, Letter]]) -> pl.DataFrame:
    """Keeps a batch of letters in an encrypted file; gives person_id, wording and part."""
    table = table_of(batch, [letter for _, letter in made])
    case.stage(name, table.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return table.select(
        "person_id",
        wording=pl.Series([wording_of(text) for text in table["text"]], dtype=pl.String),
        part=pl.lit(name),
    )


def wording_of(text: str) -> str:
    """The hash of a letter's final text: what proves later which words were sent."""
    return hashlib.sha256(text.encode()).hexdigest()


def table_of(batch: pl.DataFrame, made: Sequence[Letter]) -> pl.DataFrame:
    """Letters as they are kept: to whom, where, in which language, and their text."""
    contact = ("person_id", "channel", "email", "mobile", "street", "postal_code", "city", "lang")
    wanted = ("minor", "protected", "lang", "name", "first_names", "full_name")
    return batch.select(contact).with_columns(
        name=pl.Series([_envelope(*row) for row in batch.select(wanted).iter_rows()], dtype=pl.String),
        subject=pl.Series([letter.subject for letter in made], dtype=pl.String),
        text=pl.Series([letter.text for letter in made], dtype=pl.String),
    )


def _envelope(minor: bool, protected: bool, lang: str, *parts: str | None) -> str:
    """The name on an envelope: nobody opens a letter meant for whoever acts for them."""
    name = shown_name(*parts)
    if not (minor or protected):
        return name
    return f"Représentant légal de {name}" if lang == "fr" else f"Legal guardian of {name}"


def _record(case: Case, people: pl.DataFrame, parts: list[pl.DataFrame]) -> None:
    schema = {"person_id": pl.Int64, "wording": pl.String, "part": pl.String}
    written = pl.concat([pl.DataFrame(schema=schema), *parts])
    at = case.now().isoformat(timespec="seconds")
    with case.transaction():
        case.execute("delete from letter")
        case.append(
            "letter",
            people.select("person_id", "channel", "reason", "fallback", ways_text(), "together", "lang")
            .join(written, on="person_id", how="left")
            .with_columns(made_at=pl.lit(at)),
        )
        case.execute("delete from person_reach")
        first = pl.col("ways").list.first().fill_null("none").alias("channel")
        case.append("person_reach", people.select("person_id", first, "reason", ways_text()))
        counts = dict(people.group_by("channel").len().sort("channel").iter_rows())
        case.journal("letters.made", **counts)


def _refusal(refused: Counter[str]) -> Refused:
    rules = lint_rules()
    return Refused(
        "The letters are refused: "
        + "; ".join(f"{rule} {rules[rule].en} ({count} letters)" for rule, count in sorted(refused.items()))
        + ".",
        "Les lettres sont refusées : "
        + " ; ".join(f"{rule} {rules[rule].fr} ({count} lettres)" for rule, count in sorted(refused.items()))
        + ".",
    )


def kept(case: Case) -> Iterator[pl.DataFrame]:
    """The letters kept in a case, by batch: person_id, channel, contact, subject, text."""
    for (name,) in case.rows("select distinct part from letter where part is not null order by part"):
        yield pl.DataFrame(case.staged(name))
