"""Train a small GPT for a fixed time and print its val_bpb: the only file that an experiment edits.

    python prepare.py --sample && AUTORESEARCH_TIME_BUDGET=12 python train.py    on a CPU
    python prepare.py && python train.py                                         on one NVIDIA GPU
    python train.py --eval CHECKPOINT                                            evaluate again what was saved

Everything here may change: model, optimizer, schedule, sizes. What is judged, and how, is fixed in prepare.py.
Environment: AUTORESEARCH_TIME_BUDGET (seconds), AUTORESEARCH_SUMMARY_PATH (the summary as JSON),
AUTORESEARCH_CHECKPOINT_PATH (keep the weights there), AUTORESEARCH_SEED (instead of SEED), AUTORESEARCH_MAX_STEPS
(stop and schedule by steps, not by the clock: repeatable to the last bit), AUTORESEARCH_THREADS (CPU threads),
AUTORESEARCH_DATA (folder of the prepared data).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

if __name__ == "__main__":
    # OpenMP reads this once, when torch loads it. Two spinning threads on a busy two-core machine trained four times
    # slower than one; waiting ones come close to it.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    warnings.filterwarnings("ignore", "Failed to initialize NumPy")  # nothing here needs it

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import prepare

# ---------------------------------------------------------------------------
# Hyperparameters (edit these lines)
# ---------------------------------------------------------------------------

# One line a knob, and the line that you edit is the one that counts on every device. Rates, schedule and patterns are
# the same number everywhere. Only sizes differ between a GPU for minutes and a CPU for seconds, and they say both in
# place: no override block further down could hide an edit.
CUDA = torch.cuda.is_available()

# Model
DEPTH = 8 if CUDA else 2  # layers
ASPECT_RATIO = 64  # width = DEPTH * ASPECT_RATIO
HEAD_DIM = 64  # width of an attention head; must divide the width
WINDOW_PATTERN = "SSSL"  # attention by layer, repeated: L sees the full context, S half; the last layer is always L
SOFTCAP = 15.0  # logits stay within +-SOFTCAP

# Optimization
TOTAL_BATCH_SIZE = 2**19 if CUDA else 2**12  # tokens an optimizer step
DEVICE_BATCH_SIZE = 128 if CUDA else 8  # rows at a time; lower it when memory runs out, the result stays the same
EMBEDDING_LR = 0.6  # token and value embeddings (AdamW)
UNEMBEDDING_LR = 0.004  # lm_head (AdamW)
MATRIX_LR = 0.04  # matrices of attention and MLP (Muon)
SCALAR_LR = 0.5  # x0 scalars (AdamW); residual scalars take a hundredth
WEIGHT_DECAY = 0.2  # matrices only, falling to 0 over the run
ADAM_BETAS = (0.8, 0.95)
MUON_MOMENTUM = 0.95  # reached from 0.85 over the first tenth of the run
WARMUP_RATIO = 0.0  # part of the run in which the rates rise
WARMDOWN_RATIO = 0.5  # part of the run in which they fall
FINAL_LR_FRAC = 0.0  # of the rate, at the end
SEED = 42

# ---------------------------------------------------------------------------
# Model
# ---------------------------------------------------------------------------


@dataclass
class GPTConfig:
    """Shape of the model; saved with its weights."""

    seq_len: int
    vocab_size: int
    depth: int
    width: int
    head_dim: int
    window_pattern: str
    softcap: float

    def __post_init__(self) -> None:
        if self.width % self.head_dim:
            raise ValueError(f"HEAD_DIM {self.head_dim} does not divide the width {self.width} (DEPTH * ASPECT_RATIO)")
        if not self.window_pattern or set(self.window_pattern) - {"S", "L"}:
            raise ValueError(f"WINDOW_PATTERN {self.window_pattern!r} may hold S and L only")

    def window(self, layer: int) -> int:
        """How many tokens back layer `layer` sees, itself included."""
        kind = "L" if layer == self.depth - 1 else self.window_pattern[layer % len(self.window_pattern)]
        return self.seq_len if kind == "L" else self.seq_len // 2

    def has_value_embedding(self, layer: int) -> bool:
        """Alternating layers, the last one among them."""
        return layer % 2 == (self.depth - 1) % 2


def norm(x: Tensor) -> Tensor:
    """RMSNorm without learnt scale."""
    return F.rms_norm(x, (x.size(-1),))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of x (B, H, T, D); cos and sin are (T, D / 2)."""
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat((x1 * cos + x2 * sin, x2 * cos - x1 * sin), dim=-1)


Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


