"""What a command says of an experiment: which of its words belong to the code under trial, and which to the judge.

An argument belongs to the script that takes it. One of a script that experiments may change is a slot of the code's
state, an idea like any other; one of the judge is another arena, and so is a budget or a number of steps. Seeds, names
of outputs and the way in which Python is started say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from memorylab.core.lazily import pattern
from memorylab.core.reading.leaves import SUFFIXES, scalar
from memorylab.core.reading.slots import is_seed
from memorylab.core.runs import command_line
from memorylab.core.runs.command_line import Part, owns
from memorylab.tuples import NamedTuple

STEERING = "AUTORESEARCH_"
"""How variables begin that steer a run of autoresearch."""
SCRIPT = "script"
"""The slot that names what is run."""
_SILENT = frozenset(
    ("AUTORESEARCH_SUMMARY_PATH", "AUTORESEARCH_CHECKPOINT_PATH", "AUTORESEARCH_TIME_BUDGET", "AUTORESEARCH_DATA")
)
"""Where results go; and what the arena tells already."""
_LONGEST = 4_000
_MOST = 200

_SPENT = pattern(
    r"(?:(?:max|num|n|total|train|training|time|wall|wallclock|run|optimizer|global)_?)*"
    r"(?:steps?|iters?|iterations?|epochs?|budget|seconds|secs|minutes|mins|hours|tokens|updates|timesteps|limit)"
    r"(?:_(?:s|sec|secs|seconds|m|min|minutes|h|hours|limit|budget))?|max_(?:time|duration)|timeout|duration"
)
_MEASURED = pattern(r"device|split|data|dataset|data_(?:dir|path|root|file)|dataset_(?:name|path)|gpus?|benchmark")
_OUTPUT = pattern(
    r"(?:out|output|log|logs|save|tb|tensorboard|results?|summary|plot|wandb|mlflow|report)"
    r"(?:_(?:dir|path|file|folder|name|id|project|entity|group|mode|tags?|to|every|interval|level|freq))?"
    r"|(?:run|exp|experiment|project|job)_(?:name|id|tag)|(?:checkpoint|ckpt|run)_(?:dir|folder)|logdir|outdir|rundir"
    r"|verbose|quiet|v|o|progress|(?:no_)?(?:wandb|progress_?bar|tqdm|color)|notes?|description"
)
_PROCESSES = pattern(
    r"n|np|ntasks|nnodes|nodes|gpus?|num_(?:processes|gpus|machines|nodes)|nproc(?:_per_node)?|gres|hosts"
)


class Rules(NamedTuple):
    """What the settings say: the files of either side, and what MemoryLab can't know by itself."""

    mutable: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    """Arguments that make another arena, whatever script takes them."""
    environment: tuple[str, ...] = ()
    """Variables that do."""
    ignore: tuple[str, ...] = ()
    """Arguments, variables and slots that say nothing, beside seeds."""
    record: tuple[str, ...] = ()
    """Variables that steer a run here, beside those of autoresearch."""


class Told(NamedTuple):
    """What a command and its environment say."""

    slots: Mapping[str, Any] = {}
    """Arguments of the code under trial ("--lr"), and variables that steer it ("$NAME")."""
    arguments: str = ""
    """What makes another arena of it: arguments of the judge, budgets, numbers of steps."""
    environment: str = ""
    """The same of variables."""
    configs: tuple[str, ...] = ()
    """Configuration files that the code under trial is given."""
    own: tuple[str, ...] = ()
    """The slots that set something of the code under trial; what else is in `slots` only tells runs apart."""


def is_aside(bare: str) -> bool:
    """Whether a name, bare of signs and in lower case, is no idea: a seed, an output, a budget, what is measured on.

    >>> [name for name in ("lr", "max_steps", "seed", "log_dir", "device", "warmup_steps") if not is_aside(name)]
    ['lr', 'warmup_steps']
    """
    return _ignored(bare, ()) or any(kind.fullmatch(bare) for kind in (_SPENT, _MEASURED, _PROCESSES))


def spoken(words: Sequence[str]) -> str:
    """The command as one text, as a shell would take it; a program in it by its fingerprint, as code is kept."""
    import shlex

    return shlex.join(command_line.without_program(words))[:_LONGEST]


