"""Batches, lengths, seeds and regularization of a training run."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
TOTAL_BATCH_SIZE: total batch, batch, batch size, global batch, global batch size, tbs, batch token,
    train batch token, token per optimizer step, token per step, token per update, tokens per batch, effective batch,
    effective batch size, batch scale, batch of token, optimizer batch, bs, train batch, train batch size,
    sequences per step, tokens per optimiser step, total batch token
DEVICE_BATCH_SIZE: device batch, dbs, micro batch, microbatch, micro batch size, device bs, per device batch,
    per device batch size, microbatch size, per gpu batch, per gpu batch size, local batch, local batch size,
    sequences per device, row per device, rows per gpu, rows per micro step, micro batch of, sequence per micro step
GRAD_ACCUM: gradient accumulation, accum, grad accumulation, gradient accumulation step, accumulate, grad accum step,
    accumulation step, accumulation
SEQ_LEN: sequence length, max seq len, context length, seq, ctx, context window, context, block size, seqlen,
    row length, ctx len, context size, training context, train seq len, max sequence length, num ctx, n ctx,
    token row, token sequence, token context, length of row, rows of token, train sequence length
EPOCHS: epoch, pass over data, pass over, num epoch
SEED: random seed, rng seed, other seed
TIME_BUDGET: budget, wall clock budget, training time
LABEL_SMOOTHING: smooth label, soft target, smoothed target, smoothed label, label smooth, smooth target,
    target smoothing, smoothing of label, smoothing of target
Z_LOSS: zloss, logsumexp penalty, log partition penalty, squared logsumexp, log z penalty, penalty on log partition,
    logit norm penalty, penalty on logsumexp, penalty on log z, penalize log z, penalise log z, penalize logsumexp,
    penalty on log partition function, log partition regularizer, squared log z, log z squared
STOCHASTIC_DEPTH: layer drop, layerdrop, drop path, droppath, skip block at random, drop each block with probability,
    randomly skip block, random layer skip, skip layer at random, drop block at random, randomly drop layer,
    randomly drop block, block dropout, layer dropout, drop whole block, skip random block,
    drop each layer with probability, bypass block at random, random block skip, randomly bypass layer
MTP: multi token prediction, predict two token, next two token, aux head, auxiliary head, two token ahead,
    extra head for second token, token after next, two step ahead prediction, predict next two token
EVAL_STRIDE: sliding eval stride, sliding window eval, eval window stride, stride, overlapping window
PATIENCE: early stopping patience
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
sliding eval: sliding evaluation
test time training: ttt
distillation: distill, teacher
deep supervision: aux loss, auxiliary loss, intermediate loss, intermediate layer loss, auxiliary head loss
curriculum: progressive, progressive growing, progressive schedule, growing window
sequence curriculum: sequence length curriculum, seq len curriculum, context curriculum, context length curriculum,
    seq curriculum, sequence length warmup, seq len warmup, growing context, context warmup
window warmup: window curriculum, window schedule
batch curriculum: batch size warmup, batch warmup, batch size schedule, batch ramp, grad accum curriculum,
    batch size curriculum, growing batch, batch schedule, batch size ramp
loss masking: mask loss, loss mask, ignore loss, no loss on, loss ignored on, exclude from loss
augmentation: augment, mixup, cutmix, data augmentation
lora: low rank adapter
early stopping: early stop
baseline: stock, unmodified, reference run, control run, control
rerun: re run, repeat, replicate, replication, second sample, verification run, verification, again with same
eval window: final eval, eval every, evaluation every
"""
