"""What the columns of a foreign experiment table mean, told from their names and from a sample of their cells.

The names are data, gathered from experiment tables found in the wild; nothing here reads a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from memorylab.adapters.table_cells import MISSING, counts, is_commit, is_numeric, number, share
from memorylab.core.runs.verdicts import of_switch, verdict
from memorylab.records import Direction
from memorylab.tuples import NamedTuple

CANONICAL: Final = ("commit", "val_bpb", "memory_gb", "status", "description")

_COMMIT: Final = ("commit", "commit_hash", "commit_sha", "git_commit", "sha", "git_sha", "hash", "git_hash", "revision")
_LABEL: Final = (
    *("exp_id", "experiment_id", "run_id", "id", "experiment", "exp", "run", "run_name", "name", "variant"),
    *("config_id", "iteration", "iter", "trial", "round", "generation", "index", "idx", "no", "num", "tag"),
)
_STATUS: Final = (
    *("status", "final_status", "decision", "verdict", "kept", "outcome", "result", "state", "action", "accepted"),
    *("keep", "provisional_status", "correctness", "promoted"),
)
_SWITCHES: Final = (
    *("kept", "keep", "accepted", "accept", "is_kept", "is_accepted", "was_kept", "is_best", "best_so_far", "new_best"),
    *("improved", "is_improvement", "promoted"),
)
"""Columns that say by a truth or a number whether a run was kept."""
_DESCRIPTION: Final = (
    *("description", "desc", "idea", "change", "changes", "hypothesis", "title", "summary", "message", "notes", "note"),
    *("comment", "comments", "details", "name", "variant", "experiment", "reason", "tag", "run_name"),
)
_PROSE: Final = ("description", "desc", "idea", "hypothesis", "title", "message", "notes", "note", "comment")
_METRIC: Final = (
    *("val_bpb", "final_val_bpb", "post_quant_val_bpb", "quantized_val_bpb", "best_val_bpb", "val_bpc", "val_loss"),
    *("final_val_loss", "val_ppl", "val_perplexity", "val_rmse", "val_fid", "val_map50_95", "val_accuracy", "val_acc"),
    *("metric", "score", "primary_metric", "summary_metric", "metric_after", "metric_value", "objective", "fitness"),
    *("value", "val", "loss"),
)
_LONG_NAME: Final = ("metric", "metric_name", "primary_metric", "measure")
_LONG_VALUE: Final = ("value", "metric_value", "score", "result", "val")
_OTHERS: Final = ("memory_gb", "timestamp", "date", "seed")
# "keep" is more often a cell than a name, and doesn't make a header.
_KNOWN: Final = frozenset((*_COMMIT, *_LABEL, *_STATUS, *_DESCRIPTION, *_METRIC, *_OTHERS)) - {"keep"}

# Words of column names. No metric is what was put in, what it cost, what it is compared with.
_MEMORY: Final = "memory mem vram"
_NO_METRIC: Final = """
    memory mem vram ram time duration wallclock timestamp date seconds secs hours minutes sec s ms us ns steps step
    epoch epochs iter iters iteration iterations exp id seed params param num n count bytes byte size mb gb kb mib gib
    batch lr wd mfu cost usd exit code lines depth width layers heads dim budget tokens tok delta tax before baseline
    control parent prev previous target lambda tau alpha beta threshold artifact k pid rank diff decay warmup dropout
    momentum temperature index idx no trial round run pct percent
"""
_LOWER: Final = """
    loss bpb bpc rmse mse mae mape fid latency ppl perplexity error errors err wer cer nll entropy brier regret ms us
    ns time seconds secs duration cost gap kl
"""
_HIGHER: Final = """
    acc accuracy score elo tflops gflops flops tps qps fps profit pnl map auc auroc f1 precision recall sharpe reward
    return returns psnr ssim bleu rouge rate r2 ndcg speedup throughput performance hypervolume enrichment mfu iou dice
    mrr wins success fitness