def attention_kernels(config: GPTConfig, device: str) -> dict[int, Attend]:
    """For each window of the model the fastest causal attention that torch brings with it; nothing is downloaded.

    The full window is `is_causal`, which every fused kernel knows. A mask would lose the flash kernel on a GPU, so
    there a half window is flex_attention, which skips the blocks that the mask leaves empty.
    """
    kernels: dict[int, Attend] = {}
    for window in {config.window(layer) for layer in range(config.depth)}:
        if window >= config.seq_len:
            kernels[window] = lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True)
        elif device == "cuda":
            kernels[window] = _flex_window(window, config.seq_len)
        else:
            kernels[window] = _masked_window(window, config.seq_len)
    return kernels


def _masked_window(window: int, seq_len: int) -> Attend:
    ago = torch.arange(seq_len)[:, None] - torch.arange(seq_len)[None, :]
    mask = (ago >= 0) & (ago < window)
    return lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def _flex_window(window: int, seq_len: int) -> Attend:
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    def visible(b: Tensor, h: Tensor, q: Tensor, k: Tensor) -> Tensor:
        return (q >= k) & (q - k < window)

    blocks = create_block_mask(visible, B=None, H=None, Q_LEN=seq_len, KV_LEN=seq_len, device="cuda")
    return lambda q, k, v: flex_attention(q, k, v, block_mask=blocks)  # fused, because the model is compiled


class Attention(nn.Module):
    """Causal self-attention with rotary positions, QK norm and, on some layers, gated value embeddings."""

    gate_width = 32  # the first channels of the residual stream decide how much value embedding each head takes

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        width = config.width
        self.head_dim, self.n_head = config.head_dim, width // config.head_dim
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.proj = nn.Linear(width, width, bias=False)
        gated = config.has_value_embedding(layer)
        self.value_embed = nn.Embedding(config.vocab_size, width) if gated else None
        self.ve_gate = nn.Linear(self.gate_width, self.n_head, bias=False) if gated else None

    def forward(self, x: Tensor, idx: Tensor, rotary: tuple[Tensor, Tensor], attend: Attend) -> Tensor:
        """x (B, T, C), idx (B, T) -> (B, T, C)."""
        B, T, C = x.shape
        heads = (B, T, self.n_head, self.head_dim)
        q, k, v = self.q(x).view(heads), self.k(x).view(heads), self.v(x).view(heads)
        if self.value_embed is not None and self.ve_gate is not None:
            gate = 2 * torch.sigmoid(self.ve_gate(x[..., : self.gate_width]))  # (B, T, H), 1 at initialization
            v = v + gate.unsqueeze(-1) * self.value_embed(idx).view(heads).to(v.dtype)
        q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)  # (B, H, T, D)
        q, k = norm(rotate(q, *rotary)), norm(rotate(k, *rotary))
        y = attend(q.to(v.dtype), k.to(v.dtype), v)
        out: Tensor = self.proj(y.transpose(1, 2).reshape(B, T, C))
        return out


class MLP(nn.Module):
    """Two matrices with the square of ReLU between them."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.fc = nn.Linear(config.width, 4 * config.width, bias=False)
        self.proj = nn.Linear(4 * config.width, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, C) -> (B, T, C)."""
        h = F.relu(self.fc(x))
        out: Tensor = self.proj(h * h)  # not square(): autocast would do that in float32
        return out


