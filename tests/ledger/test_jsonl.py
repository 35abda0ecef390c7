from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import LabError
from memorylab.ledger import chain
from memorylab.ledger.base import Ledger
from memorylab.ledger.conformance import LedgerConformance
from memorylab.ledger.jsonl import JsonlLedger

REPOSITORY = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from pathlib import Path
from memorylab.ledger.jsonl import JsonlLedger
ledger, name, count = JsonlLedger(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for n in range(count):
    ledger.append([{"writer": name, "n": n, "padding": "x" * 2000}])
    print(n, flush=True)
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )


class TestConformance(LedgerConformance):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.path = tmp_path / "experiments.jsonl"

    def make(self) -> Ledger:
        return JsonlLedger(self.path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "experiments.jsonl"


def rows(path: Path) -> list[dict[str, Any] | None]:
    found = [entry.row for entry in JsonlLedger(path).read()]
    return [row and {name: row[name] for name in row if name != "chain"} for row in found]


def test_eight_processes_create_the_ledger_at_once_and_lose_nothing(path: Path) -> None:
    writers = [start_writer(path, str(w), 40) for w in range(8)]
    for writer in writers:
        out, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        assert len(out.split()) == 40
    found = [(row["writer"], row["n"]) for row in rows(path) if row]
    assert sorted(found) == sorted((str(w), n) for w in range(8) for n in range(40))


def test_nothing_acknowledged_is_lost_when_writers_are_killed(path: Path) -> None:
    acknowledged: set[tuple[str, int]] = set()
    for attempt in range(12):
        writer = start_writer(path, str(attempt), 100_000)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.01 + 0.007 * attempt)
        writer.send_signal(signal.SIGKILL)
        out = first + writer.stdout.read()
        writer.wait()
        writer.stdout.close()
        acknowledged |= {(str(attempt), int(n)) for n in out.split("\n") if n}
    JsonlLedger(path).append([{"last": True}])
    found = rows(path)
    assert None not in found
    stored = {(row["writer"], row["n"]) for row in found if row and "writer" in row}
    assert len(acknowledged) > 24
    assert acknowledged <= stored
    assert found[-1] == {"last": True}


@given(cut=st.integers(1, 30))
@settings(max_examples=30)
def test_a_torn_tail_is_unseen_then_set_aside_and_earlier_bytes_stay(tmp_path_factory: Any, cut: int) -> None:
    path = tmp_path_factory.mktemp("torn") / "experiments.jsonl"
    ledger = JsonlLedger(path)
    ledger.append([{"n": 1}])
    whole = path.read_bytes()
    torn = json.dumps({"n": 2, "text": "half of it is missing"}).encode()[:cut]
    path.write_bytes(whole + torn)
    assert rows(path) == [{"n": 1}]
    ledger.append([{"n": 3}])
    assert path.read_bytes() == whole + chain.seal(b'{"n":3}\n', chain.name_of(whole))
    (aside,) = (path.parent / "quarantine").iterdir()
    assert aside.read_bytes() == torn


def test_a_row_that_lacks_only_its_newline_is_completed(path: Path) -> None:
    path.write_bytes(b'{"n":1}\n{"n":2}')
    JsonlLedger(path).append([{"n": 3}])
    assert rows(path) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_corrupt_line_is_passed_over_with_a_reason_and_the_rest_is_read(path: Path) -> None:
    path.write_bytes(b'{"n":1}\n{"n":\n[2]\n\n\x00\xff\n{"n":3}\n')
    entries = list(JsonlLedger(path).read())
    assert [entry.row for entry in entries] == [{"n": 1}, None, None, None, {"n": 3}]
    assert "not JSON" in entries[1].problem
    assert "not a JSON object" in entries[2].problem


def test_a_write_that_meets_a_full_disk_leaves_the_ledger_as_it_was(path: Path) -> None:
    JsonlLedger(path).append([{"n": 1}])
    before = path.read_bytes()
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from memorylab.errors import LabError\n"
        "from memorylab.ledger.jsonl import JsonlLedger\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: JsonlLedger(Path(sys.argv[1])).append([{'n': 2, 'x': 'y' * 5000}])\n"
        "except LabError as error: print('refused', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout.startswith("refused"), done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_what_is_no_file_in_the_place_of_a_ledger_is_refused_in_one_clear_line(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "experiments.jsonl"
    make: dict[str, Callable[[], object]] = {
        "link": lambda: place.symlink_to("/dev/null"),
        "pipe": lambda: os.mkfifo(place),
        "directory": place.mkdir,
    }
    make[kind]()
    with pytest.raises(LabError, match=r"a link|regular file|directory") as caught:
        JsonlLedger(place).append([{"n": 1}])
    assert "\n" not in str(caught.value)


