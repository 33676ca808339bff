"""The pages of a PDF, by PDFium. Meant for the parsing process only. Scripts and forms' actions are never started."""

from __future__ import annotations

import ctypes
import io
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pypdfium2  # type: ignore[import-untyped, unused-ignore]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped, unused-ignore]

from hemostat.evidence.base import Batch, Member, Source, Unreadable
from hemostat.evidence.naming import Names
from hemostat.evidence.pages import images_ocr
from hemostat.evidence.pages.tables import TEXT, cleaned
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, TableSource

_IN_MEMORY = 128 << 20
_CHUNK = 1 << 20
_ENCRYPT = b"/Encrypt"
_PAGES = 50_000
_TEXT = 2 << 20
"""Characters to a batch, about; ``_SEEN`` pages at most, ``_READ`` of which went through character recognition."""
_SEEN, _READ = 200, 4
_LITTLE = 80
"""A page with less text than that, and with pictures, may be a scan with a stamp on it."""
_DOTS = 300
_SIDE = 3600
"""Pixels of the longer side of a page made into a picture."""
_OBJECTS = 2000
_ATTACHMENTS = 1000
_LARGEST = 256 << 20


def tables(source: Source, limits: Limits, passwords: Sequence[str] = ()) -> Iterator[TableSource]:  # noqa: ARG001
    """The document, as one table of pages.

    Raises:
        Unreadable: damaged, encrypted, or of more pages than the limit.
    """
    book = _opened(source, passwords)
    if len(book) > _PAGES:
        raise Unreadable(Reason.TOO_LARGE)
    if not len(book):
        raise Unreadable(Reason.DAMAGED)
    yield Pages(source.name, book)


def members(source: Source, limits: Limits, passwords: Sequence[str] = ()) -> Iterator[Member]:
    """The files attached to the document.

    Raises:
        Unreadable: damaged or encrypted.
    """
    names = Names()
    with closing(_opened(source, passwords)) as book:
        for number in range(min(book.count_attachments(), _ATTACHMENTS, limits.members)):
            attached = book.get_attachment(number)
            name = f"{source.name}!{names.fresh(attached.get_name())}"
            try:
                data = bytes(attached.get_data())
            except pypdfium2.PdfiumError:
                yield Member(name, None, None, Reason.DAMAGED)
                continue
            if len(data) > _LARGEST:
                yield Member(name, len(data), None, Reason.TOO_LARGE)
            else:
                yield Member(name, len(data), _held(name, data))


def _held(name: str, data: bytes) -> Source:
    return Source(name, len(data), lambda: io.BytesIO(data), direct=False)


def _opened(source: Source, passwords: Sequence[str]) -> Any:
    for password in (None, *passwords):
        raw = source.open()
        given: Any = raw
        if source.size is not None and source.size <= _IN_MEMORY:
            given = raw.read()
            raw.close()
        try:
            return pypdfium2.PdfDocument(given, password=password, autoclose=True)
        except pypdfium2.PdfiumError as fault:
            if fault.err_code != pdfium.FPDF_ERR_PASSWORD or not _is_locked(source):
                raise Unreadable(Reason.DAMAGED) from None
    raise Unreadable(Reason.LOCKED)


def _is_locked(source: Source) -> bool:
    """Whether the document speaks of encryption: PDFium may tell of the fault of the document before."""
    with source.open() as raw:
        held = b""
        while more := raw.read(_CHUNK):
            if _ENCRYPT in held + more:
                return True
            held = more[-len(_ENCRYPT) :]
    return False


@dataclass(slots=True)
class _Gathered:
    """Pages of a batch under way."""

    first: int
    text: list[str] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    blank: int = 0
    aside: list[Quarantined] = field(default_factory=list)
    seen: int = 0
    size: int = 0
    read: int = 0

    def is_full(self) -> bool:
        """Whether these are enough pages for a batch."""
        return self.size >= _TEXT or self.seen >= _SEEN or self.read >= _READ

    def batch(self) -> Batch:
        """The batch."""
        return Batch(
            rows=pa.table({TEXT: pa.array(self.text, pa.string())}),
            line=None,
            locator=pa.array(self.place, pa.string()),
            units=self.seen,
            blank=self.blank,
            header=0,
            out_of_scope=0,
            quarantined=tuple(self.aside),
            resume={"page": self.first + self.seen},
        )


