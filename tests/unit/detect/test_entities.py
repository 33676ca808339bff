"""The seam for a named-entity model: a stand-in made here, loaded and run by the real code."""

import json

import numpy as np
import pyarrow as pa
import pytest

from hemostat.detect import entities, remarks
from hemostat.detect.text import SPANS
from hemostat.errors import UsageError

onnx = pytest.importorskip("onnx")
tokenizers = pytest.importorskip("tokenizers")
pytest.importorskip("onnxruntime")

LABELS = ("O", "B-PER", "I-PER", "B-WEIRD")
WORDS = {"[UNK]": 0, "voir": 0 + 1, "Quivoron": 2, "Aldegonde": 3, "demain": 4, "truc": 5}
SAID = {"Quivoron": "B-PER", "Aldegonde": "I-PER", "truc": "B-WEIRD"}


@pytest.fixture
def folder(tmp_path):
    """A model that knows five words: each has its label, whatever stands beside it."""
    made = tmp_path / "model"
    made.mkdir()
    weights = np.zeros((len(WORDS), len(LABELS)), dtype=np.float32)
    for word, number in WORDS.items():
        weights[number, LABELS.index(SAID.get(word, "O"))] = 9.0
    ids = onnx.helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["batch", "tokens"])
    logits = onnx.helper.make_tensor_value_info(
        "logits", onnx.TensorProto.FLOAT, ["batch", "tokens", len(LABELS)]
    )
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Gather", ["table", "input_ids"], ["logits"])], "stand-in", [ids], [logits],
        [onnx.numpy_helper.from_array(weights, "table")],
    )  # fmt: skip
    network = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(network, made / "model.onnx")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(made / "tokenizer.json"))
    (made / "config.json").write_text(json.dumps({"id2label": dict(enumerate(LABELS))}), "utf-8")
    return made


def test_tokens_of_one_label_are_one_span(folder):
    found = entities.load(folder).find(["voir Quivoron Aldegonde demain", None, "truc", "Quivoron Quivoron"])
    assert found.schema == SPANS
    assert [(s["doc"], s["start"], s["end"], s["category"]) for s in found.to_pylist()] == [
        (0, 5, 23, "full_name"), (3, 0, 8, "full_name"), (3, 9, 17, "full_name"),
    ]  # fmt: skip
    assert min(found["confidence"].to_pylist()) > 0.9


def test_a_text_longer_than_the_model_is_read_to_its_end(folder):
    text = "demain " * 900 + "Quivoron"
    spans = entities.load(folder).find([text]).to_pylist()
    assert {(s["start"], s["end"]) for s in spans} == {(len(text) - 8, len(text))}


def test_the_model_adds_to_the_rules_and_never_overrules_them(folder):
    import polars as pl  # noqa: PLC0415

    cells = pl.Series(["tel 0199000412 voir Quivoron"])
    without, _ = remarks.read(cells, "note", 0)
    beside, _ = remarks.read(cells, "note", 0, entities.load(folder))
    assert "full_name" not in {m.category for m in without}
    assert {str(m.category) for m in beside} == {"phone", "full_name"}
    mine = [{"doc": 0, "start": 0, "end": 9, "category": "phone", "confidence": 1.0, "negated": False,
             "hypothesis": False, "past": False, "about": "patient"}]  # fmt: skip
    rules = pa.Table.from_pylist(mine, schema=SPANS)
    model = pa.Table.from_pylist([{**mine[0], "start": s, "end": s + 4} for s in (0, 8, 9)], schema=SPANS)
    assert entities.beside(rules, model)["start"].to_pylist() == [0, 9]


@pytest.mark.parametrize("gone", ["model.onnx", "tokenizer.json", "config.json"])
def test_a_folder_without_a_part_is_refused(folder, gone):
    (folder / gone).unlink()
    with pytest.raises(UsageError, match="holds no token classifier"):
        entities.load(folder)


def test_a_damaged_model_is_refused(folder):
    (folder / "model.onnx").write_bytes(b"not a network")
    with pytest.raises(UsageError, match="holds no token classifier"):
        entities.load(folder)