def read(words: Sequence[str], environment: Mapping[str, str], rules: Rules) -> Told:
    """Take a command apart, and what of its environment steers it."""
    slots: dict[str, Any] = {}
    arena: dict[str, Any] = {}
    variables = dict(environment)
    configs: list[str] = []
    mine: list[str] = []
    parts = command_line.parts(list(words)[:_MOST], (*rules.mutable, *rules.protected))
    for part in parts:
        variables |= part.variables
        own = owns(rules.mutable, part.script)
        judge = not own and owns(rules.protected, part.script)
        whose = f"{part.script} " if len(parts) > 1 and not own else ""
        arena |= {f"{whose}{name}": value for name, value in _processes(part.starter)}
        for name, value in command_line.arguments(part):
            bare = _bare(name)
            if _ignored(bare, rules.ignore):
                continue
            if judge or _named(bare, rules.arguments) or _SPENT.fullmatch(bare) or _MEASURED.fullmatch(bare):
                arena[f"{whose}{name}"] = value
                continue
            if isinstance(value, str) and value.lower().endswith(SUFFIXES):
                configs.append(value)
            slots[f"{whose}{name}"] = value
            mine += [name] if own else []
    run = " && ".join(part.script for part in parts)
    steering = _steering(variables, rules)
    around = {name: value for name, value in steering.items() if _another_arena(name, rules)}
    steers = {f"${name}": scalar(value) for name, value in steering.items() if name not in around}
    return Told(
        {**({SCRIPT: run} if run else {}), **slots, **steers},
        _line(arena),
        _line(around),
        tuple(dict.fromkeys(configs)),
        (*dict.fromkeys(mine), *steers),
    )


def recorded(environment: Mapping[str, str], rules: Rules) -> dict[str, str]:
    """The variables that a row keeps: those that steer the run, seeds too."""
    found = _steering(environment, rules)
    seeds = {name: value for name, value in environment.items() if name.startswith(STEERING) and is_seed(name)}
    return dict(sorted({**found, **seeds}.items())[:_MOST])


def scripts(words: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The scripts that a command runs, in order."""
    found = (part.script for part in command_line.parts(list(words)[:_MOST], (*rules.mutable, *rules.protected)))
    return tuple(dict.fromkeys(script for script in found if not script.startswith("-")))


def contrast(mine: Told, theirs: Told) -> tuple[str, ...]:
    """In what two commands differ, in words: "--lr 0.1 instead of 0.05"."""
    told = []
    for name in dict.fromkeys((*mine.slots, *theirs.slots)):
        if name in mine.slots and name in theirs.slots:
            if mine.slots[name] != theirs.slots[name]:
                told.append(f"{name} {_shown(mine.slots[name])} instead of {_shown(theirs.slots[name])}")
        elif name in mine.slots:
            told.append(_pair(name, mine.slots[name]))
        else:
            told.append(f"without {_pair(name, theirs.slots[name])}")
    for here, there in ((mine.arguments, theirs.arguments), (mine.environment, theirs.environment)):
        if here != there:
            differs = f"{here or 'nothing'} instead of {there}" if there else here
            told.append(f"{differs}, which makes another arena")
    return tuple(told)


def _processes(starter: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """How many processes a launcher is told to start."""
    if not command_line.launches(starter):
        return
    for name, value in command_line.arguments(Part((), "", tuple(starter), {})):
        if name.startswith("--") and _PROCESSES.fullmatch(_bare(name)) and value is not True:
            yield name, value


def _bare(name: str) -> str:
    return name.lstrip("-+$").replace("-", "_").lower()


def _named(bare: str, given: Iterable[str]) -> bool:
    return any(bare == _bare(name) for name in given)


def _ignored(bare: str, given: Iterable[str]) -> bool:
    return is_seed(bare) or _OUTPUT.fullmatch(bare) is not None or _named(bare, given)


# -- the environment


def _steering(variables: Mapping[str, str], rules: Rules) -> dict[str, str]:
    found = {
        name: value
        for name, value in variables.items()
        if ((name.startswith(STEERING) and name not in _SILENT) or name in (*rules.record, *rules.environment))
        and not _ignored_variable(name, rules.ignore)
    }
    return dict(sorted(found.items()))


def _ignored_variable(name: str, given: Iterable[str]) -> bool:
    return is_seed(name) or _named(_bare(name), given)


def _another_arena(name: str, rules: Rules) -> bool:
    bare = _bare(name.removeprefix(STEERING))
    spent = _SPENT.fullmatch(bare) or _MEASURED.fullmatch(bare)
    return name in rules.environment or (name not in rules.record and spent is not None)


def _line(pairs: Mapping[str, Any]) -> str:
    """Arguments or variables as one text, in an order of their own."""
    return " ".join(_pair(name, value) for name, value in sorted(pairs.items()))[:_LONGEST]


def _pair(name: str, value: Any) -> str:
    if value is True:
        return name
    return f"{_shown(value)}" if name.startswith("argument ") else f"{name} {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null"
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:80]
