"""Each detector's examples stand in its docstring, and are run."""

import doctest
import importlib
import pkgutil

import pytest

from hemostat import detect

MODULES = sorted(m.name for m in pkgutil.iter_modules(detect.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"hemostat.detect.{name}"))
    assert result.failed == 0


def test_every_family_shows_examples():
    for name in (
        "nir",
        "phone",
        "email",
        "days",
        "iban",
        "card",
        "professional",
        "names",
        "address",
        "password",
        "codes",
    ):
        module = importlib.import_module(f"hemostat.detect.{name}")
        assert doctest.testmod(module).attempted > 0, name
