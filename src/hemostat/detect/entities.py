"""A named-entity model that the user has in a folder, beside the rules: off unless asked for, never downloaded.

The folder holds a token classifier as its makers export it: ``model.onnx`` (or ``onnx/model.onnx``),
``tokenizer.json`` and ``config.json`` with ``id2label``. CamemBERT, DistilBERT and others of that kind all do.
Needs the extra ``models`` (onnxruntime and tokenizers).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa

from hemostat.detect.text import SPANS
from hemostat.errors import UsageError
from hemostat.model import Category

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

LABELS: dict[str, Category] = {
    "PER": Category.FULL_NAME, "PERSON": Category.FULL_NAME, "NAME": Category.FULL_NAME, "NOM": Category.FULL_NAME,
    "PATIENT": Category.FULL_NAME, "PRENOM": Category.FULL_NAME, "I-PERSON": Category.FULL_NAME,
    "DATE_NAISSANCE": Category.BIRTH_DATE, "BIRTHDATE": Category.BIRTH_DATE, "ADRESSE": Category.POSTAL_ADDRESS,
    "ADDRESS": Category.POSTAL_ADDRESS, "VILLE": Category.CITY, "CITY": Category.CITY, "ZIP": Category.POSTAL_CODE,
    "TEL": Category.PHONE, "PHONE": Category.PHONE, "MAIL": Category.EMAIL, "EMAIL": Category.EMAIL,
    "SECU": Category.NIR, "HOPITAL": Category.FACILITY, "HOSPITAL": Category.FACILITY,
    "DRUG": Category.TREATMENT, "CHEM": Category.TREATMENT, "DISO": Category.PATHOLOGY, "DISEASE": Category.PATHOLOGY,
}  # fmt: skip
"""Labels that makers of French models give, and the categories they mean; others are passed over."""
_LEAST = 0.6
_BATCH = 16
_LONGEST = 512
_OUTSIDE = "O"


class Entities(Protocol):
    """Whatever finds spans in texts."""

    def find(self, texts: Sequence[str | None]) -> pa.Table:
        """The spans of the texts, schema ``SPANS``; ``doc`` is the position of the text."""


@dataclass(frozen=True, slots=True)
class OnnxEntities:
    """A token classifier run by onnxruntime, on this machine alone."""

    session: Any
    tokenizer: Any
    labels: tuple[str, ...]

    def find(self, texts: Sequence[str | None]) -> pa.Table:
        """The spans of the texts, schema ``SPANS``; texts beyond the model's length are read piece by piece."""
        spans: list[dict[str, Any]] = []
        filled = [(doc, text) for doc, text in enumerate(texts) if text]
        for start in range(0, len(filled), _BATCH):
            part = filled[start : start + _BATCH]
            encoded = self.tokenizer.encode_batch([text for _, text in part])
            pieces = [
                (doc, piece)
                for (doc, _), whole in zip(part, encoded, strict=True)
                for piece in (whole, *whole.overflowing)
            ]
            for at in range(0, len(pieces), _BATCH):
                some = pieces[at : at + _BATCH]
                for (doc, piece), scores in zip(some, self._scores([p for _, p in some]), strict=True):
                    spans += _spans(doc, piece.offsets, scores, self.labels)
        return pa.Table.from_pylist(sorted(spans, key=lambda s: (s["doc"], s["start"])), schema=SPANS)

    def _scores(self, encoded: list[Any]) -> npt.NDArray[np.float64]:
        """Probability of each label for each token: (texts, tokens, labels)."""
        width = max(len(one.ids) for one in encoded)

        def padded(rows: list[list[int]]) -> npt.NDArray[np.int64]:
            return np.array([row + [0] * (width - len(row)) for row in rows], dtype=np.int64)

        given = {
            "input_ids": padded([one.ids for one in encoded]),
            "attention_mask": padded([one.attention_mask for one in encoded]),
            "token_type_ids": padded([one.type_ids for one in encoded]),
        }
        asked = {one.name for one in self.session.get_inputs()}
        logits = self.session.run(None, {name: rows for name, rows in given.items() if name in asked})[0]
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def load(folder: Path) -> OnnxEntities:
    """The model in a folder.

    Raises:
        UsageError: the folder holds no such model, or the extra is not installed.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an optional extra, heavy to load
        from tokenizers import Tokenizer  # noqa: PLC0415 - same
    except ImportError:
        raise UsageError(
            "A model needs onnxruntime and tokenizers: install hemostat[models].",
            "Un modèle demande onnxruntime et tokenizers : installez hemostat[models].",
        ) from None
    network = next((p for p in (folder / "model.onnx", folder / "onnx" / "model.onnx") if p.is_file()), None)
    words, config = folder / "tokenizer.json", folder / "config.json"
    if network is None or not words.is_file() or not config.is_file():
        raise _not_a_model(folder)
    try:
        names = json.loads(config.read_text("utf-8"))["id2label"]
        labels = tuple(str(names[str(n)]) for n in range(len(names)))
        tokenizer = Tokenizer.from_file(str(words))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # its warnings go to the terminal, beside ours
        session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - whatever its libraries raise, the folder holds no model
        raise _not_a_model(folder) from None
    tokenizer.enable_truncation(_LONGEST, stride=_LONGEST // 8)
    tokenizer.no_padding()
    return OnnxEntities(session, tokenizer, labels)


def _not_a_model(folder: Path) -> UsageError:
    return UsageError(
        f"{folder} holds no token classifier: model.onnx, tokenizer.json and config.json with id2label are needed.",
        f"{folder} ne contient pas de modèle d'entités : il y faut model.onnx, tokenizer.json et config.json avec"
        " id2label.",
    )


def _spans(
    doc: int, offsets: list[tuple[int, int]], scores: npt.NDArray[np.float64], labels: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """Neighbouring tokens of one label as one span; its confidence is that of its weakest token."""
    best = scores.argmax(axis=-1)
    open_: dict[str, Any] | None = None
    for n, (start, end) in enumerate(offsets):
        prefix, _, kind = labels[best[n]].rpartition("-")
        category = LABELS.get(kind.upper()) if end > start and labels[best[n]] != _OUTSIDE else None
        sure = float(scores[n, best[n]])
        if open_ and category == open_["category"] and prefix != "B" and start - open_["end"] <= 1:
            open_["end"], open_["confidence"] = end, min(open_["confidence"], sure)
            continue
        if open_ and open_["confidence"] >= _LEAST:
            yield open_
        open_ = None
        if category is not None:
            open_ = {
                "doc": doc, "start": start, "end": end, "category": str(category), "confidence": sure,
                "negated": False, "hypothesis": False, "past": False, "about": "patient",
            }  # fmt: skip
    if open_ and open_["confidence"] >= _LEAST:
        yield open_


def beside(rules: pa.Table, model: pa.Table) -> pa.Table:
    """The spans of the rules, and those of a model that no span of the rules touches."""
    taken: dict[int, list[tuple[int, int]]] = {}
    for doc, start, end in zip(*(rules[name].to_pylist() for name in ("doc", "start", "end")), strict=True):
        taken.setdefault(doc, []).append((start, end))
    free = [
        not any(start < to and end > at for at, to in taken.get(doc, ()))
        for doc, start, end in zip(
            *(model[name].to_pylist() for name in ("doc", "start", "end")), strict=True
        )
    ]
    return pa.concat_tables([rules, model.filter(pa.array(free, pa.bool_()))])
