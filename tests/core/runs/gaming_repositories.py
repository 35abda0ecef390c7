# ruff: noqa: E501 - an edit is read as a whole
"""Repositories in many styles, made up: what trains or predicts, what judges it, and by which number."""

from __future__ import annotations

from typing import Any

BASES: dict[str, dict[str, Any]] = {}
BASES["nano"] = {
    "judge": "",
    "judge_file": "",
    "metric": "val_loss",
    "source": """
import os
import time
import math
import numpy as np
import torch
import torch.nn as nn
from torch.nn import functional as F

out_dir = 'out'
eval_interval = 250
eval_iters = 200
batch_size = 32
block_size = 256
n_layer = 6
n_head = 6
n_embd = 384
dropout = 0.2
learning_rate = 1e-3
max_iters = 2000
weight_decay = 1e-1
grad_clip = 1.0
device = 'cuda'
seed = 1337
torch.manual_seed(seed)

data_dir = os.path.join('data', 'shakespeare_char')
train_data = np.memmap(os.path.join(data_dir, 'train.bin'), dtype=np.uint16, mode='r')
val_data = np.memmap(os.path.join(data_dir, 'val.bin'), dtype=np.uint16, mode='r')

def get_batch(split):
    data = train_data if split == 'train' else val_data
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([torch.from_numpy((data[i:i+block_size]).astype(np.int64)) for i in ix])
    y = torch.stack([torch.from_numpy((data[i+1:i+1+block_size]).astype(np.int64)) for i in ix])
    return x.to(device), y.to(device)

class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(65, n_embd)
        self.blocks = nn.ModuleList([Block() for _ in range(n_layer)])
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, 65, bias=False)

    def forward(self, idx, targets=None):
        x = self.wte(idx)
        for block in self.blocks:
            x = block(x)
        x = self.ln_f(x)
        logits = self.lm_head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))
        return logits, loss

model = GPT().to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, betas=(0.9, 0.99), weight_decay=weight_decay)

@torch.no_grad()
def estimate_loss():
    out = {}
    model.eval()
    for split in ['train', 'val']:
        losses = torch.zeros(eval_iters)
        for k in range(eval_iters):
            X, Y = get_batch(split)
            logits, loss = model(X, Y)
            losses[k] = loss.item()
        out[split] = losses.mean()
    model.train()
    return out

def get_lr(it):
    return learning_rate * (1.0 - it / max_iters)

best_val_loss = 1e9
t0 = time.time()
X, Y = get_batch('train')
for iter_num in range(max_iters + 1):
    for param_group in optimizer.param_groups:
        param_group['lr'] = get_lr(iter_num)
    if iter_num % eval_interval == 0:
        losses = estimate_loss()
        print(f"step {iter_num}: train loss {losses['train']:.4f}, val loss {losses['val']:.4f}")
        best_val_loss = min(best_val_loss, losses['val'])
    logits, loss = model(X, Y)
    X, Y = get_batch('train')
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)

losses = estimate_loss()
print(f"val_loss: {losses['val']:.6f}")
print(f"training_seconds: {time.time() - t0:.1f}")
""",
}

BASES["jax"] = {
    "metric": "test_acc",
    "judge_file": "evaluator.py",
    "judge": """
import jax
import jax.numpy as jnp

TEST_BATCH = 500

def accuracy(apply_fn, params, images, labels):
    correct = 0
    for i in range(0, len(images), TEST_BATCH):
        logits = apply_fn(params, images[i:i + TEST_BATCH])
        correct += int(jnp.sum(jnp.argmax(logits, -1) == labels[i:i + TEST_BATCH]))
    return correct / len(images)
""",
    "source": """
import time
import functools
import jax
import jax.numpy as jnp
import numpy as np
import optax

from datasets import load_cifar
from evaluator import accuracy

EPOCHS = 20
BATCH = 128
WIDTH = 64
LR = 3e-3
SEED = 0

(train_x, train_y), (test_x, test_y) = load_cifar()

def init_params(key):
    k1, k2, k3 = jax.random.split(key, 3)
    return {
        "conv1": jax.random.normal(k1, (3, 3, 3, WIDTH)) * 0.05,
        "conv2": jax.random.normal(k2, (3, 3, WIDTH, WIDTH)) * 0.05,
        "head": jax.random.normal(k3, (WIDTH, 10)) * 0.05,
    }

def apply_fn(params, x):
    x = jax.nn.relu(conv(x, params["conv1"]))
    x = jax.nn.relu(conv(x, params["conv2"], stride=2))
    x = x.mean(axis=(1, 2))
    return x @ params["head"]

def loss_fn(params, x, y):
    logits = apply_fn(params, x)
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

schedule = optax.cosine_decay_schedule(LR, EPOCHS * len(train_x) // BATCH)
opt = optax.adam(schedule)

@jax.jit
def train_step(params, opt_state, x, y):
    loss, grads = jax.value_and_grad(loss_fn)(params, x, y)
    updates, opt_state = opt.update(grads, opt_state)
    return optax.apply_updates(params, updates), opt_state, loss

def main():
    params = init_params(jax.random.PRNGKey(SEED))
    opt_state = opt.init(params)
    rng = np.random.default_rng(SEED)
    start = time.perf_counter()
    for epoch in range(EPOCHS):
        perm = rng.permutation(len(train_x))
        for i in range(0, len(perm) - BATCH, BATCH):
            idx = perm[i:i + BATCH]
            params, opt_state, loss = train_step(params, opt_state, train_x[idx], train_y[idx])
        print(f"epoch {epoch} loss {loss:.4f}")
    acc = accuracy(apply_fn, params, test_x, test_y)
    print(f"train_seconds: {time.perf_counter() - start:.1f}")
    print(f"test_acc: {acc:.4f}")

if __name__ == "__main__":
    main()
""",
}

