"""Pictures: PNG, JPEG, TIFF, BMP, GIF, WebP. Their text is read by Tesseract if the system has it; else they wait."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hemostat.evidence.isolation.process import isolated_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_MAGIC = re.compile(
    rb"\A(?:\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP|BM.{4}\0\0\0\0)", re.DOTALL
)


class ImageReader:
    """Pictures of texts: a page is one unit."""

    kind = "image"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By its first octets."""
        return 97 if _MAGIC.match(head) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The pages.

        Raises:
            Unreadable: damaged, too many pixels, or Tesseract is not installed.
        """
        return isolated_tables("hemostat.evidence.pages.images_ocr:tables", source, limits)
