"""Optimizers, their knobs, gradients and averages of weights."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
MOMENTUM_WARMUP: momentum warmup step, muon warmup, muon momentum warmup, momentum ramp, muon momentum ramp, muon
    momentum warmup step, muonwarmup, momentum warm up, muon ramp, (muon|optimizer|muon s|) momentum (ramp up|rampup|
    schedule|warmup iteration|warmup iter|warmup phase|warmup length|ramp step|ramp length|warming|warm up step),
    (ramp|warm|warming|ramping) (up|) (muon|) momentum, (muon|) momentum (ramp|warm|climb|rise|ramping|ramped) (up|)
    over, (muon|muon s|) momentum (ramp up|climb|rise), (step|iteration|length|duration) (over which|for|of) (muon|
    muon s|) momentum (ramp|ramp up|warmup|warm up|climb), momentum warm, momentum cooldown
MOMENTUM_START: start momentum, starting momentum, initial momentum, starting muon momentum, initial muon momentum,
    muon start momentum, muon starting momentum, muon initial momentum, momentum warmup start, muon momentum start,
    muon momentum warmup start, momentum (begin|initial|init|lower end|warmup begin|low), (muon|muon s|) momentum
    (begin at|start at), begin momentum at, start (muon|) momentum at, momentum start value
MOMENTUM_FINAL: final momentum, final muon momentum, target momentum, peak momentum, muon target momentum, momentum
    endpoint, muon momentum endpoint, muon peak momentum, muon final momentum, end momentum, momentum target, muon
    end momentum, (muon|muon s|) momentum (end at|end|target value|plateau|final value|peak|max|ceiling|high), end
    (muon|muon s|) momentum at, maximum momentum, max (muon|) momentum, maximum muon momentum, (full|plateau|settled)
    (muon|) momentum
WD_FLOOR: weight decay floor, muon weight decay floor, muon wd floor, final weight decay, final wd, minimum (weight
    decay|wd), min (weight decay|wd), weight decay (minimum|min|end), wd (end|min), end (weight decay|wd)
WD_SCHEDULE: weight decay schedule, constant weight decay, constant wd, decaying weight decay, wd constant, cosine
    weight decay, linear weight decay, muon wd schedule, weight decay (annealing|anneal|decay|cosine|ramp|warmup|
    scheduling|tied to lr), wd (anneal|annealing|ramp|decay|scheduling|warmup), (anneal|ramp|schedule|scheduled|
    scheduling|annealed|time varying|scheduled) (weight decay|wd), cosine (wd|weight decay schedule|wd schedule),
    linear (wd|weight decay schedule), (weight decay|wd) (follow|proportional to|scaled by|multiplied by|times) (lr|
    learning rate), (weight decay|wd) (follow lr schedule|held constant|stay constant|kept constant)
NS_STEPS: newton schulz step, muon ns step, ns iteration, newton schulz iteration, muon backend step, backend step,
    muon ns iteration, newton schulz, orthogonalization step, orthogonalisation step, ns iter, ns5, muon iteration,
    orthogonalization iteration, newton schulz (iter|iteration count|order|round|pass|count), (polar|polar express)
    (iteration|iter|step), (orthogonalization|orthogonalisation|orthogonalize|orthogonalise) (iter|round|pass|loop),
    muon (ns|ns iter|newton schulz step|newton schulz iteration|polynomial iteration|orthogonalization step|
    orthogonalisation step), number of (newton schulz|ns) (step|iteration), zeropower step, zeropower via
    newtonschulz, newtonschulz step, newtonschulz5, newtonschulz, matrix sign iteration
MUON_MOMENTUM: muon beta, beta of muon, muon momentum coefficient, momentum (in|of|for) (muon|muon optimizer), muon
    (mu|momentum beta|momentum buffer decay|momentum factor|momentum coef|momentum term|heavy ball|beta1|momentum mu|
    momentum value|first moment), matrix momentum, mu (in|of|for) muon
NESTEROV: nesterov momentum, nesterov (lookahead|style|style momentum|acceleration|update|correction|accelerated
    gradient|look ahead), nag, look ahead gradient
CAUTIOUS: cautious wd, cautious weight decay, cautious wd mask, cautious mask, cautious update, cautious weight decay
    mask, cautious masking, sign agreement mask, cautious (optimizer|adam|adamw|muon|lion|decay|optimiser|step|decay
    mask|wd masking|weight decay masking|wd gating|gating), sign agreement, sign (match|mask|masking|matched|gated)
    (update|weight decay|decay), update sign agree with gradient, sign of update and gradient agree, mask update (by|
    where) sign, decay only where (update|gradient) and (weight|parameter) agree, decay only where sign (agree|
    match), (weight decay|decay|wd) only where (sign agree|update and weight agree|sign match|gradient and weight
    agree), sign aligned (update|decay), c adamw, c adam
GRAD_CLIP: gradient clipping, gradient clip, clip grad, grad clipping, gradient norm clipping, clip gradient, max
    grad norm, grad norm clip, global gradient norm clipping, clip grad norm, max norm, gradclip, gradient norm clip,
    clip gradient at norm, clip grad at norm, clip norm, global norm clip, norm clipping, grad norm clipping,
    clipping, clip global gradient norm, global gradient norm, global grad norm, gradient norm, grad norm, clip
    global norm, (gradient|grad) (clip value|clip threshold|clip norm|clipping threshold|clipping norm|clipping
    value|norm cap|norm ceiling|norm threshold|norm max|cap|norm bound|norm limit|norm limiting|clip at|clipped at|
    max norm), clip (of gradient|gradient to|grad norm to|by norm|by global norm|threshold|value), clip (gradients|
    total gradient|total grad|total) norm, (cap|limit|bound|clamp|rescale) (global|total|) (gradient norm|grad norm|
    gradient), max (grad|gradient norm|gradient|clip norm), global (clip|norm cap|norm limit), clipnorm, clip norm
    value, clipping (threshold|norm|value), clipped gradient, gradient rescaling
LR_REFERENCE: lr scale reference, lr reference dim, (lr|learning rate) (reference|scaling reference|reference width|
    scaling base), reference (dim|width|model dim|d model), base width, d model scaling, dmodel lr scale, lr (scale|
    scaled|scaling) (by|with) (width|model dim|d model|sqrt width), width based lr scaling, width scaled lr
GRAD_NOISE: gradient noise, noise on gradient, noise to gradient, noisy gradient, (gradient|grad) (noise injection|
    noising|perturbation|noise std|noise scale), (inject|injecting|injected) (noise into gradient|gradient noise),
    (gaussian|random) (gradient noise|noise on gradient|noise in gradient|noise to gradient), langevin, langevin
    noise, (jitter|perturb) gradient, noise into gradient
WEIGHT_NOISE: noise on weight, embedding noise, weight (perturbation|jitter|noising), (gaussian|random) weight noise,
    noise (to|into|in) weight, noise (on|to|into|in) (embedding|parameter), perturb weight, embedding noise alpha,
    neftune, neftune noise alpha, noisy embedding, parameter noise, jitter weight
EMA_DECAY: ema, ema of weight, exponential moving average, exponential moving average of weight, average of weight,
    polyak averaging, exponential moving average of model weight, averaging of weight, ema at eval, average weight,
    averaging weight, average parameter, ema (coefficient|coef|factor|rate|beta|model|copy|parameter|checkpoint|of
    parameter|of param|of model|of model weight|smoothing|horizon|half life|shadow|teacher|update rate|tracking|for
    eval|for evaluation), (running|moving|exponential|exponential running|exponentially weighted|rolling|smoothed|
    exponentially moving) (average|mean|copy) of (weight|parameter|param|model weight|model|iterates|iterate|model
    parameter), (weight|parameter|param|model|iterate) (ema|averaging|average|moving average|smoothing|exponential
    moving average), polyak (average|avg|averaging decay|ruppert|ruppert averaging), (averaged|smoothed|ema|shadow)
    (model|copy of weight|parameter|weight|iterate|param|copy), shadow (copy|parameter|params), weight ema decay,
    exponentially averaged weight, evaluate averaged weight, evaluating averaged weight, evaluate (ema|average of
    weight|ema weight)
SWA: stochastic weight averaging, (average|averaging|mean) (of|) (last|final|recent|several|late|multiple|tail)
    (checkpoint|snapshot), (average|averaging|merge|merging) (checkpoint|snapshot), (checkpoint|snapshot) (average|
    merge|merging|averaging|soup), model soup, weight soup, latest weight averaging, lawa, averaged checkpoint, swa
    start, tail averaging, uniform weight averaging, average (last|final) (checkpoint|weight), average late weight,
    soup of checkpoint, average weight over last
MUON_BETA2: (normuon|nor muon) (beta2|second moment|second moment decay|variance beta|variance decay), muon (second
    moment|second beta|variance decay|second moment decay|variance ema|variance beta)
MATRIX_LR: muon rate, mlr, matrix rate, muon (step|step size|update size), matrix (step|step size|update size)
EMBEDDING_LR: embedding rate, elr, embed rate, wte rate
UNEMBEDDING_LR: head (lr|learning rate|rate|step size), unembedding rate, ulr
SCALAR_LR: scalar rate, slr
ADAPTIVE_CLIP: adaptive (gradient clipping|grad clip|clipping|gradient clip), agc, zclip, autoclip
LR_MULT: (layer|depth|layerwise|layer wise|per layer) (lr|learning rate) (decay|multiplier|scaling|scale), llrd,
    discriminative (lr|learning rate), (per layer|layer dependent|depth dependent|layerwise) (lr|learning rate)
UPDATE_CLIP: update (clip|clipping|rms clip|rms clipping|cap|norm clip|norm), clip update, rms (clip|clipping|
    matching|scaling of update|update scaling), update rms, update scale, (cap|limit|bound) (update|update size|
    update rms|step norm), trust ratio, trust region
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
muon: muon optimizer, muon (orthogonalization|orthogonalisation|update|step|optimiser), momentum orthogonalized by
    newton schulz, orthogonalized momentum, orthogonalised momentum, orthogonalized update, orthogonalised update
adamw: adamw optimizer, plain adamw, adam optimizer, adamw (optimiser|everywhere|only), adam optimiser, all adamw,
    pure adamw, pure adam, plain adam, decoupled adam
lion: lion optimizer, sign momentum optimizer, evolved sign momentum, lion optimiser
sophia: sophia (g|optimizer|optimiser|h)
soap: shampoo, soap optimizer, shampoo (optimizer|preconditioner|preconditioning), soap optimiser, distributed
    shampoo, kronecker factored preconditioner
adafactor: adafactor optimizer, factored second moment, factorized second moment, factored adam
normuon: nor muon, normuon variance reduction, variance reduction, neuron wise normalization, (row|neuron|per neuron|
    row wise|rowwise|per row) (normalization|normalisation|normalized|normalised|variance normalization|second moment
    normalization|variance reduction|adaptive scaling), (neuronwise|neuron wise) (normalisation|normalized update|
    second moment), per neuron (second moment|adaptive lr|scaling), row normalized muon, variance normalized muon,
    variance reduced muon, (low rank|factored|factored) variance (estimator|reduction)
muoneq: muon equilibrated, equilibrated muon, muon eq, row equilibration
adamuon: ada muon, adaptive muon
schedule free: schedulefree, schedule free (adamw|optimizer|optimiser|adam|sgd), schedulefree (adamw|optimizer)
lookahead: lookahead (optimizer|optimiser|wrapper), slow weight, slow and fast weight
sam: sharpness aware minimization, sharpness aware, asam, flat minima perturbation, sharpness aware optimizer,
    sharpness aware minimisation
amsgrad: ams grad, max of second moment
nadam: nesterov adam, adam with nesterov, nadamw, nesterov adamw
polar express: polar express (coefficient|orthogonalization|orthogonalisation|sign method|iteration coefficient),
    optimal newton schulz coefficient, optimized newton schulz coefficient, tuned newton schulz coefficient, adaptive
    newton schulz coefficient
grokfast: grok fast, slow gradient amplification, amplify slow gradient
sgd: stochastic gradient descent, plain sgd, sgd (momentum|with momentum|optimizer), vanilla gradient descent
rmsprop: rms prop
adagrad: adagrad
adam-mini: adammini
lamb: lamb optimizer, lamb optimiser
ademamix: adema mix
mars: mars optimizer, mars variance reduction
adopt: adopt optimizer
prodigy: prodigy optimizer, d adaptation, dadapt, dadaptation, learning rate free
came: came optimizer
radam: rectified adam
scion: scion
dion: dion optimizer
psgd: psgd kron, kron optimizer, kronecker preconditioner, psgdkron
kfac: k fac, natural gradient
galore: gradient low rank projection
signsgd: sign sgd, signum, sign descent, sign of momentum, sign momentum
lbfgs: l bfgs
gradient centralization: gradient centralisation, centralize gradient, centralise gradient, centered gradient, zero
    mean gradient, subtract mean gradient, center gradient
gradient normalization: gradient normalisation, normalize gradient, normalise gradient, normalized gradient,
    normalised gradient, unit norm gradient
bias correction: adam bias correction, debias, debiasing, bias corrected moment
gradient surgery: pcgrad, gradient projection
optimizer state reset: reset optimizer state, reset (optimizer|momentum buffer|momentum|moment), clear optimizer
    state, reinitialize optimizer state, warm start optimizer
no decay on norms: no (weight decay|wd|decay) (on|for) (norm|bias|bias and norm|norm and bias|1d param|scalar|gain|
    norm gain), exclude (norm|bias|norm and bias|bias and norm|embedding) from (weight decay|wd|decay)
"""
