"""Learning-rate schedules: how long, which shape, where they end."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
WARMUP_RATIO: warmup, warmup step, lr warmup, learning rate warmup, warm up, warmup frac, warmup fraction,
    warmup iter, lr ramp, linear warmup, lr warmup ratio, lr warmup step, ramp lr up over, ramp lr up, ramp lr,
    ramp learning rate, ramp up lr, ramp of lr, warm lr up, lr ramp up
WARMDOWN_RATIO: warmdown, lr warmdown, cooldown, cooldown ratio, warmdown iter, warmdown step, cooldown frac,
    cooldown fraction, decay phase, warmdown fraction, warmdown frac, lr cooldown, cool down, warm down,
    decay fraction, cooldown step, lr decay phase, learning rate cooldown, learning rate warmdown, cooldown phase,
    decay lr over, decay lr over last, cool lr over, cool lr down over, decay over last, lr decay over,
    decay learning rate over, anneal lr over, cooldown over, decay start at, start decay at, begin decay at
FINAL_LR_FRAC: final lr, lr floor, final lr floor, final learning rate, min lr, minimum lr, lr decay floor,
    final lr fraction, residual lr, lr min, min lr frac, min lr ratio, learning rate floor, stop decay at,
    end decay at, end cooldown at, schedule end at, lr end at, floor of lr, decay floor, cosine floor, end lr,
    eta min, min learning rate, minimum learning rate, floor lr, end schedule at, end at, cooldown end at,
    decay end at, end lr at, floor at, schedule floor
LR_SCHEDULE: learning rate schedule, lr decay, learning rate decay, lr decay schedule, warmdown decay,
    warmdown schedule, decay shape, cooldown shape, warmdown shape, lr curve, schedule shape, annealing, lr annealing,
    lr scheduler, cooldown schedule, cooldown curve, decay to zero schedule
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
cosine: half cosine, cosine decay, cos lr, cosine annealing, cosine shaped, cosine lr decay, cosine warmdown
linear decay: linear, linear warmdown
sqrt decay: sqrt, square root, 1 sqrt, one minus sqrt
exponential decay: exponential, exp decay
polynomial decay: polynomial, power law, quadratic, poly
wsd: trapezoidal, warmup stable decay, trapezoid
constant: constant lr, constant learning rate, flat lr
warm restart: cyclic lr, cosine restart, cyclical lr, cyclic learning rate, sgdr
"""