BASES["tab"] = {
    "metric": "rmse",
    "judge_file": "",
    "judge": "",
    "source": """
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TARGET = "SalePrice"
df = pd.read_csv("data/houses.csv")
y = np.log1p(df[TARGET])
X = df.drop(columns=[TARGET, "Id"])

numeric = X.select_dtypes("number").columns.tolist()
categorical = X.select_dtypes("object").columns.tolist()

X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)

def build_features(frame):
    frame = frame.copy()
    frame["TotalSF"] = frame["TotalBsmtSF"] + frame["1stFlrSF"] + frame["2ndFlrSF"]
    return frame

X_train = build_features(X_train)
X_test = build_features(X_test)
numeric = numeric + ["TotalSF"]

pre = ColumnTransformer([
    ("num", StandardScaler(), numeric),
    ("cat", OneHotEncoder(handle_unknown="ignore"), categorical),
])
model = Pipeline([
    ("pre", pre),
    ("reg", GradientBoostingRegressor(n_estimators=300, learning_rate=0.05, max_depth=3, random_state=0)),
])
model.fit(X_train, y_train)
cv = cross_val_score(model, X_train, y_train, cv=KFold(5, shuffle=True, random_state=0), scoring="neg_root_mean_squared_error")
print("cv_rmse", -cv.mean())

pred = model.predict(X_test)
rmse = np.sqrt(mean_squared_error(y_test, pred))
print(f"rmse: {rmse:.5f}")
""",
}

BASES["trade"] = {
    "metric": "sharpe",
    "judge_file": "backtest.py",
    "judge": """
import numpy as np
import pandas as pd
from strategy import generate_signals

COST = 0.0005

def load_prices(split):
    frame = pd.read_parquet("data/prices.parquet")
    return frame.loc["2015":"2020"] if split == "train" else frame.loc["2021":]

def run(split="test"):
    prices = load_prices(split)
    positions = generate_signals(prices)
    returns = prices.pct_change().fillna(0)
    pnl = (positions.shift(1) * returns).sum(axis=1) - positions.diff().abs().sum(axis=1) * COST
    sharpe = np.sqrt(252) * pnl.mean() / pnl.std()
    print(f"sharpe: {sharpe:.4f}")

if __name__ == "__main__":
    run()
""",
    "source": """
import numpy as np
import pandas as pd

FAST = 10
SLOW = 50
VOL_WINDOW = 20
TARGET_VOL = 0.10
MAX_LEVERAGE = 2.0

def momentum(prices):
    fast = prices.rolling(FAST).mean()
    slow = prices.rolling(SLOW).mean()
    return np.sign(fast - slow)

def volatility(prices):
    returns = prices.pct_change()
    return returns.rolling(VOL_WINDOW).std() * np.sqrt(252)

def generate_signals(prices):
    signal = momentum(prices)
    vol = volatility(prices)
    scale = (TARGET_VOL / vol).clip(upper=MAX_LEVERAGE)
    positions = (signal * scale).fillna(0.0)
    return positions / prices.shape[1]
""",
}

BASES["trade1"] = {
    "metric": "sharpe",
    "judge_file": "",
    "judge": "",
    "source": """
import numpy as np
import pandas as pd

LOOKBACK = 60
HOLD = 5
TOP_K = 10
COST_BPS = 5
START, END = "2018-01-01", "2023-12-31"

def load():
    px = pd.read_csv("data/close.csv", index_col=0, parse_dates=True)
    return px.loc[START:END].dropna(axis=1)

def rank_signal(px):
    mom = px / px.shift(LOOKBACK) - 1
    return mom.rank(axis=1, ascending=False)

def backtest(px):
    ranks = rank_signal(px)
    weights = (ranks <= TOP_K).astype(float) / TOP_K
    weights = weights[::HOLD].reindex(px.index).ffill()
    rets = px.pct_change()
    gross = (weights.shift(1) * rets).sum(axis=1)
    cost = weights.diff().abs().sum(axis=1) * COST_BPS / 1e4
    return gross - cost

def metrics(pnl):
    equity = (1 + pnl).cumprod()
    dd = (equity / equity.cummax() - 1).min()
    sharpe = pnl.mean() / pnl.std() * np.sqrt(252)
    return sharpe, dd

if __name__ == "__main__":
    px = load()
    pnl = backtest(px)
    sharpe, dd = metrics(pnl)
    print(f"max_drawdown: {dd:.3f}")
    print(f"sharpe: {sharpe:.3f}")
""",
}

