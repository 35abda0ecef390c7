"""Optimizers, their knobs, gradients and averages of weights."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
MOMENTUM_WARMUP: momentum warmup step, muon warmup, muon momentum warmup, momentum ramp, muon momentum ramp,
    muon momentum warmup step, muonwarmup, momentum warm up, muon ramp, ramp muon momentum, ramp momentum,
    muon momentum ramp up
MOMENTUM_START: start momentum, starting momentum, initial momentum, starting muon momentum, initial muon momentum,
    muon start momentum, muon starting momentum, muon initial momentum, momentum warmup start, muon momentum start,
    muon momentum warmup start
MOMENTUM_FINAL: final momentum, final muon momentum, target momentum, peak momentum, muon target momentum,
    momentum endpoint, muon momentum endpoint, muon peak momentum, muon final momentum, end momentum, momentum target,
    max momentum, muon end momentum
WD_FLOOR: weight decay floor, muon weight decay floor, muon wd floor, final weight decay, final wd
WD_SCHEDULE: weight decay schedule, constant weight decay, constant wd, decaying weight decay, wd follow lr,
    wd constant, cosine weight decay, linear weight decay, muon wd schedule
NS_STEPS: ns step, newton schulz step, muon ns step, ns iteration, newton schulz iteration, muon backend step,
    backend step, muon ns iteration, newton schulz, orthogonalization step, orthogonalisation step, ns iter, ns5,
    polar express step, muon iteration, orthogonalization iteration
MUON_MOMENTUM: muon beta, beta of muon, muon momentum coefficient
NESTEROV: nesterov momentum
CAUTIOUS: cautious wd, cautious weight decay, cautious wd mask, cautious mask, cautious update,
    cautious weight decay mask, cautious masking, sign agreement mask
GRAD_CLIP: gradient clipping, gradient clip, clip grad, grad clipping, gradient norm clipping, clip gradient,
    max grad norm, grad norm clip, global gradient norm clipping, clip grad norm, max norm, gradclip,
    gradient norm clip, clip gradient at norm, clip grad at norm, clip gradient norm, clip norm, global norm clip,
    norm clipping, gradient norm limit, grad norm clipping, clipping, clip global gradient norm, global gradient norm,
    global grad norm, gradient norm, grad norm, clip global norm
LR_REFERENCE: lr scale reference, lr scaling reference, lr reference dim
GRAD_NOISE: gradient noise, noise on gradient, noise to gradient, noisy gradient
WEIGHT_NOISE: noise on weight, embedding noise
EMA_DECAY: ema, ema of weight, weight ema, exponential moving average, moving average of weight, ema weight,
    exponential moving average of weight, weight averaging, averaged weight, average of weight, polyak averaging,
    weight average, exponential moving average of model weight, moving average of parameter, averaging of weight,
    parameter averaging, running average of weight, ema at eval, running mean of weight, average weight,
    averaging weight, averaged parameter, average parameter, smoothed weight, shadow weight
SWA: stochastic weight averaging, checkpoint averaging, average of last checkpoint, average checkpoint
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
muon: muon optimizer
adamw: adamw optimizer, plain adamw, adam optimizer
lion: lion optimizer
sophia: sophia
soap: shampoo, soap optimizer
adafactor: adafactor
normuon: nor muon, normuon variance reduction, variance reduction, neuron wise normalization
muoneq: muoneq
adamuon: adamuon
schedule free: schedulefree
lookahead: lookahead
sam: sharpness aware minimization
amsgrad: amsgrad
nadam: nadam
polar express: polar express
grokfast: grokfast
"""
