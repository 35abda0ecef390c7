"""Hostile inputs: 50,000 of them made from numbers, heavy ones of a megabyte, and files that never end."""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.faults import heavy, inputs, inside, oracle, typed
from tests.faults.scenarios import night, rows
from tests.faults.stage import Done, Stage
from tests.faults.sweeps import Trial

if TYPE_CHECKING:
    from tests.web.site import Reader

SECONDS, MEGABYTES = 2.0, 300.0
"""What any command may take with an input of at most 1 MB: processor seconds, and memory at its peak."""
_CHECK = ("check", "--description", "raise MATRIX_LR from 0.04 to 0.05")
_LOG = ("log", "--description", "an idea", "--status", "auto")
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ledger": (
        ("history", "--json", "--limit", "1000"),
        _CHECK,
        ("verify",),
        ("report", "--format", "md"),
        ("show", "good 1"),
        ("knobs",),
        ("export", "--format", "csv"),
        ("best", "--json"),
        ("replay", "results/memorylab/experiments.jsonl"),
        ("verify", "--repair"),
        ("search", "matrix"),
        (*_LOG, "--summary", "s.json"),
    ),
    "table": (("replay", "{input}"), ("import", "{input}")),
    "log": (
        (*_LOG, "--log", "{input}", "--skip-archive"),
        ("log", "--description", "x", "--status", "crash", "--log", "{input}"),
    ),
    "sidecar": ((*_LOG, "--summary", "{input}", "--skip-archive"), (*_LOG, "--summary", "{input}")),
    "diff": (("check", "--diff", "{input}"), ("check", "--description", "DEPTH 8 to 9", "--diff", "{input}", "--json")),
    "toml": (("history",), _CHECK, ("verify",), ("best",), ("init",)),
}
"""What is done with each kind of input, in turn."""
COUNTS = {"ledger": 9_000, "table": 8_000, "log": 4_000, "sidecar": 4_000, "diff": 8_000, "toml": 8_000}
WORDS, REQUESTS = 6_000, 3_000
LOUD = {"run", "serve", "noise", "watch"}
"""Commands that would execute something or stay; their values are covered by the tests of their options."""


class Kind(NamedTuple):
    """As in `__main__`, without what is the same for all."""

    plan: Callable[[Stage], Iterator[Trial]]
    about: str
    quick: int
    needs: Callable[[], str] = lambda: ""


def _files(kind: str) -> Callable[[Stage], Iterator[Trial]]:
    def plan(_: Stage) -> Iterator[Trial]:
        for n in range(COUNTS[kind]):
            command = COMMANDS[kind][n % len(COMMANDS[kind])]
            yield Trial(
                kind, " ".join(command[: 1 + command[1:2][0].startswith("--re") if command[1:] else 1]), "seed", n
            )

    return plan


def _words(_: Stage) -> Iterator[Trial]:
    return (Trial("words", "any command", "seed", n) for n in range(WORDS))


def _requests(_: Stage) -> Iterator[Trial]:
    return (Trial("requests", "serve", "seed", n) for n in range(REQUESTS))


def _heavy(_: Stage) -> Iterator[Trial]:
    for name, (_build, commands) in heavy.INPUTS.items():
        for n, command in enumerate(commands):
            yield Trial("heavy", command[0], name, n)


def _endless(_: Stage) -> Iterator[Trial]:
    for n, command in enumerate(heavy.READERS):
        for name in heavy.ENDLESS:
            yield Trial("endless", command[0], name, n)
    for n, command in enumerate(heavy.WRITERS):
        for name in heavy.PLACES:
            yield Trial("endless", f"{command[0]} --output", name, n)


def _web() -> str:
    try:
        import httpx  # noqa: F401

        import memorylab.web.app  # noqa: F401
    except ImportError as error:
        return f"no {error.name}"
    return ""


KINDS: dict[str, Kind] = {
    **{kind: Kind(_files(kind), f"a hostile {kind}", 36) for kind in inputs.FILES},
    "words": Kind(_words, "values on the command line", 100),
    "requests": Kind(_requests, "requests by the OpenAPI document, and pages", 100, _web),
    "heavy": Kind(_heavy, f"1 MB: at most {SECONDS:.0f} s and {MEGABYTES:.0f} MB", 6),
    "endless": Kind(_endless, "pipes, devices, sparse files, links", 14),
}


