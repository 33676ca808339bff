"""How e-mail addresses, telephones and postal addresses get wrong or are somebody else's. One function per habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.simulate.habits_edit import at_letter, bare, choice, chosen, coin, one_rule

if TYPE_CHECKING:
    from hemostat.simulate.draw import Rng

    Frame = pl.DataFrame

HOME = ("address", "postal_code", "city")
_MAIL_SLIPS = (
    (r"\.com$", ".con"), (r"\.com$", ".cmo"), (r"\.com$", "com"), (r"\.org$", ".ogr"), (r"\.org$", ",org"),
    (r"\.net$", ".nte"), (r"\.net$", ""), (r"\.(com|org|net)$", ".$1."), (r"@mail\.", "@mial."),
    (r"@mail\.", "@maill."),
    (r"@courriel\.", "@couriel."), (r"@boite\.", "@boîte."), (r"@poste\.", "@laposte."), (r"@free\.", "@fre."),
    (r"@web\.", "@wbe."), (r"@", " @"), (r"@", ""), (r"@", "@@"), (r"^(\w+)\.", "$1,"), (r"\.", " ."), (r"@", "à"),
    (r"^", "www."),
)  # fmt: skip
_INSTITUTIONS = (
    "EHPAD Les Tilleuls, 4 rue de l'Hospice", "EHPAD Résidence du Parc, 12 avenue du Parc",
    "Maison de retraite Saint-Joseph, 1 place de l'Église", "EHPAD La Roseraie, 27 route de la Gare",
    "USLD Centre hospitalier, 2 rue de l'Hôpital", "Foyer logement Les Lilas, 8 allée des Lilas",
)  # fmt: skip
_SHARED = (
    "CCAS, Hôtel de ville", "SDF", "Domiciliation CCAS",
    "CADA, 15 rue de la République", "Foyer de jeunes travailleurs",
    "Maison d'arrêt", "Sans domicile", "Aire d'accueil des gens du voyage",
)  # fmt: skip
_SHORT_WAYS = (
    (r"(?i)\bavenue\b", "av"), (r"(?i)\bboulevard\b", "bd"), (r"(?i)\brue\b", "r"), (r"(?i)\bchemin\b", "ch"),
    (r"(?i)\ballée\b", "all"), (r"(?i)\bimpasse\b", "imp"), (r"(?i)\bplace\b", "pl"), (r"(?i)\broute\b", "rte"),
    (r"(?i)\brésidence\b", "rés"), (r"(?i)\bsaint\b", "St"), (r"(?i)\bgénéral\b", "Gal"), (r"(?i)\bdocteur\b", "Dr"),
)  # fmt: skip


# --- E-mail


def mail_slip(rng: Rng, hit: Frame) -> Frame:
    """A slip around the sign or in the domain, as gmial.con is: telephone, paper forms typed later."""
    return one_rule(rng, hit["email"], _MAIL_SLIPS).to_frame()


def mail_letter_lost(rng: Rng, hit: Frame) -> Frame:
    """A letter of the local part left out."""
    local = hit["email"].str.extract(r"^([^@]+)@").fill_null(hit["email"])
    domain = hit["email"].str.extract(r"(@.*)$").fill_null("")
    return (at_letter(rng, local, lambda head, _, tail: head + tail) + domain).alias("email").to_frame()


def mail_letters_crossed(rng: Rng, hit: Frame) -> Frame:
    """Two signs of the local part in the wrong order."""
    local = hit["email"].str.extract(r"^([^@]+)@").fill_null(hit["email"])
    domain = hit["email"].str.extract(r"(@.*)$").fill_null("")
    made = at_letter(rng, local, lambda head, at, tail: head + tail.str.slice(0, 1) + at + tail.str.slice(1))
    return (made + domain).alias("email").to_frame()


def mail_of_family(_rng: Rng, hit: Frame) -> Frame:
    """The spouse's address, or a parent's: one address for the home."""
    return hit.select(pl.coalesce("spouse_email", "parent_email", "email").alias("email"))


def mail_of_child(_rng: Rng, hit: Frame) -> Frame:
    """The address of the grown child who does it all online for an old parent."""
    return hit.select(pl.coalesce("child_email", "email").alias("email"))


def mail_of_desk(_rng: Rng, hit: Frame) -> Frame:
    """The practice's own address, because the field is required."""
    return hit.select(pl.format("secretariat{}@cabinet.example.org", pl.col("desk")).alias("email"))


def mail_placeholder(rng: Rng, hit: Frame) -> Frame:
    """An address that says there is none: the field is required."""
    words = (
        "aucun@example.org",
        "pasdemail@example.com",
        "non@example.com",
        "neant@example.org",
        "xxx@example.com",
    )
    return choice(rng, words, hit.height).alias("email").to_frame()


