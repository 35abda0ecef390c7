"""Hostile command lines and requests, made from a number as `inputs` makes files."""

from __future__ import annotations

import random
import urllib.parse

from tests.faults import inputs

PATHS = [
    "nowhere",
    ".",
    "",
    "s.json",
    "train.py",
    "results",
    "\0",
    "x" * 300,
    "a/b/c",
    "é",
    "\udcff",
    "~nobody-here/x",
    "s.json/x",
]
"""No path leads out of the workspace: what is fuzzed may write."""


def words(chance: random.Random, options: dict[str, list[tuple[str, str]]]) -> list[str]:
    """A command line. `options` are the names of each command's options with the kind of value that they take."""
    command = chance.choice(list(options))
    found = [command]
    for name, kind in chance.sample(options[command], k=chance.randrange(min(6, len(options[command])) + 1)):
        if kind == "flag":
            found.append(name)
            continue
        if kind == "path" or name in ("--output", "--store", "--root", "--summary", "--log", "--from", "--diff"):
            value = chance.choice(PATHS)
        elif kind.startswith("choice:") and chance.random() < 0.7:
            value = chance.choice(kind[7:].split(","))
        else:
            value = str(inputs.odd(chance, 1)) if chance.random() < 0.7 else str(chance.choice(inputs.NUMBERS))
        value = value.replace("\0", "") if chance.random() < 0.9 else value
        if not name:
            found.append(value)
        elif chance.random() < 0.5:
            found.append(f"{name}={value}")
        else:
            found += [name, value]
    return found


def request(chance: random.Random, calls: list[tuple[str, str, list[tuple[str, list[str]]]]]) -> tuple[str, str, bytes]:
    """Method, address and body of a request. `calls` are methods and paths with their parameters and known values."""
    method, path, takes = chance.choice(calls)
    method = method if chance.random() < 0.93 else chance.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
    query = []
    for name, known in chance.sample(takes, k=chance.randrange(min(5, len(takes)) + 1)):
        value = chance.choice(known) if known and chance.random() < 0.5 else str(inputs.odd(chance, 1))
        query.append(f"{name}={urllib.parse.quote(value.encode('utf-8', 'surrogatepass'))}")
    if chance.random() < 0.1:
        query.append(
            chance.choice(["%", "%ff%fe", "a[b]=c", "&&&==", "limit=%00", "id=%ed%a0%80", "after=" + "9" * 400])
        )
    if chance.random() < 0.05:
        path = chance.choice(
            [path + "/x", path.upper(), path + "%2e%2e", "/static/../app.js", "/static/%2e%2e%2fapp.py", "//x", "/%00"]
        )
    body = {
        "description": "halve DEPTH",
        "tags": ["a"],
        "patch": inputs.diff(chance).decode("utf-8", "replace"),
        "mode": "exploit",
    }
    return method, path + ("?" + "&".join(query) if query else ""), inputs.encoded(chance, inputs.changed(chance, body))
