"""Which data stand where in free text: identifiers, names, places, care, and the remarks of GDPR art. 9 and worse.

``find`` gives spans, ``masks`` only which categories each text holds. ``scan`` is the cheap sieve for identifiers in
bulk columns.
"""

from hemostat.detect.text.find import SPANS, find, masks, shown
from hemostat.detect.text.sieve import MACHINE, PATTERN, Seen, named, scan

__all__ = ["MACHINE", "PATTERN", "SPANS", "Seen", "find", "masks", "named", "scan", "shown"]
