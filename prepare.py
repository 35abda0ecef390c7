"""Prepare the data of the training runs and judge them: the fixed half of the experiment, never edited by an agent.

    python prepare.py --sample               offline: the Python standard library's own sources, under a minute
    python prepare.py --sample --text PATH   offline: any text, a file or a folder
    python prepare.py --shards 10            upstream's dataset, downloaded (needs pyarrow and a network)

Everything that a val_bpb depends on beside the model lives here: the corpus and its split, the tokenizer, the context
length, the time budget, the packing of documents into rows and the metric. Only loading batches and evaluating need
torch; preparing needs the standard library alone.
"""

from __future__ import annotations

import argparse
import bisect
import hashlib
import heapq
import importlib
import itertools
import json
import math
import mmap
import os
import random
import re
import sys
import sysconfig
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypedDict

if TYPE_CHECKING:
    import torch

# ---------------------------------------------------------------------------
# Constants (fixed: changing one makes runs incomparable)
# ---------------------------------------------------------------------------

TIME_BUDGET = 300.0  # seconds of training; AUTORESEARCH_TIME_BUDGET overrides it, for short runs on a CPU


class Profile(NamedTuple):
    """What the data fixes for every model trained on it; stored beside the data, so that train.py can't disagree."""

    name: str
    max_seq_len: int  # tokens of context
    vocab_size: int  # tokens, the special one included
    eval_tokens: int  # target tokens that val_bpb is measured on


FULL = Profile("full", max_seq_len=2048, vocab_size=8192, eval_tokens=40 * 524288)
# A CPU sees some 200 k tokens in a 12-second run: a context of 256 and a vocabulary of 1,024 keep attention and the
# unembedding from eating that budget, and 64 Ki evaluation tokens are judged in about a second.
SAMPLE = Profile("sample", max_seq_len=256, vocab_size=1024, eval_tokens=65536)

