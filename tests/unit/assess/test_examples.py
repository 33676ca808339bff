"""The examples in docstrings are run."""

import doctest
import importlib
import pkgutil

import pytest

from hemostat import assess

MODULES = sorted(m.name for m in pkgutil.iter_modules(assess.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"hemostat.assess.{name}"))
    assert result.failed == 0


def test_there_are_examples():
    found = [
        doctest.testmod(importlib.import_module(f"hemostat.assess.{name}")).attempted for name in MODULES
    ]
    assert sum(found) >= 4
