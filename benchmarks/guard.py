"""What the guard saves and loses on public ledgers, beside other tools' rules; and how it reads labelled examples.

    python benchmarks/guard.py DIR
    python benchmarks/guard.py DIR --pairs pairs.jsonl --nights nights.jsonl --diffs commits.jsonl.gz

The directory is the one that `tools/field_prior.py` reads; a repository counts with at most three of its ledgers. Each
row is judged against the rows before it, with the field's counts made without its repository.
The models behind `p_keep` may have been fitted on it: `tools/fit_odds.py` prints the cross-validated figures.

A line of the pairs: two descriptions, `past` and `probe`, and how the second stands to the first, `relation`: same,
other_value, opposite, other_knob, scope or unrelated. The past run is a discard (1.01 after a baseline of 1.0), the
probe is asked in exploit mode. A line of the nights: `ledger`, `description`, `status`, `val` (lower is better), and
`truth` with the class that an expert gives the idea in exploit mode (`class_exploit`) and whether blocking it is right
(`block_ok`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import diffs
import field_prior
import fit_odds

from memorylab.core.guard import rivals
from memorylab.core.guard.priors import Prior
from memorylab.core.guard.replay import Row, pooled
from memorylab.lab import rehearsal
from memorylab.lab.contest import OURS, contest
from memorylab.lab.rehearsal import Ledger, Settings
from memorylab.records import STATUSES
from memorylab.render.contest import rules, share
from memorylab.render.table import Column, table

MODES = ("exploit", "explore")
REPEAT = ("duplicate_run", "repeat_failure")
WIDTH = 100


class Called(NamedTuple):
    """What a rule says of a row."""

    classification: str
    block: bool
    matched: frozenset[int]
    """Earlier rows that it shows or names."""


def main(words: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR", help="tables, and a ledgers.jsonl about them")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="labelled pairs of descriptions, as JSON lines")
    parser.add_argument("--diffs", type=Path, metavar="FILE", help="commits with their diffs, as JSON lines")
    parser.add_argument("--nights", type=Path, metavar="FILE", help="labelled rows of ledgers, as JSON lines")
    options = parser.parse_args(words)
    _replays(options.directory)
    if options.pairs:
        _pairs([json.loads(line) for line in options.pairs.read_text("utf-8").splitlines()])
    if options.diffs:
        diffs.report(options.diffs)
    if options.nights:
        _nights([json.loads(line) for line in options.nights.read_text("utf-8").splitlines()])


def ledgers(directory: Path) -> Iterator[tuple[str, Ledger]]:
    """The ledgers that count, each with its repository."""
    seen = Counter[str]()
    for path, about in field_prior.listed(directory):
        seen[about["repo"]] += 1
        if seen[about["repo"]] <= fit_odds.SCORED:
            yield about["repo"], rehearsal.read(path, about.get("metric"), about.get("direction"))


def _replays(directory: Path) -> None:
    public = field_prior.read(directory)
    by_repo: dict[str, list[Ledger]] = defaultdict(list)
    for repo, ledger in ledgers(directory):
        by_repo[repo].append(ledger)
    priors = {repo: Prior((field_prior.pack(public, [repo]),)) for repo in by_repo}
    foretold: list[tuple[float, bool]] = []
    for mode in MODES:
        results: list[Mapping[str, Any]] = []
        for repo, its in by_repo.items():
            settings = Settings(mode, prior=priors[repo])
            results += contest(its, settings, tuple(rivals.RULES), False, lambda _: None)["ledgers"]
        total = {name: pooled([result["rules"][name] for result in results]) for name in (OURS, *rivals.RULES)}
        print(f"{mode}: {total[OURS]['runs']} rows of {len(results)} ledgers of {len(by_repo)} repositories", end="")
        print(rules(total, WIDTH), end="\n\n")
        rows = [row for result in results for row in result["rows"] if row["status"] in STATUSES]
        known = [row for row in rows if row["p_keep"] is not None]  # of a ledger's first row nothing is known
        foretold = [(row["p_keep"], row["status"] == "keep") for row in known]
    _probabilities([p for p, _ in foretold], [kept for _, kept in foretold])


def _probabilities(foretold: Sequence[float], kept: Sequence[bool]) -> None:
    """How good `p_keep` is; it is the same in every mode."""
    area = f"{fit_odds.auc(foretold, kept):.3f}" if any(kept) and not all(kept) else "-"
    error = fit_odds.calibration_error(fit_odds.bins(foretold, kept))
    print(f"p_keep: AUC {area}  Brier {fit_odds.brier(foretold, kept):.3f}  calibration error {error:.3f}")


def _ours(rows: Sequence[Row]) -> list[Called]:
    guards = rehearsal.judged(rehearsal.cases(Ledger(Path(), list(rows), "val_bpb", "min")), Settings())
    return [
        Called(
            guard["classification"],
            guard["policy"]["decision"] == "block",
            frozenset(int(match["run_id"]) for match in guard["top_matches"]),
        )
        for guard in guards
    ]


def _reference(rows: Sequence[Row]) -> list[Called]:
    told = [rivals.tell(number, row) for number, row in enumerate(rows)]
    return [
        Called(said.classification, said.decision == "block", frozenset(() if said.match is None else (said.match,)))
        for said in rivals.verdicts(rivals.reference, told, "exploit")
    ]


RULES = {OURS: _ours, "reference": _reference}


def _pairs(pairs: Sequence[Mapping[str, str]]) -> None:
    called: dict[tuple[str, str], list[Called]] = defaultdict(list)
    for pair in pairs:
        rows = [_row("baseline", "keep", 1.0), _row(pair["past"], "discard", 1.01), _row(pair["probe"], None, None)]
        for rule, verdicts in RULES.items():
            called[pair["relation"], rule].append(verdicts(rows)[-1])
    lines = [
        (
            relation,
            rule,
            str(len(said)),
            share(sum(one.classification in REPEAT for one in said) / len(said)),
            share(sum(one.classification == "duplicate_run" for one in said) / len(said)),
            share(sum(one.block for one in said) / len(said)),
            share(sum(1 in one.matched for one in said) / len(said)),
            share(sum(one.classification != "novel" for one in said) / len(said)),
        )
        for (relation, rule), said in called.items()
    ]
    figures = ("pairs", "a repeat", "a duplicate", "blocked", "matched", "not novel")
    print("\npairs")
    _print(("relation", "rule", *figures), sorted(lines, key=lambda line: line[0]))


def _nights(rows: Sequence[Mapping[str, Any]]) -> None:
    nights: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        nights[row["ledger"]].append(row)
    lines = []
    for rule, verdicts in RULES.items():
        said = [
            (row["truth"], one)
            for night in nights.values()
            for row, one in zip(
                night, verdicts([_row(row["description"], row["status"], row["val"]) for row in night]), strict=True
            )
        ]
        right = sum(one.block and truth["block_ok"] for truth, one in said)
        blocks, wanted = sum(one.block for _, one in said), sum(truth["block_ok"] for truth, _ in said)
        agreed = sum(one.classification == truth["class_exploit"] for truth, one in said)
        parts = (right / blocks if blocks else None, right / wanted if wanted else None, agreed / len(said))
        lines.append((rule, str(len(said)), str(blocks), str(wanted), *map(share, parts)))
    print("\nnights")
    _print(("rule", "rows", "blocks", "waste", "blocks right", "waste blocked", "class as labelled"), lines)


def _row(description: str, status: str | None, value: float | None) -> Row:
    return Row(status, None if status == "crash" else value, description, [], "", None, None)


def _print(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    columns = [Column(name, right=name not in ("relation", "rule")) for name in names]
    print("\n".join(table(columns, rows, WIDTH)))


if __name__ == "__main__":
    main()
