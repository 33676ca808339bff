"""The sender's domain is asked for before messages leave: against a real small DNS server on this machine."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, str(Path(__file__).parent))
from dns_server import serving

from hemostat.errors import Refused, UsageError
from hemostat.notify import domain


def key(bits=2048):
    raw = rsa.generate_private_key(65537, bits).public_key()
    text = base64.b64encode(raw.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    # a string of a TXT record holds 255 octets: a key comes in several
    return '"v=DKIM1; k=rsa; p=' + text[:200] + '" "' + text[200:] + '"'


ED = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()
SELECTOR = ("lettres._domainkey.example.org", "TXT")
GOOD = {
    ("example.org", "TXT"): ['"google-site=x"', '"v=spf1 include:mail.example.org ip4:192.0.2.1 -all"'],
    SELECTOR: [key()],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:x@example.org"'],
    ("example.org", "MX"): ["10 mx.example.org."],
}


def faults(changes=None, *, place="example.org", selectors=("lettres",)):
    records = {name: texts for name, texts in {**GOOD, **(changes or {})}.items() if texts}
    with serving(records) as (address, asked):
        found = domain.check(place, selectors, domain.resolver(address))
    assert all(name == "example.org" or name.endswith(".example.org") for name, _ in asked)
    return found


def ids(*args, **named):
    return [one.id for one in faults(*args, **named)]


def test_a_domain_in_order_has_no_fault():
    assert faults() == ()


WRONG = [
    ({("example.org", "TXT"): None}, "spf_none"),
    ({("example.org", "TXT"): ['"v=spf1 -all"', '"v=spf1 ~all"']}, "spf_many"),
    ({("example.org", "TXT"): ['"v=spf1 a mx +all"']}, "spf_open"),
    ({("example.org", "TXT"): ['"v=spf1 mx"']}, "spf_open"),
    ({("example.org", "TXT"): ['"v=spf1 ' + "include:a.example.org " * 11 + '-all"']}, "spf_long"),
    ({SELECTOR: None}, "dkim_none"),
    ({SELECTOR: ['"v=DKIM1; p="']}, "dkim_revoked"),
    ({SELECTOR: ['"v=DKIM1; p=bm90IGEga2V5"']}, "dkim_weak"),
    ({("_dmarc.example.org", "TXT"): None}, "dmarc_none"),
    ({("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=reject"', '"v=DMARC1; p=none"']}, "dmarc_none"),
    ({("_dmarc.example.org", "TXT"): ['"v=DMARC1; rua=mailto:x@example.org"']}, "dmarc_wrong"),
    ({("example.org", "MX"): ["0 ."]}, "no_mailbox"),
    ({("example.org", "MX"): None}, "no_mailbox"),
]


@pytest.mark.parametrize(("changes", "fault"), WRONG)
def test_each_fault_is_told_and_blocks(changes, fault):
    (found,) = faults(changes)
    assert (found.id, found.blocks) == (fault, True)
    assert "example.org" in found.fr
    assert "example.org" in found.en


def test_what_could_be_better_is_told_and_does_not_block():
    changes = {("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none"'], SELECTOR: [key(1024)]}
    assert [(one.id, one.blocks) for one in faults(changes)] == [("dkim_short", False), ("dmarc_open", False)]


def test_other_ways_to_be_right():
    assert ids({("example.org", "TXT"): ['"v=spf1 redirect=_spf.example.org"']}) == []
    assert ids({SELECTOR: [f'"v=DKIM1; k=ed25519; p={ED}"']}) == []
    assert ids({("example.org", "MX"): None, ("example.org", "A"): ["192.0.2.7"]}) == []
    below = {("lettres._domainkey.mail.example.org", "TXT"): GOOD[SELECTOR]}
    below[("mail.example.org", "TXT")] = GOOD[("example.org", "TXT")]
    below[("mail.example.org", "MX")] = GOOD[("example.org", "MX")]
    assert ids(below, place="mail.example.org") == []


def test_without_the_name_of_a_key_nothing_is_sent():
    assert ids(selectors=()) == ["dkim_unknown"]


def test_a_server_that_keeps_silent_is_no_answer(monkeypatch):
    monkeypatch.setattr(domain, "SECONDS", 0.3)
    with serving(GOOD, silent=True) as (address, _), pytest.raises(Refused) as said:
        domain.check("example.org", ("lettres",), domain.resolver(address))
    assert "--domain-checked" in said.value.fr


def test_a_server_is_an_address():
    with pytest.raises(UsageError):
        domain.resolver("dns.example.org:53")