BASES["kernel"] = {
    "metric": "latency_ms",
    "judge_file": "bench.py",
    "judge": """
import torch
import kernel

SHAPES = [(4096, 4096), (8192, 2048), (1024, 16384)]
WARMUP = 10
ITERS = 100

def check(out, ref):
    assert torch.allclose(out.float(), ref.float(), atol=1e-2, rtol=1e-2)

def main():
    total = 0.0
    for m, n in SHAPES:
        x = torch.randn(m, n, device="cuda", dtype=torch.float16)
        w = torch.randn(n, device="cuda", dtype=torch.float16)
        check(kernel.rms_norm(x, w), kernel.reference(x, w))
        for _ in range(WARMUP):
            kernel.rms_norm(x, w)
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        for _ in range(ITERS):
            kernel.rms_norm(x, w)
        end.record()
        torch.cuda.synchronize()
        total += start.elapsed_time(end) / ITERS
    print(f"latency_ms: {total:.4f}")

if __name__ == "__main__":
    main()
""",
    "source": """
import torch
import triton
import triton.language as tl

BLOCK = 1024
NUM_WARPS = 4

@triton.jit
def _rms_kernel(X, W, Y, stride, N, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    acc = tl.zeros([BLOCK], dtype=tl.float32)
    for off in range(0, N, BLOCK):
        mask = off + cols < N
        x = tl.load(X + row * stride + off + cols, mask=mask, other=0.0).to(tl.float32)
        acc += x * x
    rstd = 1.0 / tl.sqrt(tl.sum(acc, axis=0) / N + eps)
    for off in range(0, N, BLOCK):
        mask = off + cols < N
        x = tl.load(X + row * stride + off + cols, mask=mask, other=0.0).to(tl.float32)
        w = tl.load(W + off + cols, mask=mask, other=0.0).to(tl.float32)
        tl.store(Y + row * stride + off + cols, (x * rstd * w).to(tl.float16), mask=mask)

def reference(x, w, eps=1e-6):
    xf = x.float()
    return (xf * torch.rsqrt(xf.pow(2).mean(-1, keepdim=True) + eps) * w.float()).half()

def rms_norm(x, w, eps=1e-6):
    y = torch.empty_like(x)
    m, n = x.shape
    _rms_kernel[(m,)](x, w, y, x.stride(0), n, eps, BLOCK=BLOCK, num_warps=NUM_WARPS)
    return y
""",
}

BASES["sort"] = {
    "metric": "ms",
    "judge_file": "",
    "judge": "",
    "source": """
import random
import time

import numpy as np

from reference import solve_reference

N = 200_000
REPEATS = 7

def make_input(seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 1_000_000, N), rng.random((N, 3)).astype(np.float32)

def group_sum(keys, values):
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    bounds = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[bounds], np.add.reduceat(values, bounds)

def bench():
    times = []
    for r in range(REPEATS):
        keys, values = make_input(r)
        begin = time.perf_counter()
        got = group_sum(keys, values)
        times.append((time.perf_counter() - begin) * 1000)
        want = solve_reference(keys, values)
        if not np.allclose(got[1], want[1], rtol=1e-4):
            raise SystemExit("wrong result")
    return float(np.median(times))

if __name__ == "__main__":
    print(f"ms: {bench():.3f}")
""",
}

BASES["hf"] = {
    "metric": "eval_f1",
    "judge_file": "",
    "judge": "",
    "source": """
import numpy as np
from datasets import load_dataset
from sklearn.metrics import f1_score
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding,
                          Trainer, TrainingArguments, set_seed)

MODEL = "distilroberta-base"
set_seed(13)
raw = load_dataset("glue", "mrpc")
tok = AutoTokenizer.from_pretrained(MODEL)

def encode(batch):
    return tok(batch["sentence1"], batch["sentence2"], truncation=True, max_length=128)

ds = raw.map(encode, batched=True)
train_ds = ds["train"]
eval_ds = ds["validation"]

def compute_metrics(eval_pred):
    logits, labels = eval_pred
    preds = np.argmax(logits, axis=-1)
    return {"f1": f1_score(labels, preds), "accuracy": (preds == labels).mean()}

model = AutoModelForSequenceClassification.from_pretrained(MODEL, num_labels=2)
args = TrainingArguments(
    output_dir="out",
    learning_rate=2e-5,
    num_train_epochs=3,
    per_device_train_batch_size=32,
    per_device_eval_batch_size=64,
    weight_decay=0.01,
    warmup_ratio=0.06,
    evaluation_strategy="epoch",
    report_to=[],
)
trainer = Trainer(model=model, args=args, train_dataset=train_ds, eval_dataset=eval_ds,
                  data_collator=DataCollatorWithPadding(tok), compute_metrics=compute_metrics)
trainer.train()
metrics = trainer.evaluate()
print(f"eval_f1: {metrics['eval_f1']:.4f}")
""",
}

