"""Fits the two models of `memorylab.core.guard.odds` on a directory of public ledgers, and says how good they are.

    python tools/fit_odds.py DIR                 cross-validated by repository: AUC, Brier score, calibration, frontier
    python tools/fit_odds.py DIR --write         the same, then writes memorylab/core/guard/odds_table.py

The directory is the one that `tools/field_prior.py` reads. Each row is judged against the rows before it, by the code
that judges live runs. A repository weighs at most as much as three of its ledgers; the field's counts that a row sees
were made without its repository.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import field_prior

from memorylab.core.guard import odds
from memorylab.core.guard.odds import RELATED, Traits
from memorylab.core.guard.odds_table import P_KEEP, P_RELATED
from memorylab.core.guard.priors import Prior
from memorylab.lab import rehearsal
from memorylab.records import Direction

TABLE = Path(__file__).resolve().parents[1] / "memorylab" / "core" / "guard" / "odds_table.py"
FOLDS = 10
RIDGE = 6.0
"""Weight of the penalty on standardised coefficients: flat from 3 to 20, and lower than that loses calibration."""
SCORED = 3
"""Ledgers of a repository that are scored, and that it weighs at most."""
CAPS = (0.01, 0.02, 0.05, 0.10)


class Row(NamedTuple):
    """One judged row of a ledger."""

    repo: str
    seen: Traits
    kept: bool
    weight: float
    scored: bool
    evidence: bool


def main(words: Sequence[str] | None = None) -> None:
    """Print the cross-validated figures; write the table if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, metavar="DIR")
    parser.add_argument("--write", action="store_true", help="write memorylab/core/guard/odds_table.py")
    options = parser.parse_args(words)
    rows = list(gather(options.directory))
    scored = [row for row in rows if row.scored]
    for name, fields in (("p_keep", Traits._fields), ("p_related", RELATED)):
        foretold = crossed(rows, fields)
        print(f"{name}: {len(rows)} rows, {len(scored)} scored, {len({row.repo for row in rows})} repositories")
        describe(scored, [p for p, row in zip(foretold, rows, strict=True) if row.scored])
    if options.write:
        TABLE.write_text(source(fit(rows, Traits._fields), fit(rows, RELATED)), encoding="utf-8")
        print(f"wrote {TABLE.name}")


def gather(directory: Path) -> Iterator[Row]:
    """Replay every ledger and keep what the models saw at each row."""
    for table in (P_KEEP, P_RELATED):  # the present tables may know other traits
        table.clear()
    about = [json.loads(line) for line in (directory / "ledgers.jsonl").read_text("utf-8").splitlines()]
    sizes, order = Counter(entry["repo"] for entry in about), Counter[str]()
    public = field_prior.read(directory)
    packs: dict[str, Prior] = {}
    for entry in about:
        repo = entry["repo"]
        order[repo] += 1
        if repo not in packs:
            packs[repo] = Prior((field_prior.pack(public, [repo]),))
        path = directory / "ledgers" / f"{entry['ledger']}.tsv"
        direction: Direction = "max" if entry["direction"] == "max" else "min"
        ledger = rehearsal.read(path, entry["metric"], direction)
        settings = rehearsal.Settings(prior=packs[repo])
        for status, seen, evidence in rehearsal.traits(ledger, settings):
            weight = min(1.0, SCORED / sizes[repo])
            yield Row(repo, seen, status == "keep", weight, order[repo] <= SCORED, evidence)


def crossed(rows: Sequence[Row], fields: Sequence[str]) -> list[float]:
    """Each row's probability by a model that has seen no row of its repository's fold."""
    repos = sorted({row.repo for row in rows})
    out = [0.0] * len(rows)
    for fold in range(FOLDS):
        away = set(repos[fold::FOLDS])
        table = fit([row for row in rows if row.repo not in away], fields)
        for number, row in enumerate(rows):
            if row.repo in away:
                out[number] = odds.probability(table, row.seen)
    return out