def test_repair_sets_broken_lines_aside_and_keeps_every_good_byte(path: Path) -> None:
    good = [b'{"n":1}\n', b'{"n" : 2}\n', b'{"n":3}\n']
    path.write_bytes(good[0] + b"rubbish\n" + good[1] + b"\xff\xfe\n" + good[2] + b'{"to')
    aside = JsonlLedger(path).repair()
    assert path.read_bytes() == b"".join(good)
    kept = sorted(p.read_bytes() for p in (path.parent / "quarantine").iterdir())
    assert kept == sorted([b"rubbish\n", b"\xff\xfe\n", b'{"to'])
    assert len(aside) == 2


def test_a_writer_that_waits_while_the_ledger_is_repaired_writes_to_the_new_file(path: Path) -> None:
    path.write_bytes(b'{"n":1}\nrubbish\n')
    writer = start_writer(path, "w", 50)
    assert writer.stdout is not None
    writer.stdout.readline()
    JsonlLedger(path).repair()
    writer.communicate(timeout=30)
    found = rows(path)
    assert [row["n"] for row in found if row and "writer" in row] == list(range(50))


def test_reading_a_large_ledger_takes_little_memory(path: Path) -> None:
    line = json.dumps({"padding": "x" * 2000}).encode() + b"\n"
    path.write_bytes(line * 50_000)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from memorylab.ledger.jsonl import JsonlLedger\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "n = sum(1 for _ in JsonlLedger(Path(sys.argv[1])).read())\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=REPOSITORY, capture_output=True, text=True)
    count, grown = map(int, done.stdout.split())
    kilobytes = grown if sys.platform != "darwin" else grown // 1024
    assert count == 50_000
    assert kilobytes < 20_000, "a 100 MB ledger must be streamed"


def test_blank_lines_at_the_end_are_behind_nobodys_position(tmp_path: Path) -> None:
    ledger = JsonlLedger(tmp_path / "experiments.jsonl")
    end = ledger.append([{"n": 1}])
    with ledger.path.open("ab") as file:
        file.write(b"\n  \n")
    ledger.append([{"n": 2}], expect=end)
    assert rows(ledger.path) == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("kind", ["pipe", "directory", "endless device", "hole"])
def test_what_is_no_ledger_is_one_clear_line_at_once(path: Path, kind: str) -> None:
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "endless device":
            path.symlink_to("/dev/zero")
        case _:
            with path.open("wb") as file:
                file.truncate(1 << 40)
    ledger = JsonlLedger(path)
    for use in (lambda: list(ledger.read()), lambda: ledger.append([{"n": 1}]), ledger.repair):
        began = time.monotonic()
        with pytest.raises(LabError) as caught:
            use()
        assert "; hint: " in str(caught.value)
        assert time.monotonic() - began < 10


def test_a_line_beyond_the_limit_costs_that_line_and_little_memory(path: Path) -> None:
    path.write_bytes(b'{"n":1}\n{"pad":"' + b"x" * 50_000_000 + b'"}\n{"n":3}\n')
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from memorylab.ledger.jsonl import JsonlLedger\n"
        "ledger = JsonlLedger(Path(sys.argv[1]))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print([entry.row and entry.row['n'] for entry in ledger.read()], len(ledger.repair()), sep=';', end=';')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=REPOSITORY, capture_output=True, text=True)
    read, repaired, grown = done.stdout.split(";")
    assert (read, repaired) == ("[1, None, 3]", "1"), done.stderr
    assert (int(grown) if sys.platform != "darwin" else int(grown) // 1024) < 40_000
    assert path.read_bytes() == b'{"n":1}\n{"n":3}\n'


def test_the_chain_is_unbroken_behind_eight_processes(path: Path) -> None:
    for writer in [start_writer(path, str(w), 25) for w in range(8)]:
        writer.communicate(timeout=60)
    followed = chain.Chain()
    for number, entry in enumerate(JsonlLedger(path).read(), 1):
        followed.add(number, entry.row, entry.text)
    assert number == 200
    assert (followed.broken, followed.foreign) == ([], [])