def mail_with_accents(_rng: Rng, hit: Frame) -> Frame:
    """The local part as the names are written, accents included: typed by the desk from the card."""
    first = pl.col("first_names").str.extract(r"^(\S+)")
    named = (first + "." + pl.coalesce("used_name", "birth_name")).str.to_lowercase()
    return hit.select((named.str.replace_all(r"[ '’]", "") + "@example.org").alias("email"))


def mail_capitals(_rng: Rng, hit: Frame) -> Frame:
    """All in capitals: programs that write everything so."""
    return hit.select(pl.col("email").str.to_uppercase())


# --- Telephone


def phone_digit(rng: Rng, hit: Frame) -> Frame:
    """One of the last digits wrong: misheard, misread."""
    wrong = choice(rng, tuple("0123456789"), hit.height)
    frame = hit.with_columns(
        wrong.alias("_digit"), choice(rng, ("1", "2", "3", "4"), hit.height).alias("_place")
    )
    size, back = pl.col("phone").str.len_chars().cast(pl.Int64), pl.col("_place").cast(pl.Int64)
    head, tail = pl.col("phone").str.slice(0, size - back), pl.col("phone").str.slice(size - back + 1)
    return frame.select((head + pl.col("_digit") + tail).alias("phone"))


def phone_pairs_crossed(_rng: Rng, hit: Frame) -> Frame:
    """The last two pairs in the wrong order, or heard that way: quatre-vingt-douze, soixante."""
    return hit.select(pl.col("phone").str.replace(r"(\d\d)(\d\d)$", "$2$1"))


def phone_of_child(_rng: Rng, hit: Frame) -> Frame:
    """The mobile of a son or daughter for an old parent."""
    return hit.select(pl.coalesce("child_phone", "phone").alias("phone"))


def phone_of_family(_rng: Rng, hit: Frame) -> Frame:
    """The spouse's or a parent's number."""
    return hit.select(pl.coalesce("spouse_phone", "parent_phone", "phone").alias("phone"))


def phone_of_home(_rng: Rng, hit: Frame) -> Frame:
    """The landline, the same for all who live there."""
    return hit.select(pl.coalesce("landline", "phone").alias("phone"))


def phone_of_desk(_rng: Rng, hit: Frame) -> Frame:
    """The secretary's own number: who books for the care home, or a required field."""
    return hit.select(
        pl.format("019900{}", (pl.col("desk") % 10_000).cast(pl.String).str.zfill(4)).alias("phone")
    )


def phone_placeholder(rng: Rng, hit: Frame) -> Frame:
    """Figures that are no number, where the field is required."""
    words = (
        "0000000000",
        "0600000000",
        "0999999999",
        "0",
        "0100000000",
        "0123456789",
        "liste rouge",
        "aucun",
    )
    return choice(rng, words, hit.height).alias("phone").to_frame()


def phone_former(_rng: Rng, hit: Frame) -> Frame:
    """A number given up since."""
    return hit.select(pl.coalesce("old_phone", "phone").alias("phone"))


def two_phones(_rng: Rng, hit: Frame) -> Frame:
    """Two numbers in one field."""
    return hit.select(pl.coalesce(pl.col("phone") + " / " + pl.col("landline"), "phone").alias("phone"))


def phone_note(rng: Rng, hit: Frame) -> Frame:
    """Whose number it is, or when to call, behind the number."""
    words = (
        " (fils)",
        " (fille)",
        " bureau",
        " soir",
        " (mari)",
        " (voisine)",
        " ne pas laisser de message",
        " tuteur",
    )
    return (hit["phone"] + choice(rng, words, hit.height)).alias("phone").to_frame()


def phone_international(rng: Rng, hit: Frame) -> Frame:
    """With the country's prefix, in one of its forms."""
    prefix = choice(rng, ("+33", "0033", "+33 (0)", "+33 "), hit.height)
    return (prefix + hit["phone"].str.strip_prefix("0")).alias("phone").to_frame()


def phone_zero_lost(_rng: Rng, hit: Frame) -> Frame:
    """The leading zero lost by a spreadsheet."""
    return hit.select(pl.col("phone").str.strip_prefix("0"))


# --- Address


def former_address(_rng: Rng, hit: Frame) -> Frame:
    """The home before: never asked again, or taken from the card's file."""
    return hit.select(pl.coalesce(f"old_{name}", name).alias(name) for name in HOME)


def parental_home(_rng: Rng, hit: Frame) -> Frame:
    """A student or young worker gives the parents' address, or that of the home left: here the spouse's or parent's."""
    return hit.select(pl.coalesce(f"family_{name}", name).alias(name) for name in HOME)