class Block(nn.Module):
    """One layer: attention and MLP, each on the normed residual stream."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.window = config.window(layer)
        self.attn = Attention(config, layer)
        self.mlp = MLP(config)

    def forward(self, x: Tensor, idx: Tensor, rotary: tuple[Tensor, Tensor], attend: Attend) -> Tensor:
        """x (B, T, C), idx (B, T) -> (B, T, C)."""
        x = x + self.attn(norm(x), idx, rotary, attend)
        out: Tensor = x + self.mlp(norm(x))
        return out


class GPT(nn.Module):
    """Decoder-only transformer with untied unembedding and a way back to the embedding at every layer."""

    cos: Tensor
    sin: Tensor

    def __init__(self, config: GPTConfig, device: str = "cpu") -> None:
        super().__init__()
        self.config, self.device = config, device
        self.wte = nn.Embedding(config.vocab_size, config.width)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.depth))
        self.lm_head = nn.Linear(config.width, config.vocab_size, bias=False)
        self.resid_lambdas = nn.Parameter(torch.ones(config.depth))
        self.x0_lambdas = nn.Parameter(torch.full((config.depth,), 0.1))
        freqs = 10000.0 ** -torch.arange(0, 1, 2 / config.head_dim)
        angles = torch.outer(torch.arange(config.seq_len).float(), freqs)  # (T, D / 2)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        self.init_weights()
        self.to(device)
        self.kernels = attention_kernels(config, device)

    def layers(self) -> list[Block]:
        """The blocks, as what they are."""
        return cast("list[Block]", list(self.blocks))

    @torch.no_grad()
    def init_weights(self) -> None:
        """Every layer starts as the identity: what writes to the residual stream is zero, and so are the gates."""
        bound = math.sqrt(3 / self.config.width)  # uniform with the standard deviation 1 / sqrt(width)
        for name, p in self.blocks.named_parameters():
            if "proj" in name or "ve_gate" in name:
                nn.init.zeros_(p)
            else:
                nn.init.uniform_(p, -bound, bound)
        nn.init.normal_(self.wte.weight)
        nn.init.normal_(self.lm_head.weight, std=0.001)

    def forward(self, idx: Tensor, targets: Tensor, reduction: str = "mean") -> Tensor:
        """Cross-entropy in nats of targets (B, T) given idx (B, T): the mean, or (B, T) with reduction "none"."""
        on_gpu = self.device == "cuda"
        dtype = torch.bfloat16 if on_gpu else torch.float32
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=on_gpu):
            rotary = self.cos.to(dtype), self.sin.to(dtype)
            x = x0 = norm(self.wte(idx)).to(dtype)
            for i, block in enumerate(self.layers()):
                x = self.resid_lambdas[i] * x + self.x0_lambdas[i] * x0
                x = block(x, idx, rotary, self.kernels[block.window])
            logits = self.lm_head(norm(x)).float()
            logits = self.config.softcap * torch.tanh(logits / self.config.softcap)
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), reduction=reduction)
        return loss.view(targets.shape) if reduction == "none" else loss

    def group(self, *parts: str) -> list[nn.Parameter]:
        """The parameters whose name has one of `parts` in it."""
        return [p for name, p in self.named_parameters() if any(part in name for part in parts)]

    def matrices(self) -> list[nn.Parameter]:
        """The matrices of attention and MLP."""
        return [p for name, p in self.blocks.named_parameters() if "value_embed" not in name and "ve_gate" not in name]

    def n_params(self) -> int:
        """Number of parameters."""
        return sum(p.numel() for p in self.parameters())

    def flops_per_token(self) -> int:
        """Of a training step: 6 for every weight that is multiplied with, 12 for every channel and visible token."""
        multiplied = sum(p.numel() for p in [*self.matrices(), *self.group("lm_head", "ve_gate")])
        visible = sum(self.config.window(layer) for layer in range(self.config.depth))
        return 6 * multiplied + 12 * self.config.width * visible


# ---------------------------------------------------------------------------
# Optimizer
# ---------------------------------------------------------------------------


class AdamW:
    """Adam without weight decay, for what is looked up, added or read out."""

    def __init__(self, params: Sequence[Tensor], lr: float, betas: tuple[float, float]) -> None:
        self.params, self.lr, self.betas, self.steps = list(params), lr, betas, 0
        self.means = [torch.zeros_like(p) for p in self.params]
        self.squares = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self, scale: float, momentum: float, decay: float) -> None:
        """One update with the rate scaled by `scale`; `momentum` and `decay` are for Muon."""
        self.steps += 1
        beta1, beta2 = self.betas
        lr = self.lr * scale / (1 - beta1**self.steps)
        for p, mean, square in zip(self.params, self.means, self.squares, strict=True):
            if p.grad is None:
                continue
            mean.lerp_(p.grad, 1 - beta1)
            square.lerp_(p.grad.square(), 1 - beta2)
            p.addcdiv_(mean, (square / (1 - beta2**self.steps)).sqrt_().add_(1e-10), value=-lr)


def orthogonalize(g: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrices of g (N, rows, columns), roughly: Newton-Schulz with Jordan's quintic.

    Singular values end between about 0.7 and 1.2, which trains as well as 1 does.
    """
    x = g.bfloat16() if g.is_cuda else g.float()
    wide = x.size(-2) <= x.size(-1)
    x = x if wide else x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-6)
    for _ in range(steps):
        a = x @ x.mT
        b = -4.7750 * a + 2.0315 * a @ a
        x = 3.4445 * x + b @ x
    out: Tensor = (x if wide else x.mT).to(g.dtype)
    return out