def attempt(stage: Stage, trial: Trial) -> list[str]:
    """Do it, and return what is wrong with what came of it."""
    match trial.kind:
        case "words":
            return _typed(stage, trial)
        case "requests":
            return _asked(stage, trial)
        case "heavy":
            return _weighed(stage, trial)
        case "endless":
            return heavy.endless(stage, trial.fault, trial.n, trial.command.endswith("--output"))
        case "ledger":
            return _remembered(stage, trial)
        case _:
            return _handed_in(stage, trial)


def _settled(stage: Stage) -> None:
    """The workspace as `night` made it; put back only where something was written."""
    global _before
    if _before is None or inside.tree(stage) != _before:
        night(stage)
        inside.call(stage, "history")
        _before = inside.tree(stage)


_before: dict[str, tuple[int, int]] | None = None


def _judged(stage: Stage, words: Sequence[str], done: Done, *codes: int) -> list[str]:
    """How it ended; and that a refusal wrote nothing, unless it was `verify`, which repairs what it can first."""
    found = list(oracle.clear(words, done, *codes))
    if done.cpu_s > SECONDS:
        found.append(f"it took {done.cpu_s:.1f} s")
    now = inside.tree(stage)
    if (
        done.code != 0
        and words[0] != "verify"
        and now != _before
        and (changed := sorted(set(now.items()) ^ set((_before or {}).items())))
    ):
        found.append(f"refused, but written: {changed[0][0]}")
    return found


def _handed_in(stage: Stage, trial: Trial) -> list[str]:
    global _before
    _settled(stage)
    data = inputs.FILES[trial.kind](random.Random(trial.n))
    path = stage.lab / ("memorylab.toml" if trial.kind == "toml" else "input")
    whole = path.read_bytes() if path.exists() else None
    path.write_bytes(data)
    _before = inside.tree(stage)
    words = COMMANDS[trial.kind][trial.n % len(COMMANDS[trial.kind])]
    done = inside.call(stage, *(word.replace("{input}", "input") for word in words))
    found = _judged(
        stage, words, done, 0, 1, *([2] if trial.kind == "diff" else []), *([64] if words == ("init",) else [])
    )
    if whole is not None:
        path.write_bytes(whole)
        _before = None if done.code == 0 else inside.tree(stage)
    return found


def _remembered(stage: Stage, trial: Trial) -> list[str]:
    """An odd line costs that line: the sound ones beside it are there for every command."""
    global _before
    _before = None
    night(stage)
    data = inputs.ledger(random.Random(trial.n))
    stage.ledger.write_bytes(data)
    words = COMMANDS["ledger"][trial.n % len(COMMANDS["ledger"])]
    done = inside.call(stage, *words)
    newer = "newer" in done.err + done.out
    found = list(oracle.clear(words, done, 0, *([1] if newer or words[0] == "verify" else [])))
    if done.cpu_s > SECONDS:
        found.append(f"it took {done.cpu_s:.1f} s")
    if words[0] == "history" and done.code == 0:
        listed = [run["run_id"] for run in json.loads(done.out)]
        found += [f"{name} isn't listed" for name in ("good 0", "good 1") if name not in listed]
    if words[0] == "log" and done.code == 0 and rows(stage)[-1].get("description") != "an idea":
        found.append("exit 0, but it isn't recorded")
    if words[0] == "verify" and len(words) == 2 and not newer:
        found += [f"after the repair: {told}" for told in oracle.clear(("history",), inside.call(stage, "history"), 0)]
    return found


def _typed(stage: Stage, trial: Trial) -> list[str]:
    _settled(stage)
    words = typed.words(random.Random(trial.n), _options())
    done = inside.call(stage, *words, stdin=inputs.diff(random.Random(trial.n)))
    return [f"{told} ({words!r})" for told in _judged(stage, words, done, 0, 1, 2, 64)]


