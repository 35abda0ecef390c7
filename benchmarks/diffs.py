"""How the guard reads real commits of experiments: what a diff says against what its message says.

    python benchmarks/diffs.py FILE
    python benchmarks/guard.py DIR --diffs FILE

A line of the file (JSON, may be gzipped): `message` and `diff`, as `git show` prints them. Counted are the diffs whose
every value is read, since only of those is known what was done: one value given, or several.

- told alike: the message, read alone, has an edit that the diff has too, to the same value; "against it" names a value
  that the diff contradicts. The rest of the messages give no value that can be compared.
- known from its message: the run has the diff under words that say nothing, the idea is the message alone.
- the same code: the run and the idea have the diff, and words that say nothing.
- taken back: the run has the diff, the idea its reverse; a repeat would be wrong.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memorylab.core.guard import novelty
from memorylab.core.reading.agreement import merge
from memorylab.core.reading.diffs import Change, fragments
from memorylab.core.reading.edits import Edit, parse, said, words
from memorylab.core.reading.ideas import Idea, Past
from memorylab.core.reading.patches import read_patch

LABELS = ("first version of it", "another go")
REPEAT = ("duplicate_run", "repeat_failure")


class Commit(NamedTuple):
    """A real commit of an experiment: its message, what it did, and what its reverse does."""

    message: str
    change: Change
    back: Change


def main(arguments: list[str] | None = None) -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="commits with their diffs, as JSON lines")
    report(parser.parse_args(arguments).file)


def report(path: Path) -> None:
    """Print what became of the commits of a file."""
    commits = list(read(path))
    told = [commit for commit in commits if commit.change.edits and not any(e.opaque for e in commit.change.edits)]
    alike = [_agrees(commit) for commit in told]
    print(f"\n{len(commits)} commits whose diff changes what a run could notice; of {len(told)} every value is read")
    _say("told alike by message and diff", sum(one == "alike" for one in alike), len(told))
    _say("told against each other", sum(one == "against" for one in alike), len(told))
    _say("known from its message alone", sum(_repeats(_run(c, LABELS[0]), _idea(c.message)) for c in told), len(told))
    same = sum(_repeats(_run(c, LABELS[0]), _idea(LABELS[1], c.change)) for c in commits)
    _say("the same code in other words known", same, len(commits))
    _say("the way back called a repeat", sum(_repeats(_run(c), _idea("undo", c.back)) for c in told), len(told))


def read(path: Path) -> Iterator[Commit]:
    """The commits of a file whose diff changes anything."""
    opened: Any = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            commit = _commit(row)
            if commit.change.fingerprint and commit.back.fingerprint:
                yield commit


def _commit(row: Mapping[str, Any]) -> Commit:
    hunks = [hunk for file in read_patch(row["diff"]) if file.new_name.endswith(".py") for hunk in file.hunks]
    there = fragments([(hunk.section, hunk.old, hunk.new) for hunk in hunks])
    return Commit(str(row["message"]), there, fragments([(hunk.section, hunk.new, hunk.old) for hunk in hunks]))


def _agrees(commit: Commit) -> str:
    merged = merge(parse(commit.message), commit.change, commit.message)
    if merged.mismatch:
        return "against"
    done = {edit.key for edit in commit.change.edits}
    return "alike" if any(edit.to is not None and edit.key in done for edit in parse(commit.message)) else ""


def _idea(text: str, change: Change | None = None) -> Idea:
    edits = parse(text) if change is None else merge(parse(text), change, text).edits
    print_ = None if change is None else change.fingerprint
    return Idea(text, (), "other", "", edits, words(text), said(text), print_)


def _run(commit: Commit, label: str | None = None) -> Past:
    text = commit.message if label is None else label
    edits: tuple[Edit, ...] = merge(parse(text), commit.change, text).edits
    return Past(
        *("r1", None, "discard", text, "other", "2026-01-01T00:00:00Z", edits, words(text), 1.01, -15.0, None, ()),
        *(False, 1, said(text), commit.change.fingerprint),
    )


def _repeats(run: Past, idea: Idea) -> bool:
    return novelty.judge(idea, [run])["classification"] in REPEAT


def _say(what: str, count: int, of: int) -> None:
    print(f"  {what:38} {count:5} of {of:5}  {100 * count / of if of else 0.0:5.1f} %")


if __name__ == "__main__":
    main()
