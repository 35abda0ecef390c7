"""What taking secrets out of a text costs: of a training log, and of the worst texts, at two lengths.

Each worst text repeats one literal that a credential begins with, alone, joined with what its pattern reads on, or in
the forms that make careless patterns go back and forth. Linear means that ten times the text takes ten times as long.

    python benchmarks/redaction.py [--mb 10]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator

from memorylab.core.runs import redact
from memorylab.core.runs.secret_spans import literals


def training_log(size: int) -> str:
    """A log as upstream's train.py prints it."""
    dice = random.Random(1)
    line = (
        "step {:05d} ({:.1f}%) | loss: {:.6f} | lrm: 1.00 | dt: {}ms | tok/sec: {:,} | mfu: 40.1 | total_tokens: {}\n"
    )
    text = "".join(
        line.format(i, i / 800, dice.random() * 3, dice.randint(300, 400), dice.randint(10**6, 2 * 10**6), i << 19)
        for i in range(size // 100)
    )
    return text[:size]


def worst() -> Iterator[tuple[str, str]]:
    """Names of worst texts and the piece that each repeats."""
    for literal in literals():
        yield repr(literal), literal
        yield repr(literal + " "), literal + " "
        yield repr(literal + "=a"), literal + "=a"
        yield repr(literal) + ' + "', literal + '="'
        yield repr(literal) + " + 40 letters", literal + "aB" * 20 + "."
    for piece in (
        "password=",
        "password='",
        'token="<',
        'token="\\"',
        "password: \n",
        "a:b@",
        "://a:",
        "://a",
        "eyJ.",
        "eyJa-",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----\n",
        "AAAA\n-----END PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nA: b\n",
        "machine a login b ",
        "mysql a ",
        "docker login a ",
        "aws_secret_access_key -> ",
        "a_",
        "a-",
        "%3a%2f%2f%3a",
        "Authorization: Bearer ",
        "cookie: a=",
        "x" * 64,
        "\\" * 8,
        "\\n",
        "\x1b[32m",
        'username": "a", ',
        "secret_key: str | ",
        'token,token"',
        "\u0130token=",
    ):
        yield f"{piece!r:.40}", piece


def seconds(text: str) -> float:
    """The processor's time to redact a text."""
    begun = time.process_time()
    redact.secrets(text)
    return time.process_time() - begun


def main() -> None:
    """Print the log's time, and the worst texts by their time per megabyte."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=1.0, help="length of the longer worst texts (1)")
    parser.add_argument("--worst", type=int, default=12, help="how many of the slowest are shown (12)")
    args = parser.parse_args()
    size = int(args.mb * 1e6)
    redact.secrets(training_log(100_000))  # compiles the search
    print(f"training log of 8 MiB: {seconds(training_log(8 << 20)):.2f} s")
    found = []
    for name, piece in worst():
        short, long = (seconds((piece * (length // len(piece) + 1))[:length]) for length in (size // 10, size))
        found.append((long / args.mb, long / max(short, 1e-9), name))
    found.sort(reverse=True)
    print(f"{len(found)} worst texts; s/MB and the ratio of {args.mb:g} MB to a tenth of it:")
    for per_mb, ratio, name in found[: args.worst]:
        print(f"  {per_mb:7.3f}  {ratio:5.1f}  {name}")


if __name__ == "__main__":
    main()
