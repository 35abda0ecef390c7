"""Takes the pictures of docs/img from a workspace, so that they show what a reader of that night would see.

    python tools/pictures.py WORKSPACE

Needs the extras web, plots and dev, and Chromium (or CHROMIUM=/path/to/it). The report is written anew; the run that is
shown is the champion.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[1]
IMAGES = REPOSITORY / "docs" / "img"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
SETTLED_MS = 900
"""After which a live page has had its first news."""


def main() -> int:
    """Write the pictures, and say how large each is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="directory with a memory to show")
    root = parser.parse_args().workspace.resolve()
    if CHROMIUM is None:
        raise SystemExit("error: no Chromium; hint: apt-get install chromium, or set CHROMIUM=/path/to/it")
    ask(root, "report")
    report = (root / "results" / "memorylab" / "reports" / "latest.html").as_uri()
    champion = ask(root, "best")["champion"]["run_id"]
    words = [sys.executable, str(REPOSITORY / "memorylab.py"), "serve", "--port", "0", "--json", "--root", str(root)]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        address = json.loads(server.stdout.readline())["address"]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            shoot(browser, "report-light", report, (1200, 1060))
            shoot(browser, "report-dark", report, (1200, 1060), scheme="dark")
            shoot(browser, "overview", address, (1280, 1060))
            shoot(browser, "run", f"{address}run?id={champion}", (1280, 1440))
            shoot(browser, "phone", address, (390, 844), scheme="dark", scale=2)
            browser.close()
    finally:
        server.terminate()
        server.wait(20)
    return 0


def ask(root: Path, *words: str) -> dict[str, dict[str, str]]:
    """The JSON answer of a MemoryLab command."""
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), *words, "--json", "--root", str(root)]
    found: dict[str, dict[str, str]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def shoot(
    browser: Browser,
    name: str,
    address: str,
    size: tuple[int, int],
    *,
    scheme: Literal["light", "dark"] = "light",
    scale: float = 1.0,
) -> None:
    """The first screen of a page, in 256 colours: a third of the bytes, and no difference to the eye."""
    viewport = {"width": size[0], "height": size[1]}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, device_scale_factor=scale)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_timeout(SETTLED_MS)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    context.close()
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    raise SystemExit(main())