@dataclass(slots=True)
class Pages:
    """The pages of one document."""

    name: str
    book: Any
    kind: str = "pdf"
    count_method: str = CountMethod.DECLARED
    _recognised: int = 0

    @property
    def note(self) -> str:
        """How many pages went through character recognition."""
        return f"ocr={self._recognised}" if self._recognised else ""

    def count_units(self) -> int | None:
        """Pages, as the document says."""
        return len(self.book)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The pages, in order; each by itself where ``alone`` is asked for."""
        held = _Gathered(0 if resume is None else int(resume["page"]))
        alone = resume is not None and bool(resume.get("alone"))
        for number in range(held.first, len(self.book)):
            self._take(number, held)
            if alone or held.is_full():
                yield held.batch()
                held = _Gathered(number + 1)
        if held.seen:
            yield held.batch()

    def _take(self, number: int, held: _Gathered) -> None:
        held.seen += 1
        place = f"page {number + 1}"
        try:
            with closing(self.book[number]) as page:
                text, picture = _text(page), _is_picture(page)
                if picture and len(text) < _LITTLE:
                    held.read += 1
                    text, reason = self._recognise(page, text)
                else:
                    reason = None
        except pypdfium2.PdfiumError:
            text, reason = "", Reason.DAMAGED
        if text:
            held.text.append(text)
            held.place.append(place)
            held.size += len(text)
        elif reason:
            held.aside.append(Quarantined(place, reason))
        else:
            held.blank += 1

    def _recognise(self, page: Any, text: str) -> tuple[str, Reason | None]:
        """The text of a page with what is read in its picture; without any, the reason."""
        try:
            seen = _recognised(page)
        except Unreadable as fault:
            return text, Reason(fault.reason)
        self._recognised += 1
        return "\n".join(part for part in (text, seen) if part), Reason.NO_TEXT_FOUND


def _text(page: Any) -> str:
    """The text of a page: what its notes say, and what was written into its forms, with the rest."""
    notes = _notes(page)
    pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    with closing(page.get_textpage()) as held:
        text = held.get_text_range(errors="replace")
    return cleaned("\n".join([text.replace("\r\n", "\n"), *notes]))


def _notes(page: Any) -> list[str]:
    found = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), _OBJECTS)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        for key in (b"Contents", b"V"):
            size = pdfium.FPDFAnnot_GetStringValue(note, key, None, 0)
            if 2 < size < _TEXT:  # noqa: PLR2004 - an empty text takes two octets
                buffer = ctypes.create_string_buffer(size)
                pdfium.FPDFAnnot_GetStringValue(
                    note, key, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size
                )
                found.append(buffer.raw[: size - 2].decode("utf-16-le", "replace"))
        pdfium.FPDFPage_CloseAnnot(note)
    return found


def _is_picture(page: Any) -> bool:
    """Whether there is anything on the page beside text that could show text."""
    count = min(pdfium.FPDFPage_CountObjects(page), _OBJECTS)
    shown = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_SHADING)
    kinds = [pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, number)) for number in range(count)]
    return any(kind in shown for kind in kinds) or kinds.count(pdfium.FPDF_PAGEOBJ_PATH) > _LITTLE


def _recognised(page: Any) -> str:
    """What is read in the picture of a page.

    Raises:
        Unreadable: Tesseract is not installed, gave up, or took too long.
    """
    lacking = images_ocr.missing()
    if lacking:
        raise Unreadable(lacking)
    width, height = page.get_size()
    scale = min(_DOTS / 72, _SIDE / max(width, height, 1))
    with closing(page.render(scale=scale, grayscale=True, may_draw_forms=False)) as picture:
        octets = picture.to_numpy().reshape(picture.height, -1)[:, : picture.width].tobytes()
        head = f"P5 {picture.width} {picture.height} 255\n".encode()
    return "\n".join(text for text in images_ocr.read(head + octets, max(int(scale * 72), 70)) if text)
