"""The training loop on a CPU: a few real steps, what they report, and what a failing run leaves behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

import prepare

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch warns that numpy is missing
    torch = pytest.importorskip("torch")
    import train

ROOT = Path(train.__file__).parent
KEYS = ["val_bpb", "training_seconds", "total_seconds", "peak_vram_mb", "mfu_percent", "total_tokens_M", "num_steps"]
KEYS += ["num_params_M", "depth", "device", "data_sha", "seed", "time_budget", "budget_share"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of 120 kB, with less to evaluate on than there is."""
    folder = tmp_path_factory.mktemp("data")
    text = folder / "text.txt"
    sentence = "the {} model {} reads {} tokens, and {} loss falls by {} percent.\n"
    text.write_text("".join(sentence.format(*(f"{(i * k) % 97}" for k in (1, 3, 7, 11, 13))) for i in range(2000)))
    prepare.prepare_sample(folder / "corpus", text)
    return folder / "corpus"


@pytest.fixture
def corpus(data: Path) -> prepare.Corpus:
    return prepare.Corpus(data)


@pytest.fixture
def summary(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model, four steps, one thread; the path of the summary."""
    path = tmp_path / "new" / "summary.json"
    for name, value in {
        "DATA": data,
        "SUMMARY_PATH": path,
        "MAX_STEPS": 4,
        "THREADS": 1,
        "TIME_BUDGET": 5,
    }.items():
        monkeypatch.setenv(f"AUTORESEARCH_{name}", str(value))
    for knob, value in {"DEPTH": 2, "ASPECT_RATIO": 32, "HEAD_DIM": 32, "TOTAL_BATCH_SIZE": 1024}.items():
        monkeypatch.setattr(train, knob, value)
    monkeypatch.setattr(train, "DEVICE_BATCH_SIZE", 2)
    monkeypatch.setattr(train, "CUDA", False)
    return path


def small_model(corpus: prepare.Corpus, **changes: Any) -> train.GPT:
    torch.manual_seed(0)
    shape: dict[str, Any] = {"depth": 2, "width": 64, "head_dim": 32, "window_pattern": "SL", "softcap": 15.0}
    config = {"seq_len": corpus.profile.max_seq_len, "vocab_size": corpus.profile.vocab_size, **shape, **changes}
    return train.GPT(train.GPTConfig(**config))


def result(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


# Whole runs


def test_the_script_prints_upstreams_block_and_the_sidecar_says_the_same(data: Path, tmp_path: Path) -> None:
    sidecar = tmp_path / "deep" / "summary.json"
    env = {
        **os.environ,
        "AUTORESEARCH_DATA": str(data),
        "AUTORESEARCH_SUMMARY_PATH": str(sidecar),
        "AUTORESEARCH_TIME_BUDGET": "0.5",
        "CUDA_VISIBLE_DEVICES": "",
    }
    command = [sys.executable, str(ROOT / "train.py")]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    progress, block = done.stdout.decode().replace(os.linesep, "\n").split("\n---\n")
    lines = dict(re.findall(r"(?m)^(\w+): +(.+)$", block))
    assert len(lines) == len(block.splitlines())
    written = result(sidecar)
    assert list(written) == KEYS
    assert list(lines) == [key for key in KEYS if key != "mfu_percent"]
    assert written["mfu_percent"] is None  # nobody knows a CPU's peak
    for key, text in lines.items():
        assert text == written[key] if isinstance(written[key], str) else float(text) == written[key]
    assert written["device"] == "cpu" and written["depth"] == train.DEPTH and written["time_budget"] == 0.5
    assert 0.5 <= written["training_seconds"] <= written["total_seconds"]
    assert re.search(
        r"\rstep 00001 \(\d+\.\d%\) \| loss: \d+\.\d{6} \| lrm: \d\.\d\d \| dt: \d+ms \| tok/sec: [\d,]+ \| "
        r"remaining: \d+s ",
        progress,
    )
    assert not list(data.glob("*.pt"))


def test_training_lowers_bits_per_byte_far_below_guessing(
    summary: Path, corpus: prepare.Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTORESEARCH_MAX_STEPS", "40")
    untrained = prepare.evaluate_bpb(small_model(corpus), corpus, 8)
    assert train.main([]) == 0
    assert result(summary)["val_bpb"] < 0.5 * untrained


def test_the_same_seed_and_steps_give_the_same_result_to_the_last_digit(
    summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for seed in ("7", "7", "8"):
        monkeypatch.setenv("AUTORESEARCH_SEED", seed)
        assert train.main([]) == 0
        results.append(result(summary))
    assert results[0]["val_bpb"] == results[1]["val_bpb"] != results[2]["val_bpb"]
    assert [r["seed"] for r in results] == [7, 7, 8]
    assert all(r["num_steps"] == 4 and r["total_tokens_M"] == 0.004 for r in results)


def test_a_run_that_diverges_says_fail_and_leaves_no_summary_not_even_an_old_one(
    summary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary.parent.mkdir()
    summary.write_text("{}")
    monkeypatch.setattr(train, "EMBEDDING_LR", float("nan"))
    assert train.main([]) == 1
    out = capsys.readouterr().out
    assert "\nFAIL: loss nan at step 1" in out and "---" not in out
    assert not summary.exists()


def test_a_run_that_crashes_leaves_no_summary_not_even_an_old_one(
    summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary.parent.mkdir()
    summary.write_text("{}")
    monkeypatch.setattr(train, "HEAD_DIM", 48)
    with pytest.raises(ValueError, match="HEAD_DIM 48 does not divide the width 64"):
        train.main([])
    assert not summary.exists()


def test_weights_outlive_a_failing_evaluation_and_can_be_evaluated_again(
    summary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main([]) == 0
    expected = result(summary)

    def broken(*args: object) -> float:
        raise MemoryError("no room to evaluate")

    with monkeypatch.context() as patch:
        patch.setattr(prepare, "evaluate_bpb", broken)
        with pytest.raises(MemoryError):
            train.main([])
    assert not summary.exists()
    found = re.search(r"python train.py --eval (.+)", capsys.readouterr().out)
    assert found is not None
    checkpoint = Path(found[1])
    monkeypatch.setattr(train, "DEPTH", 1)  # an edit since then doesn't matter
    assert train.main(["--eval", str(checkpoint)]) == 0
    same = ("val_bpb", "num_steps", "total_tokens_M", "num_params_M", "depth", "seed", "data_sha")
    assert {key: result(summary)[key] for key in same} == {key: expected[key] for key in same}
    checkpoint.unlink()


def test_a_result_that_is_no_number_is_a_failure(
    summary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    monkeypatch.setattr(prepare, "evaluate_bpb", lambda *args: float("inf"))
    assert train.main([]) == 1
    assert "FAIL: val_bpb is inf" in capsys.readouterr().out
    assert not summary.exists() and not list(data.glob("*.pt"))


def test_evaluating_a_file_that_is_not_there_is_one_line(summary: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--eval", "/nonexistent.pt"]) == 1
    assert capsys.readouterr().err.startswith("error: there is no checkpoint /nonexistent.pt; hint: ")


def test_weights_are_kept_where_asked(summary: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "weights.pt"
    monkeypatch.setenv("AUTORESEARCH_CHECKPOINT_PATH", str(path))
    assert train.main([]) == 0
    assert [p.name for p in path.parent.iterdir()] == ["weights.pt"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("DATA", "/nonexistent", "no prepared data in /nonexistent"),
        ("TIME_BUDGET", "soon", "AUTORESEARCH_TIME_BUDGET is 'soon'"),
        ("MAX_STEPS", "-1", "AUTORESEARCH_MAX_STEPS is '-1'"),
    ],
)
def test_what_is_missing_or_malformed_is_one_line(
    summary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    message: str,
) -> None:
    monkeypatch.setenv(f"AUTORESEARCH_{name}", value)
    assert train.main([]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {message}; hint: ") and error.count("\n") == 1


def test_importing_has_no_side_effects(tmp_path: Path) -> None:
    script = (
        "import os, sys, warnings; warnings.simplefilter('ignore')\n"
        f"sys.path.insert(0, {str(ROOT)!r}); before = dict(os.environ)\n"
        "import torch; threads, state = torch.get_num_threads(), torch.get_rng_state()\n"
        "import train\n"
        "assert dict(os.environ) == before and torch.get_num_threads() == threads\n"
        "assert torch.equal(torch.get_rng_state(), state)"
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith("OMP")}
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


# Parts


def test_a_token_is_predicted_from_its_past_within_the_windows_alone(corpus: prepare.Corpus) -> None:
    model = small_model(corpus, depth=1, window_pattern="L")
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.1)
    x = torch.randint(0, 256, (1, corpus.profile.max_seq_len))
    changed = x.clone()
    changed[0, 100] += 1
    with torch.no_grad():
        for window, last in ((256, 256), (8, 107)):
            model.kernels = {256: train.attention_kernels(model.config, "cpu")[256]}
            if window == 8:
                model.kernels[256] = train._masked_window(8, corpus.profile.max_seq_len)
            differs = (model(x, x * 0, reduction="none") - model(changed, x * 0, reduction="none"))[0].abs() > 1e-7
            assert not differs[:100].any()
            assert differs[100] and differs[101:last].float().mean() > 0.9
            assert not differs[last + 1 :].any()


def test_the_window_pattern_repeats_and_ends_on_a_full_layer(corpus: prepare.Corpus) -> None:
    config = small_model(corpus, depth=6, window_pattern="SSL").config
    assert [config.window(layer) for layer in range(6)] == [128, 128, 256, 128, 128, 256]
    assert [config.has_value_embedding(layer) for layer in range(6)] == [False, True] * 3


@pytest.mark.parametrize("changes", [{"window_pattern": "SX"}, {"window_pattern": ""}, {"head_dim": 40}])
def test_a_shape_that_cannot_be_built_is_refused(corpus: prepare.Corpus, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"WINDOW_PATTERN|HEAD_DIM"):
        small_model(corpus, **changes)


def test_an_untrained_model_guesses(corpus: prepare.Corpus) -> None:
    x, y = next(prepare.train_batches(corpus, 2, 0))
    with torch.no_grad():
        loss = small_model(corpus)(x, y)
    assert loss.item() == pytest.approx(torch.log(torch.tensor(float(corpus.profile.vocab_size))).item(), abs=0.01)


def test_every_parameter_has_exactly_one_optimizer(corpus: prepare.Corpus) -> None:
    model = small_model(corpus, depth=3)
    held = [id(p) for optimizer in train.build_optimizers(model) for p in optimizer.params]
    assert sorted(held) == sorted(id(p) for p in model.parameters())


def test_adam_takes_the_steps_that_torch_takes() -> None:
    torch.manual_seed(0)
    ours, theirs = torch.randn(5, 3), torch.nn.Parameter(torch.zeros(5, 3))
    theirs.data.copy_(ours)
    optimizer = train.AdamW([ours], 0.05, (0.8, 0.95))
    reference = torch.optim.Adam([theirs], lr=0.05, betas=(0.8, 0.95), eps=1e-10)
    for scale in (1.0, 1.0, 0.5):
        ours.grad = torch.randn(5, 3)
        theirs.grad = ours.grad.clone()
        reference.param_groups[0]["lr"] = 0.05 * scale
        optimizer.step(scale, 0.9, 1.0)
        reference.step()
    torch.testing.assert_close(ours, theirs.data)


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 64, 16), (2, 16, 64)])
def test_orthogonalized_matrices_keep_their_directions_and_lose_their_lengths(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    g = torch.randn(shape)
    u, _, v = torch.linalg.svd(g, full_matrices=False)
    lengths = torch.diagonal(u.mT @ train.orthogonalize(g) @ v.mT, dim1=-2, dim2=-1)
    assert lengths.min() > 0.4 and lengths.max() < 1.3


def test_muon_moves_against_the_gradient_and_decays_only_weights_that_shrink_anyway() -> None:
    torch.manual_seed(0)
    weight, gradient = torch.randn(8, 8), torch.randn(8, 8)
    moved = {}
    for weight_decay in (0.0, 0.5):
        p = weight.clone()
        p.grad = gradient
        train.Muon([p], 0.1, weight_decay).step(1.0, 0.9, 1.0)
        moved[weight_decay] = p - weight
    assert (moved[0.0] * gradient).sum() < 0
    decayed = moved[0.5] - moved[0.0]
    shrinks = moved[0.0] * weight < 0
    torch.testing.assert_close(decayed, torch.where(shrinks, -0.05 * weight, 0.0))


def test_the_schedule_is_a_trapezoid(monkeypatch: pytest.MonkeyPatch) -> None:
    for knob, value in {"WARMUP_RATIO": 0.2, "WARMDOWN_RATIO": 0.4, "FINAL_LR_FRAC": 0.1}.items():
        monkeypatch.setattr(train, knob, value)
    values = [train.lr_multiplier(p) for p in (0.0, 0.1, 0.2, 0.6, 0.8, 1.0)]
    assert values == pytest.approx([0.0, 0.5, 1.0, 1.0, 0.55, 0.1])
    monkeypatch.setattr(train, "WARMUP_RATIO", 0.0)
    monkeypatch.setattr(train, "WARMDOWN_RATIO", 0.0)
    assert train.lr_multiplier(0.0) == train.lr_multiplier(1.0) == 1.0
    assert train.muon_momentum(0.0) == 0.85 and train.muon_momentum(0.5) == pytest.approx(train.MUON_MOMENTUM)


def test_a_batch_that_cannot_be_cut_into_device_batches_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "TOTAL_BATCH_SIZE", 4096)
    monkeypatch.setattr(train, "DEVICE_BATCH_SIZE", 4)
    assert train.micro_batches(256) == 4
    for rows in (3, 32):
        monkeypatch.setattr(train, "DEVICE_BATCH_SIZE", rows)
        with pytest.raises(ValueError, match="TOTAL_BATCH_SIZE"):
            train.micro_batches(256)


def ticking(monkeypatch: pytest.MonkeyPatch, threads: int, shares: list[float]) -> train.Clock:
    """A clock behind steps of 1 s, in each of which the threads had such a share of their processors."""
    now = {"wall": 0.0, "cpu": 0.0}
    monkeypatch.setattr(time, "perf_counter", lambda: now["wall"])
    monkeypatch.setattr(time, "process_time", lambda: now["cpu"])
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    clock = train.Clock(budget=10, max_steps=0, device="cpu")
    while clock.progress < 1:
        clock.start()
        now["wall"] += 1
        now["cpu"] += threads * shares[clock.steps % len(shares)]
        clock.stop()
    return clock


@pytest.mark.parametrize(
    ("threads", "shares", "steps", "had"),
    [
        (1, [1.0], 10, 1.0),
        (1, [0.5], 20, 1.0),  # half of a processor: twice as long, and as much training
        (1, [0.1], 60, 0.6),  # six budgets by the clock
        (1, [1.3], 10, 1.0),  # a helper thread gives no time back
        (4, [0.75], 10, 1.0),  # threads that wait for each other on a quiet machine
        (4, [0.75, 0.375], 13, 1.0),
        (4, [0.75] + 99 * [0.075], 60, 0.69),
    ],
)
def test_the_budget_is_one_of_processor_time(
    monkeypatch: pytest.MonkeyPatch, threads: int, shares: list[float], steps: int, had: float
) -> None:
    clock = ticking(monkeypatch, threads, shares)
    assert (clock.steps, clock.wall_seconds) == (steps, steps)
    assert clock.budget_share == pytest.approx(had)


def test_a_run_by_steps_and_one_on_a_gpu_have_no_budget_of_processor_time() -> None:
    assert train.Clock(10, 5, "cpu").budget_share is None
    assert train.Clock(10, 0, "cuda").budget_share is None


@pytest.mark.parametrize(
    ("name", "flops"), [("NVIDIA H200", 989e12), ("NVIDIA A100-SXM4-80GB", 312e12), ("Tesla T4", None), ("cpu", None)]
)
def test_the_peak_of_an_unknown_device_is_unknown(name: str, flops: float | None) -> None:
    assert train.peak_flops(name) == flops