"""
_WORK: Final = "tok toks token tokens it iters steps step samples img images req requests"
_SECONDS: Final = ("s", "sec", "second")

_NAME: Final = re.compile(r"[\w .%/()#↓↑^@+:-]{1,48}")


class Columns(NamedTuple):
    """Which column holds what, by position; None where the table has no such column."""

    names: tuple[str, ...]
    commit: int | None
    label: int | None
    status: int | None
    metric: int | None
    metric_names: int | None  # long format: the column that says which metric the row holds
    memory: int | None
    memory_per_gb: float  # divide by this to get GB
    descriptions: tuple[int, ...]  # the first that isn't empty is the description
    numeric: tuple[int, ...]
    text: tuple[int, ...]  # the columns without a part of their own
    switch: bool = False  # the verdicts are truths, or ones and zeros
    states: tuple[int, ...] = ()  # beside a switch: the columns that say how a run ended


def plain(name: str) -> str:
    """A column name in one spelling: "Val BPB ↓" is "val_bpb"."""
    return re.sub(r"[^0-9a-z]+", "_", name.casefold()).strip("_")


def is_header(cells: Sequence[str]) -> bool:
    """Whether the cells are column names: no number, no commit, and at least two names that tables really have."""
    if len(cells) < 2 or not all(_NAME.fullmatch(cell) for cell in cells if cell):
        return False
    known = sum(plain(cell) in _KNOWN for cell in cells)
    return known >= 2 and not any(_is_data(cell) for cell in cells if cell)


def _is_data(cell: str) -> bool:
    return number(cell) is not None or is_commit(cell) or cell.casefold() in MISSING


def is_known_name(cell: str) -> bool:
    """Whether a cell is a column name that tables really have; quick, asked of every row."""
    return cell.casefold() in _KNOWN


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """The names with a number behind those that come again or are empty, so that each can be a key."""
    times: dict[str, int] = {}
    found: dict[str, None] = {}
    for position, name in enumerate(names, start=1):
        key = base = name or f"column {position}"
        while key in found:
            times[base] = times.get(base, 1) + 1
            key = f"{base} {times[base]}"
        found[key] = None
    return tuple(found)


def direction_by_name(name: str) -> Direction | None:
    """Whether less or more is better, by the name of the metric; None where the name doesn't say.

    >>> direction_by_name("val_bpb"), direction_by_name("decode_tok_s"), direction_by_name("metric")
    ('min', 'max', None)
    """
    spelled = plain(name)
    if "↓" in name or "lower_is_better" in spelled:
        return "min"
    if "↑" in name or "higher_is_better" in spelled:
        return "max"
    words = re.findall(r"f1|r2|[a-z]+", spelled)
    if _is_throughput(words):
        return "max"
    if _shares(words, _LOWER):
        return "min"
    return "max" if _shares(words, _HIGHER) else None


def infer_names(sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Column names for a table without a header, from the shape of its first rows.

    Five columns of which the fourth holds verdicts are the canonical ones; otherwise the verdict column, the commits,
    a counter and the longest text get their names, the first other number is the metric, the rest is "column N".
    """
    width = _usual_width(sample)
    columns = [[row[i] for row in sample if len(row) == width] for i in range(width)]
    verdicts = [share(column, lambda cell: verdict(cell) is not None) for column in columns]
    status = max(range(width), key=lambda i: verdicts[i], default=None)
    if status is None or verdicts[status] < 0.5:
        status = None
    if width == len(CANONICAL) and status == CANONICAL.index("status"):
        return CANONICAL
    names = [f"column {i + 1}" for i in range(width)]
    open_ = [i for i in range(width) if i != status]
    numeric = [i for i in open_ if is_numeric(columns[i])]
    commit = next((i for i in open_ if share(columns[i], is_commit) >= 0.5), None)
    counter = next((i for i in numeric if i != commit and counts(columns[i])), None)
    metric = next((i for i in numeric if i not in (commit, counter)), None)
    texts = [i for i in open_ if i not in (commit, counter) and i not in numeric]
    description = max(texts, key=lambda i: sum(map(len, columns[i])), default=None)
    parts = {"status": status, "commit": commit, "iteration": counter, "metric": metric, "description": description}
    for name, position in parts.items():
        if position is not None:
            names[position] = name
    return tuple(names)


def choose_columns(names: Sequence[str], sample: Sequence[Sequence[str]], metric: str | None) -> Columns:
    """What each column is for. `metric` names the metric column; unknown names leave the choice to the table."""
    spelled = [plain(name) for name in names]
    width = len(names)
    rows = [row for row in sample if len(row) == width] or [[*row, *[""] * width][:width] for row in sample]
    columns = [[row[i] for row in rows] for i in range(width)]
    commit = next(iter(_named(spelled, _COMMIT)), None)
    memory = next((i for i, name in enumerate(spelled) if _shares(name.split("_"), _MEMORY)), None)
    status, switch = _status(spelled, columns, commit)
    label = next((i for i in _named(spelled, _LABEL) if i not in (commit, status)), None)
    taken = {commit, status}
    free = [i for i in range(width) if i not in taken and i != label]
    metrics = {*_METRIC, plain(metric or "")}
    numeric = [i for i in free if spelled[i] not in _PROSE and is_numeric(columns[i], spelled[i] in metrics)]
    judged = [row for row in rows if status is None or verdict(row[status]) != "crash"] or rows
    counters = [] if metric is not None else [i for i in numeric if counts(columns[i])]
    measured = {i: sum(bool(number(row[i])) for row in judged) for i in numeric if i not in counters}
    chosen = _metric(spelled, names, measured, metric)
    free = [i for i in free if i not in numeric]
    named = next((i for i in _named(spelled, _LONG_NAME) if i in free), None)
    if chosen is None and named is not None and metric in columns[named]:
        chosen = next((i for i in numeric if spelled[i] in _LONG_VALUE), None)
    long = named if chosen is not None and spelled[chosen] in _LONG_VALUE else None
    descriptions = _descriptions(spelled, columns, [i for i in free if i != long], label)
    return Columns(
        *(tuple(names), commit, label, status, chosen, long, memory, _memory_unit(spelled, memory), descriptions),
        *(tuple(numeric), tuple(i for i in free if i not in descriptions[:1])),
        switch,
        tuple(i for i in _named(spelled, _STATUS) if i != status and spelled[i] not in _SWITCHES) if switch else (),
    )


