"""The dashboard shows one campaign; a run of another, to which the guard leads, is told by its own metric."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memorylab.lab import open_lab
from memorylab.lab.context import Context
from memorylab.lab.window import Window
from tests.web.site import Reader

IDEA = "raise MATRIX_LR to 0.05"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    lab = open_lab(tmp_path, environment={})
    lab.init()
    row = {"run_id": "20260101T000000Z-aaaaaaa", "status": "discard", "description": IDEA, "tags": []}
    packet = {"next_action": "abandon", "summary": "It lost.", "comparison": {"metric": "val_bpb"}}
    arena = {"metric": "val_bpb", "direction": "min"}
    lab.context.ledger.append([{**row, "metrics": {"val_bpb": 1.5}, "arena": arena, "decision_packet": packet}])
    lab.init(campaign="speed", metric="tokens", direction="max")
    arena = {"metric": "tokens", "direction": "max", "campaign": "speed"}
    own = {"run_id": "20260102T000000Z-bbbbbbb", "status": "keep", "description": "baseline", "tags": []}
    lab.context.ledger.append([{**own, "metrics": {"tokens": 7.0}, "arena": arena}])
    opened = Reader(tmp_path, open_window=lambda: Window(Context.open(tmp_path, "speed")))
    yield opened
    opened.close()


def test_lists_and_overview_are_about_the_campaign(reader: Reader) -> None:
    assert "tokens (higher is better), campaign speed" in reader.text("/")
    assert IDEA not in reader.text("/runs") and "baseline" in reader.text("/runs")


def test_a_run_of_another_campaign_is_told_by_its_own_metric(reader: Reader) -> None:
    page = reader.text("/run?id=20260101T000000Z-aaaaaaa")
    assert "It belongs to the campaign default" in page and "1.500000" in page
    assert 'val_bpb <span class="sub">lower is better' in page and "tokens" not in page


def test_checking_an_idea_leads_to_what_another_campaign_tried(reader: Reader) -> None:
    page = reader.text("/check?description=MATRIX_LR+0.05")
    assert "<dt>elsewhere</dt>" in page and "in campaign default by val_bpb" in page
    assert "/run?id=20260101T000000Z-aaaaaaa" in page
