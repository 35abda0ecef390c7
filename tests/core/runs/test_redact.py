from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs.redact import plain, secrets

FAKE = "a1B2" * 10


@pytest.mark.parametrize(
    "line",
    [
        f"HF_TOKEN=hf_{FAKE}",
        f"export OPENAI_API_KEY='sk-proj-{FAKE}'",
        f"Authorization: Bearer {FAKE}",
        f"git clone https://user:{FAKE}@example.org/x.git",
        f'{{"password": "{FAKE}"}}',
        f"wandb api_key={FAKE}",
        f"ghp_{FAKE}",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{FAKE}\n-----END OPENSSH PRIVATE KEY-----",
    ],
)
def test_credentials_are_taken_out(line: str) -> None:
    assert FAKE not in secrets(line)
    assert "[redacted]" in secrets(line)


@pytest.mark.parametrize(
    "line",
    [
        "step 00042 (12.3%) | loss: 3.456789 | tok/sec: 12,345",
        "total_tokens_M:   499.6",
        "token embedding lr 0.6 -> 0.8",
        "see https://example.org/a:b/c",
        "key: value, tokens: 12345678901234",
        "num_tokens=131072000 secret sauce",
        "commit 9e9bd44a0b1c2d3e4f5061728394a5b6c7d8e9f0",
    ],
)
def test_what_a_training_log_says_stays(line: str) -> None:
    assert secrets(line) == line


def test_escapes_and_direction_marks_are_taken_out_of_shown_text() -> None:
    assert plain("a\x1b]0;title\x07b\x1b[2Jc\u202edef\x9b31mg") == "abcdef31mg"
    assert plain("one\ntwo\tthree") == "one two three"


@given(st.text())
def test_shown_text_is_one_line_without_control_characters_and_plain_is_stable(text: str) -> None:
    shown = plain(text)
    assert all(c.isprintable() or c == " " or ord(c) > 0x9F for c in shown)
    assert plain(shown) == shown
