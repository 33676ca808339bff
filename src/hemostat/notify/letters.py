"""The letters of art. 34: one per person, from the person's own exposures, checked one by one in their final text.

Wording depends on the categories, the channel and whether the person is a minor: each such group is set once, then the
person's name, code and words are put in. Every final text goes through the check.
"""

from __future__ import annotations

import hashlib
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
from hemostat.errors import Refused, UsageError
from hemostat.notify.codes import code, witness
from hemostat.notify.lint import Around, Letter, lint_all, lint_rules
from hemostat.notify.recipients import recipients, shown_name
from hemostat.notify.wording import actions, enables, named, not_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress

TOPIC, OVERRIDE = "letter", "letter_rule"
FACTS = ("what", "learnt", "measures", "contact", "phone", "next_date", "date", "signature", "sms_name")
"""What only people know, asked for once."""
OPTIONAL = ("version", "subject", "remarks_reviewed", "mailbox_unsafe", "usual_site")
SUBJECT = "Information sur vos données personnelles"
TEMPLATES = ("letter.txt", "sms.txt", "letter.typ")
BATCH = 20_000
KEY = "letters"
"""Purpose of the secret from which codes and words are drawn."""
_NAME, _CODE, _ONE, _TWO = "⟦name⟧", "⟦code⟧", "⟦one⟧", "⟦two⟧"


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the letters: by channel, by reason when a person must handle them, and warnings by rule."""

    channels: dict[str, int]
    reasons: dict[str, int]
    warnings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """The templates and facts of the letters of a case."""

    facts: Mapping[str, str]
    templates: Mapping[str, str]
    around: Around = field(default_factory=Around)


def keep_facts(case: Case, pairs: Sequence[tuple[str, str]], why: str = "") -> None:
    """Keeps texts and facts of the letters.

    Raises:
        UsageError: there is no such fact.
    """
    for name, value in pairs:
        if name not in (*FACTS, *OPTIONAL):
            listed = ", ".join((*FACTS, *OPTIONAL))
            raise UsageError(
                f"Letters have no fact {name}: give one of {listed}.",
                f"Les lettres n'ont pas de fait {name} : donnez l'un de {listed}.",
            )
        say_fact(case, TOPIC, name, value.replace("\\n", "\n").strip(), why)


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


def wording(case: Case, folder: Path | None = None) -> Wording:
    """The templates and facts in force.

    Raises:
        Refused: a fact that only people know is missing; the message lists them.
        UsageError: a template of the controller's cannot be read.
    """
    said = {name: one.value for name, one in latest(case, TOPIC).items()}
    lacking = [name for name in FACTS if not said.get(name)]
    if lacking:
        raise Refused(
            "The letters lack facts that only you know: "
            + ", ".join(lacking)
            + ". Give each with --set FIELD=VALUE.",
            "Il manque aux lettres des faits que vous seuls connaissez : "
            + ", ".join(lacking)
            + ". Donnez chacun avec --set CHAMP=VALEUR.",
        )
    try:
        texts = {
            name: (folder / name).read_text("utf-8")
            if folder and (folder / name).is_file()
            else template(name)
            for name in TEMPLATES[:2]
        }
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The templates in {folder} cannot be read: they must be text in UTF-8.",
            f"Les modèles de {folder} sont illisibles : il faut du texte en UTF-8.",
        ) from None
    return Wording(
        said, texts, around(said, {rule: one.value for rule, one in latest(case, OVERRIDE).items()})
    )


def around(said: Mapping[str, str], overridden: Mapping[str, str]) -> Around:
    """What the check needs to know of the case."""
    own = {said.get("phone", ""), *said.get("contact", "").split(), *said.get("signature", "").split()}
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


def set_text(words: Wording, mask: int, channel: str, *, minor: bool) -> str:
    """The text of a group of letters, the person's own texts left as marks.

    Raises:
        UsageError: the template asks for something that does not exist, or is badly written.
    """
    name = "sms.txt" if channel == "sms" else "letter.txt"
    facts = words.facts
    about = (
        f"Cette lettre est au sujet de {_NAME}.\nElle s'adresse à son représentant légal.\n"
        "« Vous » désigne ici l'enfant."
        if minor
        else ""
    )
    held: dict[str, Any] = {
        **facts,
        "controller": facts["sms_name"],
        "greeting": "Madame, Monsieur," if minor else f"Bonjour {_NAME},",
        "about": about,
        "whose": "qui concernent votre enfant" if minor else "qui vous concernent",
        "out": named(mask, channel),
        "exact": bool(mask & intimate_mask())
        or (channel != "post" and len(named(mask, "post")) != len(named(mask, channel))),
        "not_out": not_out(mask),
        "enables": enables(mask, channel),
        "actions": actions(mask, channel),
        "code": _CODE,
        "word_one": _ONE,
        "word_two": _TWO,
    }
    text = _rendered(words.templates[name], name, held)
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for place, line in enumerate(lines) if line or (place and lines[place - 1])]
    return "\n".join(kept) + "\n"


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
    texts: dict[tuple[int, str, bool], str] = {}
    subject = words.facts.get("subject") or SUBJECT
    wanted = (
        "person_id",
        "mask_lo",
        "mask_hi",
        "channel",
        "minor",
        "deceased",
        "fallback",
        "name",
        "first_names",
        "full_name",
    )
    for person, low, high, channel, minor, deceased, fallback, *parts in people.select(wanted).iter_rows():
        mask = joined(low, high)
        group = (mask, channel, minor)
        if group not in texts:
            texts[group] = set_text(words, mask, channel, minor=minor)
        name = shown_name(*parts)
        one, two = witness(key, person)
        own = code(key, person)
        text = texts[group].replace(_CODE, own).replace(_ONE, one).replace(_TWO, two)
        text = text.replace(_NAME, name) if name else text.replace(f" {_NAME}", "")
        yield (
            person,
            Letter(
                text=text,
                subject=subject if channel == "email" else "",
                channel=channel,
                mask=mask,
                values=(own, name, one, two) if name and channel != "sms" else (own, one, two),
                minor=minor,
                deceased=deceased,
                to_guardian=minor,
                other_channel=fallback is not None,
            ),
        )


def make(case: Case, progress: Progress, folder: Path | None = None) -> Made:
    """Makes and checks the letter of every person; keeps them in the case, encrypted. Safe to repeat.

    Raises:
        Refused: a letter breaks a rule that refuses; the message says which rules and how many letters.
    """
    words = wording(case, folder)
    people = recipients(
        case, remarks_reviewed=words.around.remarks_reviewed, mailbox_unsafe=words.around.mailbox_unsafe
    )
    if people.is_empty():
        raise Refused(
            "Nobody is known yet: add the evidence, then hemostat analyse.",
            "Personne n'est encore connu : ajoutez les pièces, puis hemostat analyse.",
        )
    key = case.secret(KEY)
    reached = people.filter(pl.col("channel") != "none")
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
    )


def _keep(case: Case, name: str, batch: pl.DataFrame, made: list[tuple[int, Letter]]) -> pl.DataFrame:
    """Keeps a batch of letters in an encrypted file; gives person_id, wording and part."""
    texts = [letter.text for _, letter in made]
    called = [shown_name(*parts) for parts in batch.select("name", "first_names", "full_name").iter_rows()]
    contact = ("person_id", "channel", "email", "mobile", "street", "postal_code", "city")
    table = batch.select(contact).with_columns(
        name=pl.Series(called, dtype=pl.String),
        subject=pl.Series([letter.subject for _, letter in made]),
        text=pl.Series(texts),
    )
    case.stage(name, table.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return pl.DataFrame(
        {
            "person_id": batch["person_id"],
            "wording": [hashlib.sha256(text.encode()).hexdigest() for text in texts],
            "part": name,
        }
    )


def _record(case: Case, people: pl.DataFrame, parts: list[pl.DataFrame]) -> None:
    schema = {"person_id": pl.Int64, "wording": pl.String, "part": pl.String}
    written = pl.concat([pl.DataFrame(schema=schema), *parts])
    at = case.now().isoformat(timespec="seconds")
    with case.transaction():
        case.execute("delete from letter")
        case.append(
            "letter",
            people.select("person_id", "channel", "reason", "fallback")
            .join(written, on="person_id", how="left")
            .with_columns(made_at=pl.lit(at)),
        )
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