def fit(rows: Sequence[Row], fields: Sequence[str]) -> dict[str, float]:
    """Ridge logistic regression by Newton's method; coefficients for the raw traits, the intercept under ""."""
    columns = [[getattr(row.seen, name) for row in rows] for name in fields]
    means = [sum(column) / len(column) for column in columns]
    spreads = [
        math.sqrt(sum((x - mean) ** 2 for x in column) / len(column)) or 1.0
        for column, mean in zip(columns, means, strict=True)
    ]
    data = [
        [1.0, *((getattr(row.seen, n) - m) / s for n, m, s in zip(fields, means, spreads, strict=True))] for row in rows
    ]
    beta = [0.0] * (len(fields) + 1)
    for _ in range(12):
        step = _newton(data, rows, beta)
        beta = [b + d for b, d in zip(beta, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    raw = {name: b / s for name, b, s in zip(fields, beta[1:], spreads, strict=True)}
    return {"": beta[0] - sum(raw[n] * m for n, m in zip(fields, means, strict=True))} | raw


def _newton(data: Sequence[Sequence[float]], rows: Sequence[Row], beta: Sequence[float]) -> list[float]:
    size = len(beta)
    gradient = [0.0, *(-RIDGE * b for b in beta[1:])]
    curvature = [[RIDGE * (i == j and i > 0) for j in range(size)] for i in range(size)]
    for x, row in zip(data, rows, strict=True):
        p = 1 / (1 + math.exp(-sum(b * v for b, v in zip(beta, x, strict=True))))
        error, bend = row.weight * (row.kept - p), row.weight * p * (1 - p)
        for i, v in enumerate(x):
            gradient[i] += error * v
            line, slope = curvature[i], bend * v
            for j in range(i + 1):
                line[j] += slope * x[j]
    for i in range(size):
        for j in range(i):
            curvature[j][i] = curvature[i][j]
    return _solve(curvature, gradient)


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivoting."""
    size = len(right)
    rows = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(i + 1, size):
            factor = rows[r][i] / rows[i][i]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    out = [0.0] * size
    for i in reversed(range(size)):
        out[i] = (rows[i][size] - sum(rows[i][j] * out[j] for j in range(i + 1, size))) / rows[i][i]
    return out


def describe(rows: Sequence[Row], foretold: Sequence[float]) -> None:
    """Print discrimination, calibration, and what blocking below a probability would lose and catch."""
    kept = [row.kept for row in rows]
    print(f"  AUC {auc(foretold, kept):.3f}  Brier {brier(foretold, kept):.3f}  base rate {sum(kept) / len(kept):.3f}")
    binned = bins(foretold, kept)
    for said, was, n in binned:
        print(f"  said {said:.2f}  was {was:.2f}  n {n}")
    print(f"  expected calibration error {calibration_error(binned):.3f}")
    candidates = sorted((p, k) for p, k, row in zip(foretold, kept, rows, strict=True) if row.evidence)
    for cap in CAPS:
        lost = caught = 0
        below = 0.0
        for p, k in candidates:
            if lost + k > cap * sum(kept):
                break
            lost, caught, below = lost + k, caught + (not k), p
        share = caught / (len(kept) - sum(kept))
        print(f"  losing {cap:4.0%} of the wins catches {share:5.1%} of the failures (below {below:.3f})")


def brier(foretold: Sequence[float], kept: Sequence[bool]) -> float:
    """The mean squared error of probabilities."""
    return sum((p - k) ** 2 for p, k in zip(foretold, kept, strict=True)) / len(kept)


def bins(foretold: Sequence[float], kept: Sequence[bool]) -> list[tuple[float, float, int]]:
    """In tenths of probability: what was said on average, the share that was kept, and of how many."""
    found = []
    for low in range(10):
        tenth = [(p, k) for p, k in zip(foretold, kept, strict=True) if min(9, int(p * 10)) == low]
        if tenth:
            found.append((sum(p for p, _ in tenth) / len(tenth), sum(k for _, k in tenth) / len(tenth), len(tenth)))
    return found


def calibration_error(binned: Sequence[tuple[float, float, int]]) -> float:
    """How far probabilities are from the shares that came true, on average."""
    return sum(abs(said - was) * n for said, was, n in binned) / sum(n for _, _, n in binned)


def auc(foretold: Sequence[float], kept: Sequence[bool]) -> float:
    """The chance that a kept row was given more than a failed one; ties count half."""
    ranked = sorted(zip(foretold, kept, strict=True))
    rank_sum, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank_sum += sum(k for _, k in ranked[start:end]) * (start + end + 1) / 2
        start = end
    wins = sum(kept)
    return (rank_sum - wins * (wins + 1) / 2) / (wins * (len(kept) - wins))


def source(keep: dict[str, float], related: dict[str, float]) -> str:
    """The module with both tables."""
    parts = ['"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""']
    for name, table in (("P_KEEP", keep), ("P_RELATED", related)):
        lines = "".join(f'    "{key}": {value:.4f},\n' for key, value in table.items())
        parts.append(f"{name}: dict[str, float] = {{\n{lines}}}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