BASES["pl"] = {
    "metric": "val_acc",
    "judge_file": "",
    "judge": "",
    "source": """
import lightning as L
import torch
import torch.nn.functional as F
import torchmetrics
from torch.utils.data import DataLoader, random_split
from torchvision import transforms
from torchvision.datasets import CIFAR100

class DataModule(L.LightningDataModule):
    def __init__(self, batch_size=256):
        super().__init__()
        self.batch_size = batch_size

    def setup(self, stage=None):
        aug = transforms.Compose([transforms.RandomCrop(32, 4), transforms.RandomHorizontalFlip(), transforms.ToTensor()])
        full = CIFAR100("data", train=True, transform=aug)
        self.train_set, self.val_set = random_split(full, [45000, 5000], generator=torch.Generator().manual_seed(0))

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.batch_size, shuffle=True, num_workers=4)

    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=512, num_workers=4)

class Net(L.LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.net = resnet18(num_classes=100)
        self.lr = lr
        self.val_acc = torchmetrics.Accuracy(task="multiclass", num_classes=100)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self.net(x), y, label_smoothing=0.1)
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        x, y = batch
        logits = self.net(x)
        self.val_acc(logits, y)
        self.log("val_acc", self.val_acc, on_epoch=True, prog_bar=True)

    def configure_optimizers(self):
        opt = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
        sched = torch.optim.lr_scheduler.OneCycleLR(opt, self.lr, total_steps=self.trainer.estimated_stepping_batches)
        return {"optimizer": opt, "lr_scheduler": {"scheduler": sched, "interval": "step"}}

if __name__ == "__main__":
    L.seed_everything(7)
    dm, net = DataModule(), Net()
    trainer = L.Trainer(max_epochs=30, precision="16-mixed")
    trainer.fit(net, dm)
    result = trainer.validate(net, dm)[0]
    print(f"val_acc: {result['val_acc']:.4f}")
""",
}

BASES["rag"] = {
    "metric": "exact_match",
    "judge_file": "grade.py",
    "judge": """
import json
import re
import string

from pipeline import answer

def normalize(s):
    s = re.sub(r"\\b(a|an|the)\\b", " ", s.lower())
    return " ".join("".join(c for c in s if c not in string.punctuation).split())

def main():
    items = [json.loads(line) for line in open("data/questions_dev.jsonl")]
    hits = 0
    for item in items:
        hits += normalize(answer(item["question"])) == normalize(item["answer"])
    print(f"exact_match: {hits / len(items):.4f}")

if __name__ == "__main__":
    main()
""",
    "source": '''
import json
import re

import numpy as np
from openai import OpenAI
from sentence_transformers import SentenceTransformer

TOP_K = 5
CHUNK = 400
TEMPERATURE = 0.0
PROMPT = """Answer the question using only the context. Reply with the shortest possible span.

Context:
{context}

Question: {question}
Answer:"""

client = OpenAI()
encoder = SentenceTransformer("BAAI/bge-small-en")
docs = [json.loads(line)["text"] for line in open("data/corpus.jsonl")]
chunks = [d[i:i + CHUNK] for d in docs for i in range(0, len(d), CHUNK)]
index = encoder.encode(chunks, normalize_embeddings=True)

def retrieve(question, k=TOP_K):
    q = encoder.encode([question], normalize_embeddings=True)[0]
    top = np.argsort(-(index @ q))[:k]
    return [chunks[i] for i in top]

def answer(question):
    context = "\\n---\\n".join(retrieve(question))
    reply = client.chat.completions.create(
        model="gpt-4o-mini", temperature=TEMPERATURE,
        messages=[{"role": "user", "content": PROMPT.format(context=context, question=question)}])
    return reply.choices[0].message.content.strip()
''',
}

BASES["prompt"] = {
    "metric": "accuracy",
    "judge_file": "",
    "judge": "",
    "source": """
import asyncio
import json
import random

from llm import complete

SYSTEM = "You are a careful grader of math word problems. Think step by step, then give the answer after ####."
N_SHOTS = 4
MAX_TOKENS = 512

def load(path):
    with open(path) as f:
        return [json.loads(line) for line in f]

train = load("data/gsm_train.jsonl")
test = load("data/gsm_test.jsonl")

def build_prompt(item, rng):
    shots = rng.sample(train, N_SHOTS)
    parts = [f"Q: {s['question']}\\nA: {s['solution']}" for s in shots]
    parts.append(f"Q: {item['question']}\\nA:")
    return "\\n\\n".join(parts)

def parse(text):
    tail = text.split("####")[-1]
    return tail.strip().replace(",", "").rstrip(".")

async def score_one(item, rng):
    text = await complete(SYSTEM, build_prompt(item, rng), max_tokens=MAX_TOKENS)
    return parse(text) == item["answer"]

async def main():
    rng = random.Random(0)
    results = await asyncio.gather(*(score_one(item, rng) for item in test))
    accuracy = sum(results) / len(results)
    print(f"accuracy: {accuracy:.4f}")

if __name__ == "__main__":
    asyncio.run(main())
""",
}

