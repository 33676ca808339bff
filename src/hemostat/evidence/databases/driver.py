"""What goes wrong with a driver or a server, in words that hold nothing of the address but its shown name."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from hemostat.errors import EvidenceError
from hemostat.evidence.extras import command

if TYPE_CHECKING:
    from hemostat.evidence.databases.address import Address


def driver(module: str, address: Address) -> Any:
    """The driver's module.

    Raises:
        EvidenceError: it is not installed; the sentence holds the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise EvidenceError(
            f"The driver for {address.name} is not installed: run {command('databases')}.",
            f"Le pilote pour {address.name} n'est pas installé : lancez {command('databases')}.",
        ) from None


def refused(address: Address) -> EvidenceError:
    """The server cannot be reached or does not let us in."""
    return EvidenceError(
        f"{address.name} cannot be opened: check that the server answers, then user, password and database.",
        f"{address.name} ne s'ouvre pas : vérifiez que le serveur répond, puis utilisateur, mot de passe et base.",
    )


def lost(address: Address) -> EvidenceError:
    """The server let us in, and cannot tell what it holds."""
    return EvidenceError(
        f"{address.name} does not answer any more: check the server, then run the same command again.",
        f"{address.name} ne répond plus : vérifiez le serveur, puis relancez la même commande.",
    )