def care_home(_rng: Rng, hit: Frame) -> Frame:
    """The address of the care home, the same for all its residents of a département."""
    zone = pl.col("postal_code").str.slice(0, 2)
    kind = (pl.col("desk") % len(_INSTITUTIONS)).cast(pl.String)
    names = {str(place): name for place, name in enumerate(_INSTITUTIONS)}
    return hit.select(
        kind.first().over(zone).replace_strict(names, return_dtype=pl.String).alias("address"),
        *(pl.col(name).first().over(zone) for name in ("postal_code", "city")),
    )


def shared_address(rng: Rng, hit: Frame) -> Frame:
    """Town hall, hostel, no home: an address of many."""
    return choice(rng, _SHARED, hit.height).alias("address").to_frame()


def cedex(rng: Rng, hit: Frame) -> Frame:
    """The post code and town of a postbox: employers', institutions', administrations' files."""
    code = hit["postal_code"].str.slice(0, 3) + choice(rng, ("09", "19", "29", "79", "99"), hit.height)
    return pl.DataFrame({"postal_code": code, "city": hit["city"].str.to_uppercase() + " CEDEX"})


def ways_abbreviated(rng: Rng, hit: Frame) -> Frame:
    """Av., bd, chem., St: the address in short."""
    return one_rule(rng, one_rule(rng, hit["address"], _SHORT_WAYS), _SHORT_WAYS).to_frame()


def street_number_lost(_rng: Rng, hit: Frame) -> Frame:
    """The street without its number: hamlets, letters misread."""
    return hit.select(pl.col("address").str.replace(r"^\d+\s?(?:(?:bis|ter|[A-D])\b)?,?\s*", ""))


def complement_added(rng: Rng, hit: Frame) -> Frame:
    """Flat, stairs, at whose home: before or behind the street."""
    extra = choice(
        rng, ("Apt 12", "Bât B", "chez M. Martin", "2e étage", "Esc. C", "Résidence", "boîte 4"), hit.height
    )
    first = coin(rng, hit.height)
    return (
        chosen(first, extra + " " + hit["address"], hit["address"] + " " + extra).alias("address").to_frame()
    )


def address_in_one_field(_rng: Rng, hit: Frame) -> Frame:
    """Street, post code and town in the field of the street, the other two empty. Imports."""
    nothing = pl.lit(None, pl.String)
    return hit.select(
        pl.concat_str(HOME, separator=" ").alias("address"),
        nothing.alias("postal_code"),
        nothing.alias("city"),
    )


def code_in_city(_rng: Rng, hit: Frame) -> Frame:
    """Post code and town both in the field of the town, or each in the other's."""
    return hit.select(
        pl.col("city").alias("postal_code"), pl.concat_str("postal_code", "city", separator=" ").alias("city")
    )


def mail_in_phone(_rng: Rng, hit: Frame) -> Frame:
    """Telephone and e-mail in each other's columns. Imports with a column shifted."""
    return hit.select(pl.col("phone").alias("email"), pl.col("email").alias("phone"))


def code_zero_lost(_rng: Rng, hit: Frame) -> Frame:
    """The zero of 01 to 09 lost by a spreadsheet."""
    return hit.select(pl.col("postal_code").str.strip_prefix("0"))


def code_of_departement(_rng: Rng, hit: Frame) -> Frame:
    """The code of the main post office of the département: 69000 for everybody."""
    return hit.select(pl.col("postal_code").str.slice(0, 2) + "000")


def code_digit(rng: Rng, hit: Frame) -> Frame:
    """One of the last two digits of the post code wrong."""
    return (hit["postal_code"].str.slice(0, 3) + choice(rng, ("10", "20", "00", "40", "50", "01", "30"), hit.height)
            ).alias("postal_code").to_frame()  # fmt: skip


def city_short(_rng: Rng, hit: Frame) -> Frame:
    """St for Saint, s/ for sur, the town in capitals without accents and hyphens."""
    city = bare(hit["city"]).str.to_uppercase().str.replace_all("-", " ", literal=True)
    city = (
        city.str.replace(r"\bSAINT(E?)\b", "ST$1")
        .str.replace(r" SUR ", " S/ ")
        .str.replace(r" SOUS ", " S/S ")
    )
    return city.alias("city").to_frame()


def left_from_previous(_rng: Rng, hit: Frame) -> Frame:
    """Contacts of the patient registered just before at this desk: the form was not cleared."""
    return hit.select(pl.coalesce(f"before_{name}", name).alias(name) for name in ("email", "phone", *HOME))