BASES["rl"] = {
    "metric": "mean_return",
    "judge_file": "",
    "judge": "",
    "source": """
import time
import gymnasium as gym
import numpy as np
import torch
import torch.nn as nn
from torch.distributions import Categorical

ENV_ID = "LunarLander-v3"
TOTAL_STEPS = 300_000
GAMMA = 0.99
LAM = 0.95
CLIP = 0.2
LR = 3e-4
N_ENVS = 8
ROLLOUT = 256
EVAL_EPISODES = 50
EVAL_SEED = 10_000

class Agent(nn.Module):
    def __init__(self, obs, act):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(obs, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.pi = nn.Linear(64, act)
        self.v = nn.Linear(64, 1)

    def forward(self, x):
        h = self.body(x)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)

def make_env():
    return gym.make(ENV_ID)

def evaluate(agent):
    env = make_env()
    returns = []
    for ep in range(EVAL_EPISODES):
        obs, _ = env.reset(seed=EVAL_SEED + ep)
        total, done = 0.0, False
        while not done:
            with torch.no_grad():
                dist, _ = agent(torch.as_tensor(obs))
            obs, reward, term, trunc, _ = env.step(dist.probs.argmax().item())
            total += reward
            done = term or trunc
        returns.append(total)
    return float(np.mean(returns))

def train():
    envs = gym.vector.SyncVectorEnv([make_env for _ in range(N_ENVS)])
    agent = Agent(8, 4)
    opt = torch.optim.Adam(agent.parameters(), lr=LR)
    obs, _ = envs.reset(seed=1)
    for update in range(TOTAL_STEPS // (N_ENVS * ROLLOUT)):
        batch, obs = collect(envs, agent, obs)
        ppo_update(agent, opt, batch)
    return agent

if __name__ == "__main__":
    agent = train()
    score = evaluate(agent)
    print(f"mean_return: {score:.2f}")
""",
}