META = "meta.json"
TOKENIZER = "tokenizer.json"
VAL_EVERY = 10  # sample: every tenth file is validation
SAMPLE_BYTES = 32_000_000  # sample: more text than this is left out, so that preparing stays under a minute
TOKENIZER_BYTES = 100_000_000  # full: the tokenizer learns from so much of the training text
SKIPPED_FOLDERS = {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__"}

BASE_URL = "https://huggingface.co/datasets/karpathy/climbmix-400b-shuffle/resolve/main"
VAL_SHARD = 6542  # the dataset's last shard is the validation set, whatever number of shards is trained on


class DataError(Exception):
    """Data is missing, damaged or can't be had; printed as `error: message; hint: hint`."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; hint: {hint}")


def time_budget() -> float:
    """Seconds of training allowed to a run: AUTORESEARCH_TIME_BUDGET, else TIME_BUDGET."""
    text = os.environ.get("AUTORESEARCH_TIME_BUDGET", "")
    try:
        seconds = float(text) if text else TIME_BUDGET
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise DataError(f"AUTORESEARCH_TIME_BUDGET is {text!r}", "give a number of seconds above 0")
    return seconds


# ---------------------------------------------------------------------------
# Tokenizer: byte-level BPE
# ---------------------------------------------------------------------------

# Words never cross these borders. Every byte falls into one of the classes, so splitting loses nothing; the upper
# bound of 32 keeps a megabyte of base64 from becoming one word, whose merging would take quadratic time.
WORDS = re.compile(
    rb" ?[A-Za-z\x80-\xff]{1,32}| ?[0-9]{1,2}| ?[^\sA-Za-z0-9\x80-\xff]{1,32}|\s{1,32}(?!\S)|\s",
)
CACHED_WORDS = 500_000  # then the cache starts again: a web corpus has words without end

Pair = tuple[int, int]


def _merge(ids: list[int], pair: Pair, merged: int) -> list[int]:
    """Replace every occurrence of `pair` by `merged`, from the left."""
    out: list[int] = []
    i, last = 0, len(ids) - 1
    while i <= last:
        if i < last and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            out.append(merged)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


class Tokenizer:
    """Byte-level BPE: tokens 0 to 255 are the bytes, then the merges in order; the last one marks a document's start.

    Text can't spell the special token: it has no bytes.
    """

    def __init__(self, merges: Sequence[Pair]) -> None:
        self.merges = list(merges)
        self.bos = 256 + len(self.merges)
        self.vocab_size = self.bos + 1
        self._ids = {pair: 256 + rank for rank, pair in enumerate(self.merges)}
        self._bytes = [bytes([i]) for i in range(256)]
        for left, right in self.merges:
            self._bytes.append(self._bytes[left] + self._bytes[right])
        self._bytes.append(b"")
        self._cache: dict[bytes, array[int]] = {}

    def encode(self, text: str | bytes) -> array[int]:
        """The tokens of `text`, without the special one."""
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        cache, out = self._cache, array("H")
        for word in WORDS.findall(data):
            ids = cache.get(word)
            out.extend(self._encode_word(word) if ids is None else ids)
        return out

    def _encode_word(self, word: bytes) -> array[int]:
        ids, never = list(word), self.vocab_size
        while len(ids) > 1:
            merged, pair = min((self._ids.get(pair, never), pair) for pair in itertools.pairwise(ids))
            if merged == never:
                break
            ids = _merge(ids, pair, merged)
        if len(self._cache) >= CACHED_WORDS:
            self._cache.clear()
        self._cache[word] = array("H", ids)
        return self._cache[word]

    def decode(self, ids: Iterable[int]) -> bytes:
        """The bytes that `ids` stand for."""
        return b"".join(self._bytes[i] for i in ids)

    def token_bytes(self) -> list[int]:
        """Length of each token in bytes; 0 for the special one, which val_bpb leaves out."""
        return [len(token) for token in self._bytes]


def train_bpe(counts: Mapping[bytes, int], n_merges: int) -> list[Pair]:
    """Learn up to `n_merges` merges from word counts; fewer when no pair occurs twice. Ties go to the smaller pair.

    Each merge touches only the words that hold its pair, so 767 merges over the sample's 49 k words take seconds.
    """
    words = [list(word) for word in counts]
    freqs = list(counts.values())
    pair_counts: Counter[Pair] = Counter()
    where: dict[Pair, set[int]] = {}
    for index, ids in enumerate(words):
        for pair in itertools.pairwise(ids):
            pair_counts[pair] += freqs[index]
            where.setdefault(pair, set()).add(index)
    heap = [(-count, pair) for pair, count in pair_counts.items()]
    heapq.heapify(heap)
    merges: list[Pair] = []
    while heap and len(merges) < n_merges:
        negative, pair = heapq.heappop(heap)
        if pair_counts[pair] != -negative:
            if pair_counts[pair] > 1:  # it was pushed with a count that has shrunk since
                heapq.heappush(heap, (-pair_counts[pair], pair))
            continue
        if -negative < 2:
            break
        grown = _apply_merge(pair, 256 + len(merges), words, freqs, pair_counts, where)
        merges.append(pair)
        for new in grown:
            heapq.heappush(heap, (-pair_counts[new], new))
    return merges


def _apply_merge(
    pair: Pair,
    merged: int,
    words: list[list[int]],
    freqs: list[int],
    pair_counts: Counter[Pair],
    where: dict[Pair, set[int]],
) -> list[Pair]:
    """Merge `pair` in every word that holds it; return the pairs that are new, in a fixed order."""
    grown: set[Pair] = set()
    for index in where.pop(pair):
        old, freq = words[index], freqs[index]
        new = words[index] = _merge(old, pair, merged)
        for gone in itertools.pairwise(old):
            pair_counts[gone] -= freq
        for come in itertools.pairwise(new):
            pair_counts[come] += freq
            if merged in come:
                where.setdefault(come, set()).add(index)
                grown.add(come)
    return sorted(grown)


def train_tokenizer(documents: Iterable[bytes], vocab_size: int) -> Tokenizer:
    """A tokenizer of at most `vocab_size` tokens learned from `documents`."""
    counts: Counter[bytes] = Counter()
    for document in documents:
        counts.update(WORDS.findall(document))
    return Tokenizer(train_bpe(counts, vocab_size - 257))


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer that `prepare.py` wrote to `path`."""
    return Tokenizer([(int(left), int(right)) for left, right in json.loads(path.read_text("utf-8"))["merges"]])


# ---------------------------------------------------------------------------
# Shards on disk, and the corpus that they make
# ---------------------------------------------------------------------------


class Shard(TypedDict):
    """One file of token ids (uint16, the machine's byte order); every document starts with the special token."""

    file: str
    tokens: int
    bytes: int  # of text
    sha256: str


def _write_atomically(path: Path, chunks: Iterable[bytes]) -> str:
    """Write `path` whole or not at all; return its sha256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    digest = hashlib.sha256()
    try:
        with temporary.open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest()


def _write_json(path: Path, value: Any) -> str:
    return _write_atomically(path, [(json.dumps(value, indent=1) + "\n").encode()])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_shard(path: Path, documents: Iterable[bytes], tokenizer: Tokenizer) -> Shard:
    """Tokenize `documents` into one shard."""
    totals = {"tokens": 0, "bytes": 0}

    def chunks() -> Iterator[bytes]:
        for document in documents:
            ids = array("H", [tokenizer.bos])
            ids.extend(tokenizer.encode(document))
            totals["tokens"] += len(ids)
            totals["bytes"] += len(document)
            yield ids.tobytes()

    digest = _write_atomically(path, chunks())
    return Shard(file=path.name, tokens=totals["tokens"], bytes=totals["bytes"], sha256=digest)


def _data_sha(meta: Mapping[str, Any]) -> str:
    """One short hash of everything that a result depends on: profile, tokenizer, training and validation shards."""
    shards = [[shard["sha256"] for shard in meta[part]] for part in ("train", "val")]
    sealed = json.dumps([meta["profile"], meta["tokenizer_sha256"], shards], sort_keys=True)
    # With the profile's name in front no hash can be read as a number.
    return f"{meta['profile']['name']}-{hashlib.sha256(sealed.encode()).hexdigest()[:12]}"


def _write_meta(folder: Path, profile: Profile, tokenizer: Tokenizer, source: Any, shards: dict[str, Any]) -> None:
    """Seal the prepared data: written last, so that a folder with a meta file is whole."""
    profile = profile._replace(vocab_size=tokenizer.vocab_size)  # a short text yields fewer merges than asked for
    meta = {"profile": profile._asdict(), "tokenizer_sha256": _sha256(folder / TOKENIZER), **shards}
    _write_json(folder / META, {"data_sha": _data_sha(meta), **meta, "source": source})


class Corpus:
    """The prepared data in one folder: profile, tokenizer, training and validation shards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.meta: dict[str, Any] = json.loads((folder / META).read_text("utf-8"))
            self.profile, self.data_sha = Profile(**self.meta["profile"]), _data_sha(self.meta)
            sealed = self.meta["data_sha"]
        except FileNotFoundError:
            hint = "python prepare.py --sample (offline), or python prepare.py"
            raise DataError(f"no prepared data in {folder}", hint) from None
        except (ValueError, KeyError, TypeError):
            sealed = self.data_sha = ""
        if not self.data_sha or sealed != self.data_sha:
            raise DataError(f"{folder / META} is not as it was prepared", "run prepare.py again")
        self._check(TOKENIZER, self.meta["tokenizer_sha256"])
        self.tokenizer = load_tokenizer(folder / TOKENIZER)

    def _check(self, name: str, digest: str) -> None:
        path = self.folder / name
        if not path.exists() or _sha256(path) != digest:
            raise DataError(f"{path} is missing or not as it was prepared", "run prepare.py again")

    def verify(self, *parts: str) -> None:
        """Check the shards of `parts` ("train", "val") against their hashes; DataError names what is damaged."""
        for part in parts:
            for shard in self.meta[part]:
                self._check(shard["file"], shard["sha256"])

    def shards(self, part: str) -> list[Path]:
        """The files of "train" or "val"."""
        return [self.folder / shard["file"] for shard in self.meta[part]]


def data_folder(sample: bool = False) -> Path:
    """Where data is prepared: AUTORESEARCH_DATA, else ~/.cache/autoresearch, or the folder `sample` in it."""
    if given := os.environ.get("AUTORESEARCH_DATA"):
        return Path(given).expanduser()
    cache = Path.home() / ".cache" / "autoresearch"
    return cache / "sample" if sample else cache


def load_corpus(prefer_sample: bool = False) -> Corpus:
    """The corpus to train on. Without AUTORESEARCH_DATA whichever is prepared; of both, the sample if preferred."""
    folders = sorted({data_folder(True), data_folder(False)}, key=lambda f: (f.name == "sample") != prefer_sample)
    corpus = Corpus(next((folder for folder in folders if (folder / META).exists()), folders[0]))
    corpus.verify("val")  # the judge's own text; the training shards, up to gigabytes, are verified by prepare.py
    return corpus


# ---------------------------------------------------------------------------
# Loader: documents packed best-fit into rows
# ---------------------------------------------------------------------------


def shard_documents(path: Path, bos: int) -> list[memoryview]:
    """The documents of a shard, each with its leading special token, as views of the mapped file."""
    if not path.stat().st_size:
        return []
    with path.open("rb") as file:
        raw = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    marker, starts, at = array("H", [bos]).tobytes(), [], -1
    while (at := raw.find(marker, at + 1)) >= 0:
        if at % 2 == 0:  # at an odd offset the two bytes belong to two neighbours
            starts.append(at // 2)
    tokens = memoryview(raw).cast("H")
    return [tokens[start:end] for start, end in itertools.pairwise([*starts, len(tokens)])]


def endless_documents(shards: Sequence[Path], bos: int, seed: int) -> Iterator[memoryview]:
    """All documents again and again: shards in a new order each epoch, documents shuffled within their shard."""
    for epoch in itertools.count():
        rng = random.Random(f"{seed}/{epoch}")
        for shard in rng.sample(list(shards), len(shards)):
            documents = shard_documents(shard, bos)
            rng.shuffle(documents)
            yield from documents


Document: TypeAlias = "array[int] | memoryview"  # of uint16


def pack_rows(
    documents: Iterable[Document],
    row_len: int,
    buffer_size: int = 1000,
) -> Iterator[array[int]]:
    """Rows of exactly `row_len` tokens, each starting with a document; ends when the documents do.

    Best fit: of the buffered documents the longest that still fits is placed; when none fits, the shortest is
    cropped to fill the row and its rest is dropped. No padding, so every token of every batch is trained on.
    """
    source = iter(documents)
    buffer: list[tuple[int, int, Document]] = []  # sorted by length, then age; ages differ, so no document compares
    ages = itertools.count()
    while True:
        row = array("H")
        while len(row) < row_len:
            for document in itertools.islice(source, buffer_size - len(buffer)):
                if len(document):
                    bisect.insort(buffer, (len(document), next(ages), document))
            if not buffer:
                return
            room = row_len - len(row)
            fits = bisect.bisect_left(buffer, (room + 1, -1, ()))
            _, _, document = buffer.pop(fits - 1 if fits else 0)
            row.frombytes(memoryview(document)[:room].cast("B"))
        yield row


Batch = tuple["torch.Tensor", "torch.Tensor"]


def _batches(rows: Iterable[array[int]], batch_size: int, device: str) -> Iterator[Batch]:
    """Inputs and targets, each (batch, row_len - 1) of int64; the last batch may be smaller."""
    import torch

    source = iter(rows)
    while chunk := list(itertools.islice(source, batch_size)):
        flat = bytearray().join(row.tobytes() for row in chunk)
        block = torch.frombuffer(flat, dtype=torch.uint16).view(len(chunk), -1)
        tokens = block.to(torch.long)
        if device == "cuda":
            tokens = tokens.pin_memory().to(device, non_blocking=True)
        yield tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


def train_batches(corpus: Corpus, batch_size: int, seed: int, device: str = "cpu") -> Iterator[Batch]:
    """Endless training batches of (inputs, targets), the same for the same seed."""
    documents = endless_documents(corpus.shards("train"), corpus.tokenizer.bos, seed)
    return _batches(pack_rows(documents, corpus.profile.max_seq_len + 1), batch_size, device)


# ---------------------------------------------------------------------------
# Evaluation (DO NOT CHANGE: this is the metric)
# ---------------------------------------------------------------------------


def evaluate_bpb(model: Callable[..., torch.Tensor], corpus: Corpus, batch_size: int, device: str = "cpu") -> float:
    """Bits per byte on the validation text: nats of the targets that have bytes / (ln 2 * bytes of those targets).

    `model(x, y, reduction="none")` returns the cross-entropy in nats of every target. Independent of the vocabulary
    (bytes are the unit), and of `batch_size` up to rounding: the rows are the same for every model.
    """
    import torch

    profile = corpus.profile
    documents = itertools.chain.from_iterable(shard_documents(s, corpus.tokenizer.bos) for s in corpus.shards("val"))
    rows = itertools.islice(pack_rows(documents, profile.max_seq_len + 1), profile.eval_tokens // profile.max_seq_len)
    token_bytes = torch.tensor(corpus.tokenizer.token_bytes(), device=device)
    nats = torch.zeros((), dtype=torch.float64, device=device)
    n_bytes = torch.zeros((), dtype=torch.long, device=device)
    with torch.no_grad():
        for x, y in _batches(rows, batch_size, device):
            loss = model(x, y, reduction="none").reshape(-1).double()
            lengths = token_bytes[y.reshape(-1)]
            nats += torch.where(lengths > 0, loss, 0.0).sum()
            n_bytes += lengths.sum()
    return nats.item() / (math.log(2) * n_bytes.item())


# ---------------------------------------------------------------------------
# The sample: text that this machine has
# ---------------------------------------------------------------------------


def sample_files(text: Path | None) -> list[tuple[str, Path]]:
    """The files of the sample with their names, in a fixed order: `text`, else the interpreter's standard library."""
    if text is None:
        root = Path(sysconfig.get_paths()["stdlib"])
        found = [p for p in root.rglob("*.py") if SKIPPED_FOLDERS.isdisjoint(p.relative_to(root).parts)]
    elif text.is_file():
        return [(text.name, text)]
    else:
        root = text
        found = [p for p in root.rglob("*") if p.is_file() and "/." not in f"/{p.relative_to(root).as_posix()}"]
    if not found:
        raise DataError(f"no text in {root}", "give a file or a folder of text with --text PATH")
    return sorted((p.relative_to(root).as_posix(), p) for p in found)


def read_sample(text: Path | None) -> list[bytes]:
    """The sample's texts, binary files left out, up to SAMPLE_BYTES in all."""
    texts, total = [], 0
    for _, path in sample_files(text):
        with path.open("rb") as file:
            data = file.read(SAMPLE_BYTES - total)
        if data and b"\0" not in data:
            texts.append(data)
            total += len(data)
        if total >= SAMPLE_BYTES:
            print(f"the sample is cut at {SAMPLE_BYTES:,} bytes")
            break
    return texts


# A document of the sample: up to the first blank line after 128 bytes, or else to the line's end after 512.
DOCUMENT = re.compile(rb"(?s).{128,512}?\n\s*\n|.{512}[^\n]{0,256}\n?|.+")


def cut_documents(text: bytes) -> list[bytes]:
    """Cut a text into documents that fit a row; joined they are the text again.

    The packer crops what doesn't fit, so that of whole files it would train on first lines only. Cut like this, a row
    of 257 tokens holds about two documents and the packer drops 5 % of the tokens.
    """
    return DOCUMENT.findall(text)


def split_sample(texts: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Training and validation documents: split by file, or by document where there are too few files for that."""
    units = [cut_documents(text) for text in texts]
    if len(units) < VAL_EVERY:
        units = [[document] for unit in units for document in unit]
    train = [document for i, unit in enumerate(units) if i % VAL_EVERY != VAL_EVERY - 1 for document in unit]
    val = [document for unit in units[VAL_EVERY - 1 :: VAL_EVERY] for document in unit]
    # Evaluation stops after eval_tokens: shuffled, what it reads is spread over all the files.
    random.Random("val").shuffle(val)
    return train, val


def prepare_sample(folder: Path, text: Path | None = None) -> Corpus:
    """Build the sample corpus in `folder`, unless it is there already and its hashes hold."""
    texts = read_sample(text)
    digest = hashlib.sha256()
    for data in texts:
        digest.update(len(data).to_bytes(8) + data)
    source = {"sample": digest.hexdigest(), "profile": list(SAMPLE), "cut": [VAL_EVERY, DOCUMENT.pattern.decode()]}
    if (kept := _already_prepared(folder, source)) is not None:
        return kept
    train, val = split_sample(texts)
    tokenizer = train_tokenizer(train, SAMPLE.vocab_size)
    _write_json(folder / TOKENIZER, {"merges": tokenizer.merges})
    shards = {
        "train": [write_shard(folder / "train.bin", train, tokenizer)],
        "val": [write_shard(folder / "val.bin", val, tokenizer)],
    }
    if any(shard["tokens"] < 2 * SAMPLE.max_seq_len for (shard,) in shards.values()):
        raise DataError(f"{sum(map(len, texts)):,} bytes of text are too few", "100 kB or more make a usable sample")
    _write_meta(folder, SAMPLE, tokenizer, source, shards)
    return Corpus(folder)


def _already_prepared(folder: Path, source: Any) -> Corpus | None:
    """The corpus in `folder` if it was made from `source` and its hashes hold; None if it has to be made."""
    if not (folder / META).exists():
        return None
    try:
        corpus = Corpus(folder)
        corpus.verify("train", "val")
    except DataError as error:
        print(f"preparing again: {error}")
        return None
    if corpus.meta.get("source") != source:
        print(f"preparing again: {folder} holds other data")
        return None
    print("nothing to do: the data is prepared and its hashes hold")
    return corpus


# ---------------------------------------------------------------------------
# The full data: upstream's dataset, downloaded
# ---------------------------------------------------------------------------


class _TransientError(Exception):
    """A download that failed in a way that another attempt may cure."""


def download(
    url: str,
    path: Path,
    sha256: str | None = None,
    attempts: int = 5,
    backoff: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Download `url` to `path`, whole or not at all, and return its sha256.

    Server errors, broken connections, short bodies and bodies that contradict the server's own checksum are tried
    again with exponential backoff (seconds); a body that contradicts the given `sha256` is refused at once.
    """
    for attempt in range(attempts):
        if attempt:
            sleep(backoff * 2 ** (attempt - 1))
        try:
            return _fetch(url, path, sha256)
        except _TransientError as error:
            print(f"{path.name}: attempt {attempt + 1} of {attempts}: {error}")
            last = error
    raise DataError(f"{url} could not be downloaded: {last}", "try again later; what is complete is kept")


def _fetch(url: str, path: Path, sha256: str | None) -> str:
    import http.client
    import urllib.error
    import urllib.request

    offered: list[str] = []

    class Redirects(urllib.request.HTTPRedirectHandler):
        """The hub names the file's sha256 on the redirect to its store, whose own ETag means something else."""

        def redirect_request(self, *args: Any) -> urllib.request.Request | None:
            offered.append(args[4].get("X-Linked-ETag") or "")  # args[4]: the redirect's headers
            return super().redirect_request(*args)

    try:
        with urllib.request.build_opener(Redirects).open(url, timeout=60) as response:
            if not offered:
                offered.append(response.headers.get("ETag") or "")
            return _receive(response, path, offered[0], sha256)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code < 500 and error.code not in (408, 429):
            raise DataError(f"{url}: the server says {error.code} {error.reason}", "check the address") from None
        raise _TransientError(f"the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise _TransientError(str(error) or type(error).__name__) from None


def _receive(response: Any, path: Path, etag: str, sha256: str | None) -> str:
    """Stream a response into `path`, checked for size and hash before it gets its name."""
    received = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        digest = _write_atomically(received, iter(lambda: response.read(1 << 20), b""))
        size, length = received.stat().st_size, response.headers.get("Content-Length")
        if length is not None and size != int(length):
            raise _TransientError(f"{size:,} of {int(length):,} bytes came")
        etag = etag.removeprefix("W/").strip('"')
        if re.fullmatch(r"[0-9a-f]{64}", etag) and etag != digest:
            raise _TransientError("the body contradicts the server's checksum")
        if sha256 not in (None, digest):
            raise DataError(f"{path.name} is not the file that was downloaded first", f"expected sha256 {sha256}")
        received.replace(path)
    finally:
        received.unlink(missing_ok=True)
    return digest


def download_shards(folder: Path, names: Sequence[str], base_url: str = BASE_URL, backoff: float = 1.0) -> list[Path]:
    """Download the named files, four at a time, each checked against the manifest of first downloads."""
    from concurrent.futures import ThreadPoolExecutor, as_completed

    manifest_path = folder / "downloads.json"
    manifest: dict[str, str] = json.loads(manifest_path.read_text("utf-8")) if manifest_path.exists() else {}

    def ensure(name: str) -> str:
        path, known = folder / name, manifest.get(name)
        if known and path.exists() and _sha256(path) == known:
            return known
        return download(f"{base_url}/{name}", path, known, backoff=backoff)

    failed: DataError | None = None
    with ThreadPoolExecutor(4) as pool:
        futures = {pool.submit(ensure, name): name for name in names}
        for future in as_completed(futures):
            name = futures[future]
            try:
                digest = future.result()
            except DataError as error:  # the others go on: what they bring needn't be fetched again
                failed = failed or error
                continue
            if manifest.get(name) != digest:
                manifest[name] = digest
                _write_json(manifest_path, manifest)
            print(f"{name}: {digest[:12]}")
    if failed:
        raise failed
    return [folder / name for name in names]


def _parquet() -> Any:
    """pyarrow's parquet reader, the one thing that the full data needs beside the standard library."""
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError:
        hint = "pip install pyarrow, or python prepare.py --sample"
        raise DataError("reading the full dataset needs pyarrow", hint) from None


def parquet_documents(path: Path) -> Iterator[bytes]:
    """The `text` column of a parquet file, a row group at a time."""
    with _parquet().ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            for text in file.read_row_group(group, columns=["text"]).column("text").to_pylist():
                yield text.encode("utf-8", "surrogatepass")


def _first_bytes(documents: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The first documents, until they hold `limit` bytes."""
    total = 0
    for document in documents:
        if total >= limit:
            return
        total += len(document)
        yield document


def _tokenize_parquet(source: Path, target: Path) -> Shard:
    return write_shard(target, parquet_documents(source), load_tokenizer(target.parent / TOKENIZER))


def prepare_full(folder: Path, n_shards: int, base_url: str = BASE_URL) -> Corpus:
    """Download `n_shards` training shards and the validation shard, learn a tokenizer, tokenize them in parallel."""
    from concurrent.futures import ProcessPoolExecutor

    names = [f"shard_{index:05d}.parquet" for index in [*range(n_shards), VAL_SHARD]]
    source = {"shards": names, "profile": list(FULL)}
    if (kept := _already_prepared(folder, source)) is not None:
        return kept
    _parquet()  # before gigabytes are downloaded
    paths = download_shards(folder / "parquet", names, base_url)
    print("learning the tokenizer")
    train_text = itertools.chain.from_iterable(map(parquet_documents, paths[:-1]))
    tokenizer = train_tokenizer(_first_bytes(train_text, TOKENIZER_BYTES), FULL.vocab_size)
    _write_json(folder / TOKENIZER, {"merges": tokenizer.merges})
    print("tokenizing")
    with ProcessPoolExecutor() as pool:
        shards = list(pool.map(_tokenize_parquet, paths, [folder / f"{path.stem}.bin" for path in paths]))
    _write_meta(folder, FULL, tokenizer, source, {"train": shards[:-1], "val": shards[-1:]})
    return Corpus(folder)


# ---------------------------------------------------------------------------
# Command line
# ---------------------------------------------------------------------------


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Prepare the data that train.py trains on.")
    parser.add_argument("--sample", action="store_true", help="a small offline corpus for a CPU, no download")
    parser.add_argument("--text", type=Path, metavar="PATH", help="make the sample from this file or folder")
    parser.add_argument("--shards", type=int, default=10, metavar="N", help="training shards to download (default 10)")
    args = parser.parse_args(argv)
    if args.text and not args.text.exists():
        parser.error(f"{args.text} does not exist")
    if not 1 <= args.shards <= VAL_SHARD:
        parser.error(f"--shards must be between 1 and {VAL_SHARD}")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare the data and say what it is; exit code 1 with one line when that fails."""
    args = _arguments(argv)
    sample = args.sample or args.text is not None
    folder, start = data_folder(sample), time.perf_counter()
    try:
        corpus = prepare_sample(folder, args.text) if sample else prepare_full(folder, args.shards)
    except (DataError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for part in ("train", "val"):
        shards: list[Shard] = corpus.meta[part]
        tokens, size = sum(s["tokens"] for s in shards), sum(s["bytes"] for s in shards)
        print(f"{part}: {tokens:,} tokens, {size:,} bytes of text, {size / tokens:.2f} bytes a token")
    print(f"data: {folder}\ndata_sha: {corpus.data_sha}\nseconds: {time.perf_counter() - start:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