class Muon:
    """Momentum, orthogonalized, for matrices of one shape: they are stacked, so that a step is a few large products."""

    def __init__(self, params: Sequence[Tensor], lr: float, weight_decay: float) -> None:
        self.params, self.weight_decay = list(params), weight_decay
        rows, columns = self.params[0].shape
        self.lr = lr * max(1.0, rows / columns) ** 0.5
        self.momentum = torch.zeros(len(self.params), rows, columns, device=self.params[0].device)

    @torch.no_grad()
    def step(self, scale: float, momentum: float, decay: float) -> None:
        """One update with the rate scaled by `scale` and the weight decay by `decay`."""
        grads = torch.stack([p.grad if p.grad is not None else torch.zeros_like(p) for p in self.params])
        self.momentum.lerp_(grads, 1 - momentum)
        updates = orthogonalize(grads.lerp_(self.momentum, momentum))  # Nesterov
        weights = torch.stack([p.detach() for p in self.params])
        # Cautious: weights decay only where the gradient pushes them towards zero too.
        updates += self.weight_decay * decay * weights * (updates * weights > 0)
        for p, update in zip(self.params, updates, strict=True):
            p.sub_(update, alpha=self.lr * scale)


Optimizer = AdamW | Muon


def build_optimizers(model: GPT) -> list[Optimizer]:
    """Muon for the matrices of the layers, AdamW for everything else, as the knobs say."""
    scale = (model.config.width / 768) ** -0.5  # AdamW's rates are tuned at width 768
    by_shape: dict[torch.Size, list[Tensor]] = {}
    for p in model.matrices():
        by_shape.setdefault(p.shape, []).append(p)
    return [
        AdamW(model.group("wte", "value_embed"), EMBEDDING_LR * scale, ADAM_BETAS),
        AdamW(model.group("lm_head", "ve_gate"), UNEMBEDDING_LR * scale, ADAM_BETAS),
        AdamW(model.group("x0_lambdas"), SCALAR_LR, (0.96, 0.95)),  # a scalar's gradient is noisy: longer memory
        AdamW(model.group("resid_lambdas"), SCALAR_LR * 0.01, ADAM_BETAS),
        *(Muon(matrices, MATRIX_LR, WEIGHT_DECAY) for matrices in by_shape.values()),
    ]