BASES["rlenv"] = {
    "metric": "success_rate",
    "judge_file": "evaluate.py",
    "judge": """
import numpy as np
from policy import Policy, make_env

N_EPISODES = 100

def main():
    policy = Policy.load("policy.pt")
    wins = 0
    for ep in range(N_EPISODES):
        env = make_env(seed=5000 + ep)
        obs = env.reset()
        done = False
        while not done:
            obs, reward, done, info = env.step(policy.act(obs))
        wins += bool(info["success"])
    print(f"success_rate: {wins / N_EPISODES:.3f}")

if __name__ == "__main__":
    main()
""",
    "source": """
import numpy as np
import torch
from gridworld import GridWorld

LR = 1e-3
EPS_START, EPS_END = 1.0, 0.05
EPISODES = 4000
MAX_STEPS = 200

class ShapedEnv:
    def __init__(self, env):
        self.env = env

    def reset(self):
        self.steps = 0
        return self.env.reset()

    def step(self, action):
        self.steps += 1
        obs, reward, done, info = self.env.step(action)
        shaped = reward - 0.01
        return obs, shaped, done or self.steps >= MAX_STEPS, info

def make_env(seed=None):
    return ShapedEnv(GridWorld(size=12, seed=seed))

class Policy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.q = torch.nn.Sequential(torch.nn.Linear(144, 128), torch.nn.ReLU(), torch.nn.Linear(128, 4))

    def act(self, obs, eps=0.0):
        if np.random.rand() < eps:
            return np.random.randint(4)
        return int(self.q(torch.as_tensor(obs).float()).argmax())

    @classmethod
    def load(cls, path):
        policy = cls()
        policy.load_state_dict(torch.load(path))
        return policy

def train():
    policy = Policy()
    opt = torch.optim.Adam(policy.parameters(), lr=LR)
    env = make_env(seed=0)
    for ep in range(EPISODES):
        obs, done = env.reset(), False
        eps = EPS_START + (EPS_END - EPS_START) * ep / EPISODES
        while not done:
            a = policy.act(obs, eps)
            nxt, r, done, info = env.step(a)
            update(policy, opt, obs, a, r, nxt, done)
            obs = nxt
    torch.save(policy.state_dict(), "policy.pt")

if __name__ == "__main__":
    train()
""",
}
BASES["lgbm"] = {
    "metric": "auc",
    "judge": "",
    "judge_file": "",
    "source": """
import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

data = pd.read_csv("input/train.csv")
features = [c for c in data.columns if c not in ("id", "churned")]
folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=2024)
oof = np.zeros(len(data))
params = {"objective": "binary", "learning_rate": 0.03, "num_leaves": 31, "verbose": -1}

for fold, (tr_idx, va_idx) in enumerate(folds.split(data, data["churned"])):
    tr, va = data.iloc[tr_idx], data.iloc[va_idx]
    med = tr[features].median()
    booster = lgb.train(params, lgb.Dataset(tr[features].fillna(med), tr["churned"]), num_boost_round=600)
    oof[va_idx] = booster.predict(va[features].fillna(med))
    print(fold, roc_auc_score(va["churned"], oof[va_idx]))

auc = roc_auc_score(data["churned"], oof)
print(f"auc: {auc:.6f}")
""",
}
BASES["vision"] = {
    "metric": "val_accuracy",
    "judge": "",
    "judge_file": "",
    "source": """
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

train_tf = T.Compose([T.RandomResizedCrop(96), T.RandomHorizontalFlip(), T.ToTensor()])
val_tf = T.Compose([T.Resize(110), T.CenterCrop(96), T.ToTensor()])
train_set = datasets.ImageFolder("imagenette/train", train_tf)
val_set = datasets.ImageFolder("imagenette/val", val_tf)
train_dl = DataLoader(train_set, 64, shuffle=True, num_workers=8)
val_dl = DataLoader(val_set, 256, num_workers=8)

def run_epoch(net, opt):
    net.train()
    for xb, yb in train_dl:
        loss = F.cross_entropy(net(xb.cuda()), yb.cuda())
        opt.zero_grad()
        loss.backward()
        opt.step()

@torch.inference_mode()
def test(net):
    net.eval()
    hits = seen = 0
    for xb, yb in val_dl:
        out = net(xb.cuda()).argmax(1).cpu()
        hits += (out == yb).sum().item()
        seen += len(yb)
    return hits / seen

net = build_net().cuda()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(12):
    run_epoch(net, opt)
final = test(net)
print("val_accuracy:", round(final, 5))
""",
}
BASES["rouge"] = {
    "metric": "rougeL",
    "judge": "",
    "judge_file": "",
    "source": """
import evaluate as hf_evaluate
import numpy as np
from datasets import load_dataset
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, Seq2SeqTrainer, Seq2SeqTrainingArguments

ckpt = "google/flan-t5-small"
tokenizer = AutoTokenizer.from_pretrained(ckpt)
model = AutoModelForSeq2SeqLM.from_pretrained(ckpt)
dataset = load_dataset("samsum")
rouge = hf_evaluate.load("rouge")

def preprocess(rows):
    enc = tokenizer(["summarize: " + d for d in rows["dialogue"]], max_length=512, truncation=True)
    enc["labels"] = tokenizer(text_target=rows["summary"], max_length=128, truncation=True)["input_ids"]
    return enc

tokenized = dataset.map(preprocess, batched=True)

def compute_metrics(pred):
    preds = np.where(pred.predictions != -100, pred.predictions, tokenizer.pad_token_id)
    refs = np.where(pred.label_ids != -100, pred.label_ids, tokenizer.pad_token_id)
    hyp = tokenizer.batch_decode(preds, skip_special_tokens=True)
    ref = tokenizer.batch_decode(refs, skip_special_tokens=True)
    return rouge.compute(predictions=hyp, references=ref, use_stemmer=True)

training_args = Seq2SeqTrainingArguments("out", learning_rate=3e-4, num_train_epochs=2, predict_with_generate=True,
                                         per_device_train_batch_size=16, generation_max_length=128)
trainer = Seq2SeqTrainer(model, training_args, train_dataset=tokenized["train"], eval_dataset=tokenized["test"],
                         compute_metrics=compute_metrics, tokenizer=tokenizer)
trainer.train()
res = trainer.evaluate()
print("rougeL =", res["eval_rougeL"])
""",
}
BASES["wf"] = {
    "metric": "total_return",
    "judge": "",
    "judge_file": "",
    "source": """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

FEE = 0.001
TRAIN_DAYS = 500
THRESH = 0.55

bars = pd.read_csv("btc_daily.csv", parse_dates=["date"], index_col="date")

def features(df):
    out = pd.DataFrame(index=df.index)
    out["ret1"] = df["close"].pct_change()
    out["ret5"] = df["close"].pct_change(5)
    out["vol"] = out["ret1"].rolling(20).std()
    out["target"] = (df["close"].shift(-1) > df["close"]).astype(int)
    return out.dropna()

def simulate(df):
    feats = features(df)
    cols = ["ret1", "ret5", "vol"]
    pos = pd.Series(0.0, index=feats.index)
    for start in range(TRAIN_DAYS, len(feats), 30):
        past = feats.iloc[start - TRAIN_DAYS:start]
        now = feats.iloc[start:start + 30]
        clf = LogisticRegression(max_iter=500).fit(past[cols], past["target"])
        prob = clf.predict_proba(now[cols])[:, 1]
        pos.loc[now.index] = (prob > THRESH).astype(float)
    ret = df["close"].pct_change().reindex(pos.index)
    strat = pos.shift(1) * ret - pos.diff().abs() * FEE
    return (1 + strat.fillna(0)).prod() - 1

print(f"total_return: {simulate(bars):.4f}")
""",
}
BASES["gemm"] = {
    "metric": "gflops",
    "judge_file": "harness.py",
    "judge": """
import time
import numpy as np
from matmul import matmul

SIZES = [256, 512, 1024]

def run():
    rates = []
    for n in SIZES:
        a = np.random.rand(n, n).astype(np.float32)
        b = np.random.rand(n, n).astype(np.float32)
        matmul(a, b)
        t = time.perf_counter()
        for _ in range(5):
            c = matmul(a, b)
        dt = (time.perf_counter() - t) / 5
        assert np.allclose(c, a @ b, rtol=1e-3)
        rates.append(2 * n ** 3 / dt / 1e9)
    print(f"gflops: {np.mean(rates):.2f}")

run()
""",
    "file": "matmul.py",
    "source": """
import numpy as np
from numba import njit, prange

TILE = 32

@njit(parallel=True, fastmath=True)
def _kernel(a, b, c):
    n, k = a.shape
    m = b.shape[1]
    for i0 in prange((n + TILE - 1) // TILE):
        for j0 in range(0, m, TILE):
            for i in range(i0 * TILE, min((i0 + 1) * TILE, n)):
                for j in range(j0, min(j0 + TILE, m)):
                    acc = 0.0
                    for p in range(k):
                        acc += a[i, p] * b[p, j]
                    c[i, j] = acc

def matmul(a, b):
    c = np.empty((a.shape[0], b.shape[1]), dtype=np.float32)
    _kernel(a, b, c)
    return c
""",
}
BASES["sb3"] = {
    "metric": "reward",
    "judge": "",
    "judge_file": "",
    "source": """
import gymnasium as gym
import numpy as np
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

ENV = "BipedalWalker-v3"

class SparseBonus(gym.Wrapper):
    def step(self, action):
        obs, r, term, trunc, info = self.env.step(action)
        return obs, r + 0.1 * abs(obs[2]), term, trunc, info

train_env = make_vec_env(ENV, n_envs=16, seed=3, wrapper_class=SparseBonus)
model = PPO("MlpPolicy", train_env, n_steps=2048, batch_size=256, gae_lambda=0.95, gamma=0.999, learning_rate=3e-4)
model.learn(1_000_000)

eval_env = gym.make(ENV)
mean, std = evaluate_policy(model, eval_env, n_eval_episodes=30, deterministic=True)
print(f"reward: {mean:.3f}")
print(f"reward_std: {std:.3f}")
""",
}
BASES["agent"] = {
    "metric": "pass_rate",
    "judge_file": "run_eval.py",
    "judge": """
import json, subprocess
from agent import solve

def main():
    tasks = json.load(open("tasks/heldout.json"))
    ok = 0
    for t in tasks:
        code = solve(t["prompt"])
        ok += subprocess.run(["python", "-c", code + "\\n" + t["tests"]]).returncode == 0
    print("pass_rate:", ok / len(tasks))

main()
""",
    "file": "agent.py",
    "source": """
import re
from llm import chat

SYSTEM = "You write correct, short Python functions."
RETRIES = 2

def extract(reply):
    found = re.search(r"```python\\n(.*?)```", reply, re.S)
    return found.group(1) if found else reply

def plausible(code):
    try:
        compile(code, "x", "exec")
        return True
    except SyntaxError:
        return False

def solve(prompt):
    for attempt in range(RETRIES + 1):
        code = extract(chat(SYSTEM, prompt, temperature=0.2 * attempt))
        if plausible(code):
            return code
    return code
""",
}
BASES["judge_llm"] = {
    "metric": "faithfulness",
    "judge": "",
    "judge_file": "",
    "source": """
import json
from statistics import mean
from rag import index, generate, ask_judge

QUESTIONS = [json.loads(l) for l in open("eval/questions.jsonl")]
JUDGE_PROMPT = "Score from 0 to 1 how well the answer is supported by the context. Answer: {answer} Context: {context}"
K = 4

def respond(q):
    passages = index.search(q["question"], k=K)
    return generate(q["question"], passages), passages

def grade(answer, passages):
    reply = ask_judge(JUDGE_PROMPT.format(answer=answer, context="\\n".join(passages)))
    return float(reply)

scores = []
for q in QUESTIONS:
    answer, passages = respond(q)
    scores.append(grade(answer, passages))
faithfulness = mean(scores)
print(json.dumps({"faithfulness": faithfulness, "n": len(scores)}))
""",
}
BASES["flax"] = {
    "metric": "eval_loss",
    "judge": "",
    "judge_file": "",
    "source": """
import jax, jax.numpy as jnp, optax, numpy as np
from flax import linen as nn
from flax.training.train_state import TrainState

tokens = np.load("corpus.npy")
cut = int(0.9 * len(tokens))
train_tokens, eval_tokens = tokens[:cut], tokens[cut:]
T, BS, STEPS, EVAL_BATCHES = 128, 64, 3000, 50

def batch(rng, data):
    i = rng.integers(0, len(data) - T - 1, BS)
    x = np.stack([data[j:j + T] for j in i])
    y = np.stack([data[j + 1:j + T + 1] for j in i])
    return x, y

def loss_of(params, apply, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(apply({"params": params}, x), y).mean()

@jax.jit
def step(state, x, y):
    l, g = jax.value_and_grad(loss_of)(state.params, state.apply_fn, x, y)
    return state.apply_gradients(grads=g), l

@jax.jit
def eval_step(state, x, y):
    return loss_of(state.params, state.apply_fn, x, y)

rng = np.random.default_rng(0)
for i in range(STEPS):
    state, l = step(state, *batch(rng, train_tokens))
erng = np.random.default_rng(1)
losses = [eval_step(state, *batch(erng, eval_tokens)) for _ in range(EVAL_BATCHES)]
print(f"eval_loss {np.mean(losses):.5f}")
""",
}
BASES["seg"] = {
    "metric": "miou",
    "judge": "",
    "judge_file": "",
    "source": """
import torch, numpy as np
import torch.nn.functional as F
from torch.utils.data import DataLoader, Subset
from data import Cityscapes

CLASSES = 19
CROP = 512
full = Cityscapes("fine", crop=CROP)
order = np.random.RandomState(5).permutation(len(full))
train = DataLoader(Subset(full, order[500:]), batch_size=8, shuffle=True)
holdout = DataLoader(Subset(full, order[:500]), batch_size=4)

def confusion(pred, target):
    ok = target != 255
    return np.bincount(CLASSES * target[ok] + pred[ok], minlength=CLASSES ** 2).reshape(CLASSES, CLASSES)

def evaluate(net):
    net.eval()
    total = np.zeros((CLASSES, CLASSES))
    with torch.no_grad():
        for img, lab in holdout:
            out = net(img.cuda()).argmax(1).cpu().numpy()
            total += confusion(out, lab.numpy())
    inter = np.diag(total)
    union = total.sum(0) + total.sum(1) - inter
    return (inter / union).mean()

net = make_net().cuda()
opt = torch.optim.SGD(net.parameters(), 0.01, 0.9)
for epoch in range(40):
    for img, lab in train:
        loss = F.cross_entropy(net(img.cuda()), lab.cuda().long(), ignore_index=255)
        opt.zero_grad(); loss.backward(); opt.step()
print("miou:", evaluate(net))
""",
}
BASES["fore"] = {
    "metric": "mape",
    "judge": "",
    "judge_file": "",
    "source": """
import numpy as np
import pandas as pd
from prophet import Prophet

HORIZON = 28
sales = pd.read_csv("sales.csv", parse_dates=["ds"])
errors = []
for store, frame in sales.groupby("store"):
    history, actual = frame.iloc[:-HORIZON], frame.iloc[-HORIZON:]
    m = Prophet(changepoint_prior_scale=0.1, weekly_seasonality=True)
    m.fit(history)
    forecast = m.predict(actual[["ds"]])["yhat"].values
    errors.append(np.mean(np.abs(forecast - actual["y"].values) / actual["y"].values))
mape = float(np.mean(errors))
print(f"mape={mape:.5f}")
""",
}
BASES["cls"] = {
    "metric": "macro_f1",
    "judge": "",
    "judge_file": "",
    "source": """
import json
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import f1_score

def read(path):
    rows = [json.loads(line) for line in open(path)]
    return [r["text"] for r in rows], [r["intent"] for r in rows]

train_texts, train_labels = read("data/train.jsonl")
test_texts, test_labels = read("data/test.jsonl")
vec = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
Xtr = vec.fit_transform(train_texts)
clf = SGDClassifier(alpha=1e-5, random_state=0)
clf.fit(Xtr, train_labels)
guess = clf.predict(vec.transform(test_texts))
print("macro_f1", f1_score(test_labels, guess, average="macro"))
""",
}
BASES["tok"] = {
    "metric": "tokens_per_second",
    "judge_file": "bench_decode.py",
    "judge": """
import time, torch
from decode import generate, load

def main():
    model = load()
    prompts = [l.strip() for l in open("bench_prompts.txt")]
    n, t0 = 0, time.perf_counter()
    for p in prompts:
        n += len(generate(model, p, max_new_tokens=128))
    torch.cuda.synchronize()
    print(f"tokens_per_second: {n / (time.perf_counter() - t0):.1f}")
main()
""",
    "file": "decode.py",
    "source": """
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = "Qwen/Qwen2.5-0.5B"
tok = AutoTokenizer.from_pretrained(NAME)

def load():
    return AutoModelForCausalLM.from_pretrained(NAME, torch_dtype=torch.float16).cuda().eval()

@torch.inference_mode()
def generate(model, prompt, max_new_tokens):
    ids = tok(prompt, return_tensors="pt").input_ids.cuda()
    past = None
    out = []
    cur = ids
    for _ in range(max_new_tokens):
        res = model(cur, past_key_values=past, use_cache=True)
        past = res.past_key_values
        cur = res.logits[:, -1:].argmax(-1)
        out.append(cur.item())
        if out[-1] == tok.eos_token_id:
            break
    return out
""",
}
BASES["dqn"] = {
    "metric": "eval_return",
    "judge": "",
    "judge_file": "",
    "source": """
import gymnasium as gym, numpy as np, torch, random
from collections import deque

def make(seed):
    env = gym.make("CartPole-v1")
    env.reset(seed=seed)
    return env

def play(q, env, eps):
    s, _ = env.reset()
    done, ret, traj = False, 0.0, []
    while not done:
        a = env.action_space.sample() if random.random() < eps else int(q(torch.tensor(s)).argmax())
        s2, r, term, trunc, _ = env.step(a)
        traj.append((s, a, r, s2, term))
        ret += r
        s, done = s2, term or trunc
    return ret, traj

q = build_q()
memory = deque(maxlen=50_000)
env = make(0)
for episode in range(600):
    ret, traj = play(q, env, eps=max(0.05, 1 - episode / 300))
    memory.extend(traj)
    learn(q, memory)
test_env = make(777)
scores = [play(q, test_env, eps=0.0)[0] for _ in range(20)]
print("eval_return:", np.mean(scores))
""",
}
BASES["sqlq"] = {
    "metric": "exec_accuracy",
    "judge": "",
    "judge_file": "",
    "source": """
import json, sqlite3
from llm import ask

EXAMPLES = open("prompts/shots.txt").read()
dev = json.load(open("spider/dev.json"))

def to_sql(question, schema):
    reply = ask(f"{EXAMPLES}\\nSchema: {schema}\\nQ: {question}\\nSQL:")
    return reply.split(";")[0]

def rows(db, sql):
    con = sqlite3.connect(db)
    try:
        return sorted(map(str, con.execute(sql).fetchall()))
    except sqlite3.Error:
        return None

right = 0
for ex in dev:
    sql = to_sql(ex["question"], ex["schema"])
    right += rows(ex["db"], sql) == rows(ex["db"], ex["query"])
print(f"exec_accuracy: {right / len(dev):.4f}")
""",
}
