"""The fixed half of the experiment: tokenizer, packing, sample, downloads and the metric itself."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import itertools
import math
import os
import random
import subprocess
import sys
import threading
import warnings
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prepare

ROOT = Path(prepare.__file__).parent
WORDS = ["def", "return", "self", "value", "index", "for", "in", "range", "if", "else", "none", "yield", "déjà", "42"]


def some_text(n_bytes: int, seed: int = 0) -> str:
    rng = random.Random(seed)
    lines: list[str] = []
    size = 0
    while size < n_bytes:
        line = " ".join(rng.choices(WORDS, k=rng.randint(3, 9))) + ("\n\n" if rng.random() < 0.2 else "\n")
        lines.append(line)
        size += len(line.encode())
    return "".join(lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(some_text(60_000))
    return path


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns that numpy is missing
        module: ModuleType = pytest.importorskip("torch")
    return module


# Tokenizer

TOKENIZER = prepare.train_tokenizer([some_text(20_000).encode()], 400)


@given(st.binary(max_size=300))
def test_splitting_into_words_loses_no_byte(data: bytes) -> None:
    assert b"".join(prepare.WORDS.findall(data)) == data


@given(st.binary(max_size=300))
def test_any_bytes_survive_encoding_and_decoding(data: bytes) -> None:
    ids = TOKENIZER.encode(data)
    assert TOKENIZER.decode(ids) == data
    assert sum(TOKENIZER.token_bytes()[i] for i in ids) == len(data)
    assert TOKENIZER.bos not in ids


@given(st.text(max_size=200))
def test_any_text_survives_encoding_and_decoding(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)).decode() == text


def test_a_lone_surrogate_survives_too() -> None:
    text = "a\ud800b"
    assert TOKENIZER.decode(TOKENIZER.encode(text)).decode("utf-8", "surrogatepass") == text


def test_merges_are_the_most_frequent_pairs_in_order_and_ties_go_to_the_smaller_pair() -> None:
    merges = prepare.train_bpe({b"abab": 3, b"bc": 5, b"cd": 1, b"dd": 5}, 10)
    # ab occurs 6 times; then bc and dd 5 times each; then abab 3 times; nothing else occurs twice.
    assert merges == [(97, 98), (98, 99), (100, 100), (256, 256)]


@given(st.dictionaries(st.binary(min_size=1, max_size=8), st.integers(1, 5), max_size=12), st.integers(0, 12))
def test_incremental_training_learns_what_counting_all_pairs_again_learns(counts: dict[bytes, int], n: int) -> None:
    words = {word: list(word) for word in counts}
    expected: list[tuple[int, int]] = []
    while len(expected) < n:
        pairs: Counter[tuple[int, int]] = Counter()
        for word, ids in words.items():
            for pair in itertools.pairwise(ids):
                pairs[pair] += counts[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        if best is None or pairs[best] < 2:
            break
        words = {word: prepare._merge(ids, best, 256 + len(expected)) for word, ids in words.items()}
        expected.append(best)
    assert prepare.train_bpe(counts, n) == expected


def test_encoding_applies_merges_in_the_order_in_which_they_were_learned() -> None:
    tokenizer = prepare.Tokenizer([(97, 98), (98, 99), (256, 99)])
    assert list(tokenizer.encode(b"abc")) == [258]
    assert list(tokenizer.encode(b"bc")) == [257]


# Packing

lengths = st.lists(st.integers(1, 40), max_size=60)


@given(lengths, st.integers(2, 30), st.integers(1, 20))
def test_rows_are_full_start_with_a_document_and_hold_each_document_once(
    sizes: list[int], row_len: int, buffer_size: int
) -> None:
    # Document i is the special token 0 and then its own number, so every token of a row tells where it is from.
    documents = [array("H", [0] + [i + 1] * (size - 1)) for i, size in enumerate(sizes)]
    used: Counter[int] = Counter()
    rows = list(prepare.pack_rows(documents, row_len, buffer_size))
    for row in rows:
        assert len(row) == row_len
        assert row[0] == 0
        starts = [*(i for i, token in enumerate(row) if token == 0), row_len]
        for start, end in itertools.pairwise(starts):
            body = row[start + 1 : end]
            assert len(set(body)) <= 1
            if body:
                used[body[0]] += 1
                complete = len(body) == sizes[body[0] - 1] - 1
                assert complete or end == row_len  # only what fills the row is cropped
                assert len(body) <= sizes[body[0] - 1] - 1
    assert all(count == 1 for count in used.values())
    # What is left over at the end was too little for another row.
    assert len(rows) == 0 or len(rows) * row_len <= sum(sizes)
    assert sum(sizes) < row_len or rows


def test_the_longest_document_that_fits_is_placed_and_the_shortest_is_cropped() -> None:
    def document(size: int, name: int) -> array[int]:
        return array("H", [0] + [name] * (size - 1))

    (row,) = prepare.pack_rows([document(9, 1), document(4, 2), document(7, 3), document(3, 4)], 13)
    # 13: the 9 fits best; 4 left: the 4 fits exactly.
    assert list(row) == [0] + [1] * 8 + [0] + [2] * 3
    rows = list(prepare.pack_rows([document(9, 1), document(7, 2), document(8, 3)], 12))
    # 12: the 9; 3 left: none fits, so the shortest, the 7, is cropped. The 8 alone fills no row.
    assert [list(row) for row in rows] == [[0] + [1] * 8 + [0, 2, 2]]


def test_a_shard_gives_back_its_documents_where_the_marker_straddles_two_tokens_too(tmp_path: Path) -> None:
    bos = 0x0101
    first, second = array("H", [bos, 0x01FF, 0x0001, 0x0100, 7]), array("H", [bos])
    path = tmp_path / "shard.bin"
    path.write_bytes(first.tobytes() + second.tobytes())
    assert [list(d) for d in prepare.shard_documents(path, bos)] == [list(first), list(second)]


def test_every_epoch_holds_every_document_once_in_an_order_of_its_own(folder: Path, text_file: Path) -> None:
    corpus = prepare.prepare_sample(folder, text_file)
    bos = corpus.tokenizer.bos
    documents = [bytes(d) for d in prepare.shard_documents(corpus.shards("train")[0], bos)]
    endless = prepare.endless_documents(corpus.shards("train"), bos, seed=3)
    first = [bytes(d) for d in itertools.islice(endless, len(documents))]
    second = [bytes(d) for d in itertools.islice(endless, len(documents))]
    assert first != second
    assert Counter(first) == Counter(second) == Counter(documents)


# Sample


def test_documents_of_a_text_join_to_the_text() -> None:
    for text in (b"", b"x", b"\n" * 5000, b"x" * 5000, some_text(20_000).encode()):
        documents = prepare.cut_documents(text)
        assert b"".join(documents) == text
        assert all(documents)


def test_a_second_sample_call_has_nothing_to_do(
    folder: Path, text_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTORESEARCH_DATA", str(folder))
    assert prepare.main(["--sample", "--text", str(text_file)]) == 0
    assert "nothing to do" not in capsys.readouterr().out
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert prepare.main(["--text", str(text_file)]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_the_same_text_gives_the_same_data_sha_and_another_text_another(folder: Path, text_file: Path) -> None:
    first = prepare.prepare_sample(folder, text_file).data_sha
    assert prepare.prepare_sample(folder.with_name("again"), text_file).data_sha == first
    text_file.write_text(some_text(60_000, seed=1))
    assert prepare.prepare_sample(folder, text_file).data_sha != first


@pytest.mark.parametrize("name", ["val.bin", "tokenizer.json", "meta.json"])
def test_damaged_data_is_refused_and_mended_by_preparing_again(
    folder: Path, text_file: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTORESEARCH_DATA", str(folder))
    sound = prepare.prepare_sample(folder, text_file).data_sha
    path = folder / name
    path.write_bytes(path.read_bytes().replace(b"1", b"2"))
    with pytest.raises(prepare.DataError, match="not as it was prepared"):
        prepare.load_corpus()
    prepare.prepare_sample(folder, text_file)
    assert prepare.load_corpus().data_sha == sound


def test_files_go_to_training_or_to_validation_as_a_whole(tmp_path: Path, folder: Path) -> None:
    texts = tmp_path / "texts"
    for i in range(20):
        (texts / f"dir{i % 3}").mkdir(parents=True, exist_ok=True)
        (texts / f"dir{i % 3}" / f"{i}.txt").write_text(some_text(5_000, seed=i))
    (texts / "binary").write_bytes(b"\0" * 100)
    (texts / ".hidden").write_text("hidden")
    contents = [path.read_bytes() for _, path in prepare.sample_files(texts) if path.suffix == ".txt"]
    corpus = prepare.prepare_sample(folder, texts)
    val = b"".join(
        corpus.tokenizer.decode(d) for d in prepare.shard_documents(corpus.shards("val")[0], corpus.tokenizer.bos)
    )
    assert sorted(val) == sorted(contents[9] + contents[19])
    assert corpus.meta["train"][0]["bytes"] + corpus.meta["val"][0]["bytes"] == sum(map(len, contents))


def test_too_little_text_is_one_line_and_leaves_no_data(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTORESEARCH_DATA", str(folder))
    (tmp_path / "short.txt").write_text("too short")
    assert prepare.main(["--text", str(tmp_path / "short.txt")]) == 1
    assert capsys.readouterr().err.startswith("error: 9 bytes of text are too few; hint: ")
    assert not (folder / prepare.META).exists()


def test_data_is_prepared_without_torch_and_importing_does_nothing(tmp_path: Path, text_file: Path) -> None:
    script = (
        "import sys; sys.modules['torch'] = None\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import prepare; print('imported')\n"
        f"sys.exit(prepare.main(['--text', {str(text_file)!r}]))"
    )
    env = {"AUTORESEARCH_DATA": str(tmp_path / "d"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("imported\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", "text.txt"]


@pytest.mark.parametrize(("text", "seconds"), [("", 300.0), ("12", 12.0), ("0.5", 0.5)])
def test_the_time_budget_comes_from_the_environment(text: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTORESEARCH_TIME_BUDGET", text)
    assert prepare.time_budget() == seconds


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan", "inf"])
def test_a_time_budget_that_is_no_duration_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTORESEARCH_TIME_BUDGET", text)
    with pytest.raises(prepare.DataError, match="AUTORESEARCH_TIME_BUDGET"):
        prepare.time_budget()


# Loading and evaluating


def test_targets_are_inputs_moved_by_one_and_a_seed_fixes_the_batches(
    torch: Any, folder: Path, text_file: Path
) -> None:
    corpus = prepare.prepare_sample(folder, text_file)
    first, again, other = (prepare.train_batches(corpus, 4, seed) for seed in (1, 1, 2))
    x, y = next(first)
    assert x.shape == y.shape == (4, corpus.profile.max_seq_len)
    assert (x[:, 0] == corpus.tokenizer.bos).all()
    assert torch.equal(x[:, 1:], y[:, :-1])
    assert torch.equal(x, next(again)[0])
    assert not torch.equal(x, next(other)[0])


def by_hand(corpus: prepare.Corpus) -> float:
    """Bits per byte of a model that spends 1 + id / 1000 nats on every target, without a tensor."""
    documents = list(prepare.shard_documents(corpus.shards("val")[0], corpus.tokenizer.bos))
    nats, size = 0.0, 0
    for row in prepare.pack_rows(documents, corpus.profile.max_seq_len + 1):
        for target in row[1:]:
            if target != corpus.tokenizer.bos:
                nats += 1 + target / 1000
                size += len(corpus.tokenizer.decode([target]))
    return nats / size / math.log(2)


def test_bits_per_byte_equal_a_computation_by_hand_whatever_the_batch_size(
    torch: Any, folder: Path, text_file: Path
) -> None:
    corpus = prepare.prepare_sample(folder, text_file)
    bos = corpus.tokenizer.bos

    def model(x: Any, y: Any, reduction: str) -> Any:
        assert reduction == "none"
        return torch.where(y == bos, math.inf, 1 + y / 1000)  # the special token's loss must not count

    for batch_size in (1, 3, 64):
        assert prepare.evaluate_bpb(model, corpus, batch_size) == pytest.approx(by_hand(corpus), rel=1e-6)


def test_evaluation_stops_after_the_profiles_number_of_tokens(torch: Any, folder: Path, text_file: Path) -> None:
    corpus = prepare.prepare_sample(folder, text_file)
    corpus.profile = corpus.profile._replace(eval_tokens=3 * corpus.profile.max_seq_len)
    seen = []

    def model(x: Any, y: Any, reduction: str) -> Any:
        seen.append(y.numel())
        return torch.ones(y.shape)

    prepare.evaluate_bpb(model, corpus, 2)
    assert seen == [2 * corpus.profile.max_seq_len, corpus.profile.max_seq_len]


# Downloads

BODY = bytes(range(256)) * 4096
SHA = hashlib.sha256(BODY).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves BODY under names that say what goes wrong; counts the requests of each."""

    requests: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        name = self.path.removeprefix("/")
        self.requests[name] += 1
        first = self.requests[name] <= 2
        if name.startswith("flaky") and first:
            self.send_error(503)
        elif name.startswith("missing"):
            self.send_error(404)
        elif name.startswith("linked"):
            self.send_response(302)
            self.send_header("Location", f"/store-{name}")
            self.send_header("X-Linked-ETag", f'"{SHA if "good" in name else "0" * 64}"')
            self.end_headers()
        else:
            self.serve(name, cut=name.startswith("truncated") and first)

    def serve(self, name: str, cut: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        # A store's own ETag is no sha256 of the file, even where it looks like one.
        self.send_header("ETag", f'"{"1" * 64}"' if name.startswith(("wrong", "store")) else f'"{SHA}"')
        self.end_headers()
        self.wfile.write(BODY[: len(BODY) // 2] if cut else BODY)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def served(handler: Any) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def hub() -> Iterator[str]:
    Hub.requests.clear()
    with served(Hub) as url:
        yield url


@pytest.mark.parametrize("name", ["flaky", "truncated"])
def test_a_download_that_fails_twice_is_tried_again_with_growing_pauses(hub: str, name: str, tmp_path: Path) -> None:
    pauses: list[float] = []
    assert prepare.download(f"{hub}/{name}", tmp_path / name, backoff=0.5, sleep=pauses.append) == SHA
    assert (tmp_path / name).read_bytes() == BODY
    assert pauses == [0.5, 1.0]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_body_that_contradicts_the_servers_checksum_is_refused_and_leaves_nothing(hub: str, tmp_path: Path) -> None:
    with pytest.raises(prepare.DataError, match="contradicts the server's checksum"):
        prepare.download(f"{hub}/wrong", tmp_path / "wrong", attempts=2, sleep=lambda _: None)
    assert Hub.requests["wrong"] == 2
    assert list(tmp_path.iterdir()) == []


def test_the_checksum_on_a_redirect_counts_and_not_the_stores_own_tag(hub: str, tmp_path: Path) -> None:
    assert prepare.download(f"{hub}/linked-good", tmp_path / "good") == SHA
    with pytest.raises(prepare.DataError, match="checksum"):
        prepare.download(f"{hub}/linked-bad", tmp_path / "bad", attempts=1)
    assert [path.name for path in tmp_path.iterdir()] == ["good"]


def test_an_address_that_does_not_exist_is_not_tried_again(hub: str, tmp_path: Path) -> None:
    with pytest.raises(prepare.DataError, match="404"):
        prepare.download(f"{hub}/missing", tmp_path / "missing")
    assert Hub.requests["missing"] == 1


def test_a_server_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(prepare.DataError, match="could not be downloaded"):
        prepare.download("http://127.0.0.1:1/x", tmp_path / "x", attempts=2, sleep=lambda _: None)


def test_shards_are_downloaded_once_and_checked_against_the_manifest(hub: str, tmp_path: Path) -> None:
    names = ["a.parquet", "flaky.parquet"]
    prepare.download_shards(tmp_path, names, hub, backoff=0.001)
    prepare.download_shards(tmp_path, names, hub)
    assert Hub.requests == {"a.parquet": 1, "flaky.parquet": 3}
    (tmp_path / "a.parquet").write_bytes(b"damaged")
    prepare.download_shards(tmp_path, names, hub)
    assert (tmp_path / "a.parquet").read_bytes() == BODY


def test_another_file_under_the_name_of_the_first_download_is_refused(hub: str, tmp_path: Path) -> None:
    prepare._write_json(tmp_path / "downloads.json", {"a.parquet": "0" * 64})
    with pytest.raises(prepare.DataError, match="not the file that was downloaded first"):
        prepare.download_shards(tmp_path, ["a.parquet"], hub)
    assert not (tmp_path / "a.parquet").exists()


def test_one_missing_shard_does_not_cost_the_others(hub: str, tmp_path: Path) -> None:
    with pytest.raises(prepare.DataError, match="404"):
        prepare.download_shards(tmp_path, ["missing.parquet", "b.parquet"], hub)
    prepare.download_shards(tmp_path, ["b.parquet"], hub)
    assert Hub.requests["b.parquet"] == 1


def test_the_full_data_without_pyarrow_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTORESEARCH_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert prepare.main(["--shards", "1"]) == 1
    assert "pip install pyarrow" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


STUB = """
class ParquetFile:
    num_row_groups = 2
    def __init__(self, path): self.lines = path.read_text("utf-8").splitlines()
    def __enter__(self): return self
    def __exit__(self, *args): pass
    def read_row_group(self, group, columns):
        assert columns == ["text"]
        self.group = self.lines[group::2]
        return self
    def column(self, name): return self
    def to_pylist(self): return self.group
"""


def test_the_full_data_is_downloaded_and_tokenized_from_a_server(tmp_path: Path) -> None:
    """The whole way with real processes; only pyarrow is replaced, by a stub that reads a document a line."""
    (tmp_path / "stub" / "pyarrow").mkdir(parents=True)
    (tmp_path / "stub" / "pyarrow" / "__init__.py").touch()
    (tmp_path / "stub" / "pyarrow" / "parquet.py").write_text(STUB)
    (tmp_path / "hub").mkdir()
    for seed, name in enumerate(["shard_00000", "shard_00001", "shard_06542"]):
        (tmp_path / "hub" / f"{name}.parquet").write_text(some_text(20_000, seed))
    script = (
        "import sys, prepare; from pathlib import Path\n"
        "if __name__ == '__main__':\n"
        "    prepare.prepare_full(Path('data'), 2, sys.argv[1])\n"
        "    prepare.prepare_full(Path('data'), 2, sys.argv[1])\n"
    )
    (tmp_path / "go.py").write_text(script)
    handler = functools.partial(Quiet, directory=tmp_path / "hub")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "stub"), str(ROOT)])}
    with served(handler) as url:
        command = [sys.executable, "go.py", url]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to do" in done.stdout
    corpus = prepare.Corpus(tmp_path / "data")
    assert (len(corpus.shards("train")), corpus.profile.name) == (2, "full")
    (val,) = corpus.shards("val")
    lines = some_text(20_000, 2).splitlines()
    texts = [corpus.tokenizer.decode(d).decode() for d in prepare.shard_documents(val, corpus.tokenizer.bos)]
    assert texts == lines[::2] + lines[1::2]


@settings(max_examples=20)
@given(st.lists(st.binary(min_size=1, max_size=9), max_size=8), st.integers(0, 40))
def test_the_tokenizers_text_stops_at_its_limit(documents: list[bytes], limit: int) -> None:
    taken = list(prepare._first_bytes(documents, limit))
    assert taken == documents[: len(taken)]
    assert sum(map(len, taken[:-1])) < limit or not taken