def _descriptions(spelled: list[str], columns: list[list[str]], free: list[int], label: int | None) -> tuple[int, ...]:
    """The columns of text by name; where none but the label has such a name, first the one with the longest text."""
    named = [i for i in _named(spelled, _DESCRIPTION) if i in free]
    titles = (label,) if label is not None and spelled[label] in _DESCRIPTION else ()
    if not named:
        free = [i for i in free if spelled[i] not in _OTHERS]
        prose = [i for i in free if share(columns[i], lambda cell: " " in cell) >= 0.5] or (free if not titles else [])
        named = [max(prose, key=lambda i: sum(map(len, columns[i])))] if prose else []
    return (*named, *titles)


def _metric(spelled: list[str], names: Sequence[str], measured: dict[int, int], wanted: str | None) -> int | None:
    """The metric's column: the one asked for, a well-known name, a validation value, the first number that may be.

    `measured` says for each numeric column in how many of the runs that didn't crash it holds more than a zero.
    """
    if wanted is not None:
        return next((i for i in measured if wanted in (names[i], spelled[i]) or plain(wanted) == spelled[i]), None)
    # A column that is empty or zero in most rows is not what the runs were judged by, whatever its name.
    enough = max(measured.values(), default=0) / 2
    usable = [i for i, count in measured.items() if count >= enough]
    words = {i: spelled[i].split("_") for i in usable}
    fit = [i for i in usable if _is_throughput(words[i]) or not _shares(words[i], _NO_METRIC)]
    tiers = (
        [i for i in _named(spelled, _METRIC) if i in usable],
        [i for i in fit if "val" in words[i]],
        fit,
        [i for i in usable if "latency" in words[i] or "time" in words[i]],
        [i for i in usable if not _shares(words[i], "seed id step epoch")],
    )
    return next((tier[0] for tier in tiers if tier), None)


def _status(spelled: list[str], columns: list[list[str]], commit: int | None) -> tuple[int | None, bool]:
    """The verdict column: the first by name whose cells are verdicts, else by name, else by its cells alone.

    And whether it is a switch: one without an answer, as of a run that goes on, is none the less.
    """
    named = [i for i in _named(spelled, _STATUS) if not is_numeric(columns[i])]
    shares = {i: share(columns[i], lambda cell: verdict(cell) is not None) for i in named}
    switches = [
        i for i in _named(spelled, _SWITCHES) if share(columns[i], lambda cell: of_switch(cell) is not None) > 0.5
    ]
    told = [i for i in named if i not in switches and shares[i] >= 0.5 and _differ(columns[i])]
    if switches and not told:
        return switches[0], True
    best = max(named, key=lambda i: shares[i], default=None)
    if best is not None:
        return next((i for i in named if shares[i] >= 0.5), best if shares[best] else named[0]), False
    others = [i for i in range(len(columns)) if i != commit and spelled[i] not in _DESCRIPTION]
    words = ("keep", "kept", "discard", "revert", "crash", "reject")
    return next((i for i in others if share(columns[i], lambda cell: _is_outright(cell, words)) >= 0.5), None), False


def _differ(column: list[str]) -> bool:
    """Whether a column tells more than how runs ended: that one was kept, in this word, or that one was not."""
    found = {verdict(cell) for cell in column}
    return "keep" in found and ("discard" in found or any(_is_outright(cell, ("keep", "kept")) for cell in column))


def _is_outright(cell: str, words: tuple[str, ...]) -> bool:
    return " " not in cell and cell.casefold().startswith(words)


def _memory_unit(spelled: list[str], memory: int | None) -> float:
    words = spelled[memory].split("_") if memory is not None else []
    if "mb" in words or "mib" in words:
        return 1024.0
    return 1024.0**3 if "bytes" in words else 1.0


def _named(spelled: list[str], wanted: Iterable[str]) -> list[int]:
    return [spelled.index(name) for name in wanted if name in spelled]


def _usual_width(sample: Sequence[Sequence[str]]) -> int:
    widths = [len(row) for row in sample]
    return max(set(widths), key=widths.count, default=0)


def _is_throughput(words: Sequence[str]) -> bool:
    """Work per second: "tok_per_sec", "decode_tok_s"; "tokens" alone is a count."""
    return _shares(words, _WORK) and words[-1] in _SECONDS


def _shares(words: Iterable[str], listed: str) -> bool:
    return not set(listed.split()).isdisjoint(words)