def _options() -> dict[str, list[tuple[str, str]]]:
    """The options of every command, with the kind of value each takes."""
    global _known
    if not _known:
        from memorylab.cli import COMMANDS as ALL
        from memorylab.cli import build_parser

        for name in ALL:
            if name not in LOUD:
                choices: Any = next(a for a in build_parser([name])._actions if a.dest == "command_name").choices
                _collect(name, choices[name])
    return _known


_known: dict[str, list[tuple[str, str]]] = {}


def _collect(name: str, parser: argparse.ArgumentParser) -> None:
    found = []
    for action in parser._actions:
        if action.dest in ("help", "debug") or isinstance(action, argparse._SubParsersAction):
            continue
        if action.nargs == 0:
            kind = "flag"
        elif action.choices:
            kind = f"choice:{','.join(map(str, action.choices))}"
        else:
            kind = "path" if getattr(action.type, "__name__", "") == "path" else "text"
        found.append((action.option_strings[-1] if action.option_strings else "", kind))
    _known[name] = found


# -- requests


_reader: Reader | None = None
_calls: list[tuple[str, str, list[tuple[str, list[str]]]]] = []


def _asked(stage: Stage, trial: Trial) -> list[str]:
    global _reader
    from tests.web import site

    if _reader is None:
        _reader = site.Reader(site.workspace(stage.home / "site", site.night(60)))
        _calls.extend(_addresses(_reader))
    method, address, body = typed.request(random.Random(trial.n), _calls)
    began = time.process_time()
    try:
        with inside.watched():
            sent = {"content": body, "headers": {"content-type": "application/json"}} if method == "POST" else {}
            answer = _reader.ask(method, address, **sent)
    except inside.Hang:
        return [f"no answer to {method} {address}"]
    found = []
    if answer.status_code >= 500:
        found.append(f"{answer.status_code} for {method} {address[:200]} {body[:200]!r}: {answer.text[:200]}")
    if "content-security-policy" not in answer.headers:
        found.append(f"no content security policy: {answer.status_code} for {method} {address[:200]}")
    if (took := time.process_time() - began) > SECONDS:
        found.append(f"{took:.1f} s for {method} {address[:200]}")
    if address.startswith("/api/") and method in ("GET", "POST") and "?" not in address.partition("/api/")[2][:1]:
        found += _told(answer.status_code, answer.text, f"{method} {address[:200]}")
    return found


def _told(status: int, text: str, asked: str) -> Iterator[str]:
    try:
        document = json.loads(text)
    except ValueError:
        yield f"no JSON ({status}) for {asked}: {text[:100]!r}"
        return
    if status >= 400 and not (isinstance(document, dict) and document.get("error") and "hint" in document):
        yield f"{status} without a reason for {asked}"


def _addresses(reader: Reader) -> Iterator[tuple[str, str, list[tuple[str, list[str]]]]]:
    """What the OpenAPI document lists, and the pages with the same parameters."""
    from memorylab.web.pages import Site
    from memorylab.web.templating import Pages

    document = reader.json("/api/openapi.json")
    listed: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            takes = [(p["name"], p["schema"].get("enum", [])) for p in about.get("parameters", [])]
            listed.update(takes)
            if path != "/api/events":  # it never ends
                yield method.upper(), path, takes
    for page in (*Site(Pages()).paths, "/archive"):
        yield "GET", page, [*listed.items(), ("file", ["run.log", "train.patch"])]


# -- a megabyte


def _weighed(stage: Stage, trial: Trial) -> list[str]:
    """In a process of its own, whose memory is measured."""
    night(stage)
    build, commands = heavy.INPUTS[trial.fault]
    stdin = build(stage)
    done = stage.call(*commands[trial.n], stdin=stdin or b"", space=4 << 30)
    found = list(oracle.clear(commands[trial.n], done, 0, 1, 2, 64))
    if done.cpu_s > SECONDS:
        found.append(f"it took {done.cpu_s:.1f} s")
    if done.peak_mb > MEGABYTES:
        found.append(f"it took {done.peak_mb:.0f} MB")
    return found
