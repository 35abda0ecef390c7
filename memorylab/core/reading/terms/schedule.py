"""Learning-rate schedules: how long, which shape, where they end."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
WARMUP_RATIO: lr ramp, ramp lr up over, ramp of lr, (lr|learning rate|linear|initial|linear lr|) (warmup|warm up)
    (phase|period|length|duration|fraction|proportion|portion|share|iteration|schedule|percentage|pct|epoch|token|
    ratio|step|frac|iter|), (ramp|warm|ramping|warming) (up|) (lr|learning rate|step size) (up|), (lr|learning rate|
    step size) (ramp up|rampup|ramp in|warming|ramping|rise), linear ramp (up|), rampup (step|), ramp up (step|phase|
    ), burn in, pct start, gradual lr increase, warming up, ramp (phase|length), start (lr|learning rate) (from|at)
    zero, num warmup step
WARMDOWN_RATIO: decay lr over last, decay over last, cooldown over, start decay at, begin decay at, (lr|learning
    rate|linear|final|lr linear|) (cooldown|cool down|warmdown|warm down|rampdown|ramp down|winddown|wind down)
    (phase|period|length|duration|fraction|proportion|portion|share|iteration|window|stretch|tail|span|ratio|step|
    frac|iter|), (lr|learning rate|linear|final|) (decay|annealing|anneal|decaying) (phase|period|length|duration|
    fraction|portion|share|window|stretch|tail|span|frac|step|iter|iteration), (anneal|decay|decaying|annealing|cool|
    cooling|lower|taper|wind|bring) (lr|learning rate|step size) (down|) (over|during|across|through), (lr|learning
    rate) (decay|anneal|fall|drop|decline|come down) (over|during|in|across|through) (last|final|), (start|begin|
    starting) (decay|cooldown|warmdown|annealing|cooling|lr decay|learning rate decay|to decay|decaying), (decay|
    cooldown|warmdown|lr decay|annealing) (begin|start|kick in) (at|after|), cool (lr|learning rate) down over, wsd
    decay (fraction|ratio|frac), stable phase, time spent decaying
FINAL_LR_FRAC: final lr floor, floor of lr, end at, floor at, (final|minimum|min|ending|end|terminal|residual|lowest|
    last|floor) (lr|learning rate|step size|lr fraction|lr frac|lr ratio|lr multiplier|lr factor|lr scale|lr value|
    learning rate fraction|learning rate ratio|learning rate multiplier), (lr|learning rate|decay|schedule|cosine|
    warmdown|cooldown|annealing|lr decay|lr schedule) (floor|minimum|min|end value|final value|bottom|end point|
    endpoint|final fraction|floor fraction|floor frac|lower bound|min ratio|min frac), (lr|learning rate|cooldown|
    decay|warmdown|schedule|cosine|annealing|lr decay|lr schedule|lr cooldown) (ending|ends|end|bottom out|bottoming
    out|finish|finishing|stop|stopping|land|landing|settle|terminate|level off) (at|on), (end|finish|stop|floor|
    bottom out) (lr|learning rate|decay|cooldown|warmdown|schedule|cosine|lr decay|lr schedule|annealing|learning
    rate decay|lr cooldown) at, (decay|anneal|cool) (lr|learning rate) (down|) only to, (anneal|decay) only to, floor
    of (learning rate|schedule|decay|step size), (lr|learning rate) at end, (lr|learning rate) left at end, eta min
    (ratio|), min lr (rate|), alpha f, lrf
LR_SCHEDULE: lr decay, learning rate decay, lr decay schedule, warmdown decay, warmdown schedule, annealing, cooldown
    schedule, decay to zero schedule, (lr|learning rate|step size) (schedule|scheduler|curve|profile|shape|policy|
    annealing|anneal|decay shape|decay curve|decay type|schedule type|scheduling|scheduler type|schedule shape|
    trajectory|plan), (decay|cooldown|warmdown|annealing) (shape|curve|profile|function|form|type|exponent|power),
    schedule (shape|curve|type), annealing schedule, shape of (decay|cooldown|warmdown|schedule|lr schedule|lr decay|
    annealing|learning rate schedule), scheduler type
LR_RESTARTS: number of restart, lr cycle, restart period
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
cosine: half cosine, cosine shaped, (cosine|cos|half cosine) (schedule|scheduler|shape|curve|lr|anneal|annealing|
    decay|warmdown|cooldown|lr schedule|lr decay|learning rate|learning rate schedule|lr annealing|learning rate
    decay|rampdown|profile|decay schedule|shaped decay), cosineannealinglr, raised cosine, half period cosine
linear decay: linear, linear warmdown, linear (schedule|decay schedule|lr decay|lr schedule|cooldown|rampdown|ramp
    down|anneal|annealing|decay to zero|learning rate decay|lr annealing|learning rate schedule|taper|decline|decay
    shape), straight line (decay|cooldown|schedule|warmdown), linearly (decay|decaying|decayed|annealed) (lr|learning
    rate), d2z
sqrt decay: (sqrt|square root|1 sqrt|one minus sqrt|inverse sqrt|inverse square root|rsqrt|1 minus sqrt) (decay|
    cooldown|warmdown|schedule|shape|lr|shaped cooldown|lr schedule|annealing|), 1 - sqrt, noam (schedule|),
    reciprocal (square root|sqrt)
exponential decay: exponential, exp decay, exponential (schedule|lr|lr decay|cooldown|warmdown|anneal|annealing|
    learning rate decay|shape|lr schedule), exp (lr decay|schedule|cooldown), geometric (decay|cooldown|schedule),
    exponentiallr
polynomial decay: polynomial, power law, quadratic, poly, (polynomial|power law|quadratic|poly|cubic) (schedule|
    cooldown|warmdown|lr|lr decay|lr schedule|anneal|annealing|shape|decay), polylr
wsd: trapezoidal, trapezoid, warmup stable decay (schedule|), wsd (schedule|scheduler|shape), trapezoidal (schedule|
    lr|lr schedule|learning rate), trapezoid schedule, warmup hold decay, warmup constant decay, constant then
    (decay|cooldown), stable then decay
constant: (constant|flat|fixed) (lr schedule|learning rate schedule|step size|lr|learning rate), (flat|constant)
    schedule, no (lr decay|lr schedule|learning rate decay|learning rate schedule|annealing)
warm restart: cosine restart, sgdr, cosine (with restart|warm restart|annealing warm restart|cycle), (cyclic|
    cyclical) (lr|learning rate|schedule|learning rate schedule|lr schedule), cyclicallr, cycliclr, lr (restart|
    cycling|warm restart), triangular (lr|schedule|learning rate), sawtooth (lr|schedule)
step decay: step lr, steplr, multistep, multi step lr, multisteplr, piecewise constant (lr|schedule), staircase
    (decay|schedule|lr), stepwise (decay|lr decay|schedule|lr), step wise decay, lr step decay
one cycle: 1cycle, onecycle, onecyclelr, one cycle (policy|lr|schedule), super convergence
reduce on plateau: reduce lr on plateau, reducelronplateau, lr plateau scheduler, plateau scheduler
"""