def lr_multiplier(progress: float) -> float:
    """Trapezoid over the run: up in WARMUP_RATIO, flat, down to FINAL_LR_FRAC in WARMDOWN_RATIO."""
    if progress < WARMUP_RATIO:
        return progress / WARMUP_RATIO
    left = min(1.0, (1 - progress) / WARMDOWN_RATIO) if WARMDOWN_RATIO > 0 else 1.0
    return left + (1 - left) * FINAL_LR_FRAC


def muon_momentum(progress: float) -> float:
    """0.85 at first, when gradients turn quickly, MUON_MOMENTUM after a tenth of the run."""
    return 0.85 + (MUON_MOMENTUM - 0.85) * min(progress / 0.1, 1.0)


# ---------------------------------------------------------------------------
# Setup
# ---------------------------------------------------------------------------

PEAK_BF16_FLOPS = {"B200": 2250e12, "H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12}


def peak_flops(device_name: str) -> float | None:
    """Dense bf16 peak of a GPU by its name; None when it isn't known, and then there is no MFU."""
    return next((flops for name, flops in PEAK_BF16_FLOPS.items() if name in device_name), None)


def set_threads() -> int:
    """CPU threads: AUTORESEARCH_THREADS, else one, or all cores if a probe of a quarter second finds them worth it.

    Two threads on two idle cores train only 1.2 times as fast as one, and half as fast when something else runs, since
    every operation waits for the slower thread. A number of threads that depends on the moment would make runs differ
    for no reason of theirs, so all cores have to be 2.5 times as fast, which two never are.
    """
    if given := environment_int("AUTORESEARCH_THREADS", 0):
        torch.set_num_threads(given)
        return given
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = cores if cores > 2 and probe_speed(cores) > 2.5 * probe_speed(1) else 1
    torch.set_num_threads(threads)
    return threads


def probe_speed(threads: int) -> float:
    """How often a second `threads` threads do the kind of product that a layer consists of."""
    torch.set_num_threads(threads)
    a, b = torch.ones(2048, 128), torch.ones(128, 512)
    (a @ b).relu_()  # starts the threads
    start, done = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < 0.12:
        (a @ b).relu_()
        done += 1
    return done / elapsed


def environment_int(name: str, default: int) -> int:
    """A whole number from the environment."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal():
        raise prepare.DataError(f"{name} is {text!r}", "give a whole number")
    return int(text)


def model_config(profile: prepare.Profile) -> GPTConfig:
    """The model that the knobs describe, for this data."""
    return GPTConfig(
        seq_len=profile.max_seq_len,
        vocab_size=profile.vocab_size,
        depth=DEPTH,
        width=DEPTH * ASPECT_RATIO,
        head_dim=HEAD_DIM,
        window_pattern=WINDOW_PATTERN,
        softcap=SOFTCAP,
    )


def micro_batches(seq_len: int) -> int:
    """Forward passes an optimizer step."""
    count, rest = divmod(TOTAL_BATCH_SIZE, DEVICE_BATCH_SIZE * seq_len)
    if rest or not count:
        raise ValueError(
            f"TOTAL_BATCH_SIZE {TOTAL_BATCH_SIZE} is no multiple of DEVICE_BATCH_SIZE {DEVICE_BATCH_SIZE} * {seq_len}"
        )
    return count


# ---------------------------------------------------------------------------
# Training loop
# ---------------------------------------------------------------------------

MAX_STRETCH = 6.0  # by the clock, in budgets, after which a run on a busy CPU ends whatever it had
COMPILE_STEPS = 10  # on a GPU the clock starts after them: compiling takes a minute and trains nothing


class DivergedError(Exception):
    """The loss is no longer a number, or far beyond that of guessing; the run prints FAIL and exits with 1."""


@dataclass
class Trained:
    """What a training run did."""

    num_steps: int
    training_seconds: float
    tokens: int
    timed_tokens: int
    budget_share: float | None = None


class Clock:
    """Progress of the run from 0 to 1: by time, or by steps if `max_steps` isn't 0.

    On a GPU time is wall-clock time. On a CPU it is processor time, so that a machine that does something else costs
    the run no step. A step counts for

        wall * min(1, share / best)      share = processor seconds of the process / threads / wall

    `best` is 1 for one thread. Several wait for each other, so that even alone they never have a share of 1: then it is
    the best share of any step so far. On a quiet machine each step has about that, and the budget is one by the clock.
    After MAX_STRETCH budgets by the clock the run ends all the same, and says what share of its budget it had.
    """

    def __init__(self, budget: float, max_steps: int, device: str) -> None:
        self.budget, self.max_steps = budget, max_steps
        self.untimed_steps = COMPILE_STEPS if device == "cuda" else 0
        self.threads = torch.get_num_threads() if device == "cpu" else 0
        self.best = 1.0 if self.threads == 1 else 0.0
        self.steps, self.wall_seconds, self.seconds, self.step_seconds = 0, 0.0, 0.0, 0.0
        self.start()

    def start(self) -> None:
        """A step begins."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """The step has ended."""
        self.steps += 1
        self.step_seconds = time.perf_counter() - self._wall
        if self.steps > self.untimed_steps:
            self.wall_seconds += self.step_seconds
            self.seconds += self.counted(time.process_time() - self._cpu)

    def counted(self, cpu_seconds: float) -> float:
        """What the step that has ended takes of the budget."""
        if not self.threads or not self.step_seconds:
            return self.step_seconds
        share = cpu_seconds / self.threads / self.step_seconds
        self.best = max(self.best, min(share, 1.0))
        return self.step_seconds * min(1.0, share / self.best) if self.best else self.step_seconds

    @property
    def progress(self) -> float:
        """Part of the run that is over."""
        if self.max_steps:
            return min(self.steps / self.max_steps, 1.0)
        return min(max(self.seconds, self.wall_seconds / MAX_STRETCH) / self.budget, 1.0)

    @property
    def budget_share(self) -> float | None:
        """What part of its budget of processor time the run had when it ended; None where it has no such budget."""
        return min(self.seconds / self.budget, 1.0) if self.threads and not self.max_steps else None

    @property
    def remaining(self) -> float:
        """Seconds to go, at the pace so far."""
        done = self.progress
        return self.wall_seconds / done * (1 - done) if done and self.wall_seconds else self.budget


def train(model: GPT, forward: Callable[..., Tensor], batches: Iterator[prepare.Batch], clock: Clock) -> Trained:
    """Train until the clock says so. DivergedError when the loss leaves the numbers."""
    optimizers = build_optimizers(model)
    accumulate, smooth = micro_batches(model.config.seq_len), 0.0
    x, y = next(batches)
    while clock.progress < 1:
        clock.start()
        loss_sum = torch.zeros((), device=x.device)
        for _ in range(accumulate):
            loss = forward(x, y)
            loss_sum += loss.detach()
            torch.autograd.backward(loss / accumulate)
            x, y = next(batches)  # packed on the CPU while the GPU works
        scale = lr_multiplier(clock.progress)
        for optimizer in optimizers:
            optimizer.step(scale, muon_momentum(clock.progress), 1 - clock.progress)
        model.zero_grad(set_to_none=True)
        train_loss = loss_sum.item() / accumulate  # waits for the GPU
        if not train_loss <= 100:  # true of NaN too
            raise DivergedError(f"loss {train_loss} at step {clock.steps}")
        clock.stop()
        smooth = 0.9 * smooth + 0.1 * train_loss
        print_progress(clock, smooth / (1 - 0.9**clock.steps), scale)
    print()
    timed = max(0, clock.steps - clock.untimed_steps) * TOTAL_BATCH_SIZE
    if (share := clock.budget_share) is not None and share < 1:
        print(
            f"the clock ended it after {clock.wall_seconds:.0f} s: the machine gave {100 * share:.0f} % of the budget"
        )
    return Trained(clock.steps, clock.seconds, clock.steps * TOTAL_BATCH_SIZE, timed, clock.budget_share)


def print_progress(clock: Clock, loss: float, scale: float) -> None:
    """One line, overwritten by the next."""
    seconds = clock.step_seconds
    print(
        f"\rstep {clock.steps:05d} ({100 * clock.progress:.1f}%) | loss: {loss:.6f} | lrm: {scale:.2f} | "
        f"dt: {seconds * 1000:.0f}ms | tok/sec: {TOTAL_BATCH_SIZE / seconds:,.0f} | "
        f"remaining: {clock.remaining:.0f}s    ",
        end="",
        flush=True,
    )


# ---------------------------------------------------------------------------
# Result
# ---------------------------------------------------------------------------


def peak_memory_mb(device: str) -> float | None:
    """Peak memory in MiB: of the GPU's allocator; on a CPU the process's peak resident set; None where unknown."""
    if device == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # macOS counts bytes, Linux KiB


def summarize(model: GPT, trained: Trained, val_bpb: float, total_seconds: float, device_name: str) -> dict[str, Any]:
    """The measurements, rounded as they are printed, under upstream's names; None for what was not measured."""
    device, peak = model.device, peak_flops(device_name)
    mfu = None
    if peak is not None and trained.training_seconds > 0:
        mfu = 100 * model.flops_per_token() * trained.timed_tokens / trained.training_seconds / peak
    memory = peak_memory_mb(device)
    return {
        "val_bpb": round(val_bpb, 6),
        "training_seconds": round(trained.training_seconds, 1),
        "total_seconds": round(total_seconds, 1),
        "peak_vram_mb": None if memory is None else round(memory, 1),
        "mfu_percent": None if mfu is None else round(mfu, 2),
        "total_tokens_M": round(trained.tokens / 1e6, 3),
        "num_steps": trained.num_steps,
        "num_params_M": round(model.n_params() / 1e6, 3),
        "depth": model.config.depth,
    }


def print_summary(summary: dict[str, Any]) -> None:
    """Upstream's block; a value that was not measured has no line."""
    decimals = {"val_bpb": 6, "training_seconds": 1, "total_seconds": 1, "peak_vram_mb": 1, "mfu_percent": 2}
    print("---")
    for key, value in summary.items():
        if value is not None:
            shown = f"{value:.{decimals.get(key, 3)}f}" if isinstance(value, float) else value
            print(f"{key + ':':<17} {shown}")
    sys.stdout.flush()


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file and give it its name; parents are created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_checkpoint(model: GPT, corpus: prepare.Corpus, run: dict[str, Any]) -> Path:
    """Save the weights before they are evaluated, so that a failing evaluation doesn't cost the run.

    Without AUTORESEARCH_CHECKPOINT_PATH the file is this process's own, so that parallel runs can't take each other's.
    """
    given = os.environ.get("AUTORESEARCH_CHECKPOINT_PATH")
    # Not beside the data, which a run may only read; a process id is no name where each run has ids of its own.
    path = Path(given) if given else Path(tempfile.gettempdir()) / f"checkpoint-{uuid.uuid4().hex}.pt"
    state = {"config": asdict(model.config), "weights": model.state_dict(), **run}
    write_whole(path, lambda temporary: torch.save(state, temporary))
    return path


def report(model: GPT, forward: Callable[..., Tensor], corpus: prepare.Corpus, run: dict[str, Any]) -> None:
    """Measure val_bpb, print the summary and write it to AUTORESEARCH_SUMMARY_PATH."""
    start = time.perf_counter()
    val_bpb = prepare.evaluate_bpb(forward, corpus, DEVICE_BATCH_SIZE, model.device)
    if not math.isfinite(val_bpb):
        raise DivergedError(f"val_bpb is {val_bpb}")
    device = torch.cuda.get_device_name() if model.device == "cuda" else "cpu"
    total_seconds = run["elapsed"] + time.perf_counter() - start
    summary = summarize(model, Trained(**run["trained"]), val_bpb, total_seconds, device)
    summary |= {"device": device, "data_sha": corpus.data_sha, "seed": run["seed"], "time_budget": run["time_budget"]}
    if (share := run["trained"].get("budget_share")) is not None:
        summary["budget_share"] = math.floor(1000 * share) / 1000  # what was cut short by a hair was cut short
    print_summary(summary)
    if path := os.environ.get("AUTORESEARCH_SUMMARY_PATH"):
        text = json.dumps(summary, indent=1) + "\n"
        write_whole(Path(path), lambda temporary: temporary.write_text(text, "utf-8"))


def compiled(model: GPT) -> Callable[..., Tensor]:
    """The model as it is called: compiled on a GPU; on a CPU compiling takes longer than a run and gains nothing."""
    return torch.compile(model, dynamic=False) if model.device == "cuda" else model


Run = tuple[GPT, Callable[..., Tensor], dict[str, Any]]  # the model, how it is called, what a summary says of the run


def run_training(corpus: prepare.Corpus, device: str, start: float) -> Run:
    """Build the model that the knobs describe and train it."""
    seed, budget = environment_int("AUTORESEARCH_SEED", SEED), prepare.time_budget()
    torch.manual_seed(seed)
    model = GPT(model_config(corpus.profile), device)
    forward = compiled(model)
    batches = prepare.train_batches(corpus, DEVICE_BATCH_SIZE, seed, device)
    clock = Clock(budget, environment_int("AUTORESEARCH_MAX_STEPS", 0), device)
    kind = f" of processor time, at most {MAX_STRETCH * budget:g}s by the clock" if clock.threads else ""
    params = model.n_params() / 1e6
    print(f"device: {device} | params: {params:.2f}M | budget: {budget:g}s{kind} | data: {corpus.data_sha}")
    trained = train(model, forward, batches, clock)
    elapsed = time.perf_counter() - start
    return model, forward, {"trained": asdict(trained), "seed": seed, "time_budget": budget, "elapsed": elapsed}


def load_checkpoint(path: Path, device: str) -> Run:
    """A trained model and its run, as `save_checkpoint` left them."""
    if not path.is_file():
        raise prepare.DataError(f"there is no checkpoint {path}", "give the file that the failed run named")
    run: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    model = GPT(GPTConfig(**run.pop("config")), device)
    model.load_state_dict(run.pop("weights"))
    return model, compiled(model), run


def train_and_report(checkpoint: Path | None) -> None:
    """Train, or load what was trained, then evaluate. Weights outlive a failing evaluation."""
    start, device = time.perf_counter(), "cuda" if CUDA else "cpu"
    if device == "cpu":
        print(f"threads: {set_threads()}")
    else:
        torch.set_float32_matmul_precision("high")
    corpus = prepare.load_corpus(prefer_sample=device == "cpu")
    if checkpoint is None:
        model, forward, run = run_training(corpus, device, start)
        path = save_checkpoint(model, corpus, run)
    else:
        path = checkpoint
        model, forward, run = load_checkpoint(path, device)
    keep = checkpoint is not None or bool(os.environ.get("AUTORESEARCH_CHECKPOINT_PATH"))
    try:
        report(model, forward, corpus, run)
    except DivergedError:  # weights that nobody wants
        raise
    except BaseException:
        keep = True
        print(f"evaluation failed; the weights are kept: python train.py --eval {path}", flush=True)
        raise
    finally:
        if not keep:
            path.unlink()


def main(argv: Sequence[str] | None = None) -> int:
    """Run once; exit code 1 and no summary when the loss diverges or the data is missing."""
    parser = argparse.ArgumentParser(description="Train for the time budget and print val_bpb.")
    parser.add_argument("--eval", type=Path, metavar="CHECKPOINT", help="only evaluate weights that a run has kept")
    args = parser.parse_args(argv)
    if path := os.environ.get("AUTORESEARCH_SUMMARY_PATH"):
        Path(path).unlink(missing_ok=True)  # an earlier run's summary must not pass for this one's
    try:
        train_and_report(args.eval)
    except DivergedError as error:
        print(f"\nFAIL: {error}", flush=True)
        return 1
    except prepare.DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
