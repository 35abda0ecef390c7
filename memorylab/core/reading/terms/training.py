"""Batches, lengths, seeds and regularization of a training run."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
TOTAL_BATCH_SIZE: batch, batch size, tbs, batch token, batch scale, batch of token, bs, (total|global|effective|
    training|train|full|overall|optimizer|optimiser|mini|desired|macro) (batch|batch size|minibatch|batch token|
    batchsize|token batch), batchsize, minibatch (size|), mini batch (size|), (token|sequence|row|sample|example)
    (per|in each|in every) (optimizer step|optimiser step|step|update|batch|gradient step|parameter update|optimizer
    update|weight update|training step|gradient update), batch (in token|size in token|of size|token count|
    dimension), number of (token|sequence|sample) per (step|batch|update|optimizer step), train batch size in token,
    size of (batch|each batch|minibatch), total token per (step|batch), size per update
DEVICE_BATCH_SIZE: dbs, microbatch, device bs, microbatch size, micro batch of, (device|local|micro|per device|per
    gpu|per gpu train|per device train|gpu|per rank|single device|forward|physical) (batch|batch size|batchsize|
    minibatch), micro (bs|batchsize), mbs, microbatch (of|rows|count), (sequence|row|sample|example) per (device|gpu|
    forward|forward pass|microbatch|micro batch|micro step|microstep|rank|forward backward|forward backward pass),
    train micro batch size per gpu, (sequence|row) (in each|in) (microbatch|micro batch|forward pass)
GRAD_ACCUM: accum, accumulate, accumulation step, accumulation, (gradient|grad) (accum|accumulation|accumulating|acc|
    accumulate) (step|iter|iteration|factor|count|micro step|microstep|), accumulate (gradient|grad) (over|across|
    for|), accumulating (gradient|grad), (gradient|grad) accumulated (over|across|), micro step per (update|optimizer
    step|step), microbatch per (update|optimizer step|step), micro batch per (update|optimizer step|step), micro
    step, microstep, backward pass per (update|optimizer step|step), accum (step|iter|iteration), number of
    microbatch
SEQ_LEN: seq, ctx, context window, context, block size, seqlen, row length, training context, num ctx, token row,
    token sequence, token context, length of row, rows of token, (training|train|maximum|max|model|input|text|total|
    full) (sequence|seq|context) (length|len|size|window), (sequence|seq|context|ctx) (length|len|size), n
    (positions|position|ctx), max position embedding, max (length|seq length|model len|position|token per sequence|
    context), context (width|span), token per (row|sequence|example|sample|document window), length of (sequence|
    context|training row|training sequence|each sequence), (training|input) (sequence|row) of, sequence of, t seq,
    cutoff len, truncation length, num position
EPOCHS: pass over data, pass over, num epoch, number of (epoch|pass), n epoch, num train epoch, (training|train)
    epoch, max epoch, pass over (training|train) (data|set), (full pass|sweep) (over|through) (data|training set|
    dataset), pass through (data|dataset|training data|corpus), data repeat, repetition of data, nepoch, total
    timestep
SEED: other seed, (different|another|new|fresh|alternative|second) (seed|random seed|rng seed), (rng|random|torch|
    manual|init|data) (seed|state seed), random state, seed (variation|change|variance|check|replicate), random
    number seed
TIME_BUDGET: budget, (training|train|wall clock|wallclock|compute|run) (time|budget|time budget|duration|time limit|
    second|minute), max (train second|training time|wallclock|wallclock second|time|runtime), time limit, wallclock
    (budget|limit|), length of run, duration of (run|training), minute of training, training (duration|wallclock)
LABEL_SMOOTHING: target smoothing, smoothing of label, smoothing of target, label smoothing (factor|epsilon|alpha|
    coefficient|), (soften|smooth|smoothing|soft|smoothed|softened|softening) (label|target|one hot|one hot target|
    hard target|hard label), (label|target) (softening|smooth), smoothed (one hot|cross entropy), uniform mass on
    (other|wrong) (class|token), mix (target|label) with uniform, spread probability mass over (vocab|vocabulary|
    other class|other token), label smoothed cross entropy
Z_LOSS: zloss, penalty on log partition, logit norm penalty, z (loss weight|loss coefficient|loss coef|
    regularization|regularizer|penalty|loss term|regularisation), (log z|log partition|log partition function|
    logsumexp|log sum exp|lse|log normalizer|log normaliser|partition function) (penalty|loss|regularization|
    regularizer|squared|regularisation|regulariser|squared penalty), (penalty|loss|regularizer|cost) on (log z|
    logsumexp|log sum exp|lse|log normalizer|log normaliser|squared logsumexp|softmax normalizer|softmax normaliser|
    partition function|log partition function|square of logsumexp), (penalize|penalise|penalizing|penalising|
    regularize|regularise) (log z|logsumexp|log sum exp|log normalizer|log normaliser|partition function|log
    partition|log partition function|softmax normalizer|softmax normaliser|squared logsumexp|large logsumexp),
    (squared|square of) (logsumexp|log sum exp|log z|log partition|log normalizer|log normaliser|lse), softmax
    (normalizer|normaliser) penalty, auxiliary z loss, keep logsumexp near zero
STOCHASTIC_DEPTH: layerdrop, droppath, drop whole block, skip random block, (stochastic|random) depth (rate|
    probability|prob|p|), drop path (rate|prob|probability|), layer (drop|skipping) (rate|prob|probability|at
    random), (randomly|stochastically) (skip|drop|bypass|omit|disable|remove|skipping|dropping|bypassing) (block|
    layer|whole block|whole layer|residual branch|entire layer|entire block|some block|some layer), (skip|drop|
    bypass|omit|skipping|dropping|bypassing|leave out) (layer|block|residual branch|whole layer|entire block|entire
    layer|random layer|each layer|each block|some block|some layer) (at random|randomly|with probability|
    stochastically|by chance), (block|layer|branch) (dropout|drop|dropping) (rate|probability|prob|), random (block|
    layer) (skip|drop|dropping|skipping|omission|bypass), residual (branch|path) (dropout|drop), dropped (block|
    layer) probability
MTP: next two token, aux head, auxiliary head, extra head for second token, token after next, (multi|multiple|two|2)
    token (prediction|ahead|predict|head), (multi|extra|second|auxiliary|additional) (token head|future token|next
    token head|lookahead head|prediction head), (predict|predicting|guess|forecast) (two token|2 token|several token|
    several future token|multiple token|token after next|next two token|second next token|next next token|token two
    step ahead|token two ahead|two step ahead|future token|t + 2|position t + 2), (t + 2|t+2|token t + 2|next next
    token|second next token|two step ahead) (head|prediction|target|loss|), mtp (loss|weight|head|loss weight|depth|
    token|auxiliary), (auxiliary|aux|extra) (t + 2|second next token|future token|token after next) (head|loss|
    prediction|), future token prediction, medusa head training, n token ahead
EVAL_STRIDE: sliding eval stride, sliding window eval, stride, (eval|evaluation|scoring|sliding|sliding window|
    validation) (stride|window stride|step stride|overlap), sliding window (evaluation|scoring|validation|inference),
    (overlapping|strided) (eval|evaluation|window|eval window|evaluation window|scoring), stride (of|at) (eval|
    evaluation), strided sliding window
PATIENCE: (early stopping|early stop|stopping|plateau) (patience|round), (epoch|round|check|step) without
    improvement, no improvement (epoch|round)
MAX_STEPS: max (step|iter|iteration), number of (iteration|training step|optimizer step|train step), num (step|train
    step|training step), total (step|iteration|training step), n iter, step count, iteration count, training
    iteration
CONFIDENCE_PENALTY: entropy regularizer on output, penalize (confident|low entropy) (prediction|output), output
    entropy (bonus|penalty|regularization)
FOCAL_GAMMA: focal (loss|gamma|term|weighting), focal loss gamma
LOGIT_PENALTY: logit (l2|magnitude|regularization|regularisation|size) penalty, penalty on (logit magnitude|logit
    size|logit norm|large logit), logit l2, logit regularization
TOKEN_DROPOUT: token (dropout|drop|masking rate|corruption), word dropout, input (dropout|corruption|token dropout),
    embedding row dropout, randomly (replace|mask|drop) (input token|token), random token (replacement|corruption|
    noise|masking), drop input token
AUX_LOSS_WEIGHT: (aux|auxiliary) (loss|head) (weight|coefficient|coef|scale|scaling), load balancing (loss|weight|
    coefficient|loss weight|loss coefficient), router (aux loss|z loss|balancing loss), balance loss
EVAL_BATCH: eval (batch|batch size|token), (validation|evaluation) (batch|batch size|token), per device eval batch
    size, val batch size
LORA_ALPHA: lora scaling, alpha of lora, adapter (alpha|scaling)
MIXUP_ALPHA: mixup (alpha|strength|prob)
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
sliding eval: sliding evaluation, sliding window (score|scored), score with overlapping window, overlapping context
    at eval
test time training: ttt, test time (adaptation|finetuning|fine tuning|update|gradient), train at test time, adapt at
    test time, ttt (layer|lora), eval time (training|adaptation), online adaptation at eval
distillation: distill, teacher, (knowledge|self|online|offline|logit) distillation, (teacher|student) (model|logit|
    network|student|guided|forcing distillation), student teacher, distilled, distilling, kd, kd loss, soft label
    from teacher
deep supervision: aux loss, auxiliary loss, intermediate loss, intermediate layer loss, auxiliary head loss, (aux|
    auxiliary|extra|intermediate|middle layer|mid layer) (classifier|loss at middle layer|exit loss|layer
    supervision|exit head), (intermediate|early) exit (loss|head|), loss (at|on) (intermediate|middle|every|hidden)
    layer, layer wise loss, supervise intermediate layer, intermediate supervision
curriculum: progressive, progressive growing, growing window, (progressive|staged) (growth|training|schedule),
    curriculum (learning|schedule), easy to hard, easy example first
sequence curriculum: (sequence|seq|context|ctx) (length|len|) (curriculum|warmup|ramp|schedule|growth|growing|
    increase during training|scheduling|progression), (progressive|growing|increasing|progressively longer|gradually
    longer|progressively growing) (sequence length|seq len|context|context length|sequence|seq length), short (to
    long|then long) (sequence|context|), start with short (sequence|context), (start|begin) (on|with|at) short
    (sequence|context), train on short (sequence|context) first, shortformer, slw
window warmup: (attention|sliding|) window (size|) (warmup|curriculum|ramp|schedule|growth|growing|scheduling|
    progression), (growing|expanding|progressive|gradually growing|increasing) (attention|sliding|) (window|window
    size), (grow|expand|widen|extend) (attention|sliding|) window (during|over|through|throughout|as training),
    window (grow|grows|expand|widen) (during|over|with) training
batch curriculum: grad accum curriculum, batch (size|) (warmup|curriculum|ramp|schedule|ramp up|rampup|growth|
    scheduling|progression|warm up), (growing|increasing|progressive|dynamic|gradually larger) (batch|batch size),
    (grow|ramp|increase|raise) (batch|batch size) (during|over|throughout|through) (training|run|course), small batch
    (first|early|then large), (batch|batch size) (grow|grows|double|doubling) (during|over) training, start with
    small batch
loss masking: loss mask, loss ignored on, (mask|masking|masked|ignore|ignoring|exclude|skip|drop) (loss|loss on|loss
    for|padding in loss|from loss|loss of), (loss|target) (masking|masked|ignored), ignore index, no loss (on|for|
    at), not (score|scored) in loss, leave out of loss, zero loss weight, (leave|keep) (prompt|bos|padding) out of
    loss
augmentation: augment, (data|image|input|train|training) augmentation, augmented, augmenting
lora: lora (adapter|fine tuning|finetuning|layer), low rank (adapter|adaptation|fine tuning), peft, adapter layer
early stopping: early stop, early stop (on|when|callback), stop (when|once|if) (val|validation) (loss|stops
    improving|plateau|plateaus), stop training early, stopping early
baseline: stock, unmodified, control, (reference|control|unchanged|stock|default) (run|config|configuration|setup|
    recipe), plain run, vanilla run, (establish|initial|first) baseline, starting point run, default settings
rerun: re run, repeat, replicate, replication, verification run, verification, again with same, (re run|rerun|repeat|
    replicate|replicating|repeating) (of|best|exact|same|config|run|identical), (second|another|third|additional)
    (sample|draw|run of same|measurement|trial of same), (noise|variance|reproducibility|repeatability) (check|
    estimate|measurement|probe|test), reproduce (best|run|result), same (config|configuration|settings) (again|once
    more), confirm (result|best|run), confirmation run, re test, retest, re measure, again unchanged, verify (result|
    best|reproducibility), no op, noop, sanity check, no (functional|logic|code|behavior|behaviour) change, (refactor|
    refactoring|cleanup) only
eval window: final eval, (final|last) evaluation, (evaluate|eval|validate) (interval|frequency|cadence), (evaluation|
    eval|validation) (interval|frequency|every)
loss weighting: loss (weighting|reweighting|weight per token|weighted), (token|per token|example|position|difficulty)
    (loss weighting|weighted loss|loss weight|loss reweighting|weighting), weighted (loss|cross entropy), reweight
    loss, weight loss by (position|byte|token length|difficulty), byte weighted loss
rho loss: (selective|hard) (token|example|language modeling) (selection|mining|backprop|training|loss), online hard
    example mining, ohem, rho 1, top k loss, loss on hardest token
contrastive loss: contrastive (loss|objective|learning|term), infonce, nt xent, clip loss
huber loss: (huber|smooth l1) (loss|objective|)
mse loss: mse (loss|objective|), mean squared error, squared error (loss|)
mae loss: mae (loss|objective|), mean absolute error, l1 loss, absolute error loss
horizontal flip: hflip, (horizontal|left right) (flip|flipping), mirror image
random rotation: random rotation
randaugment: rand augment
autoaugment: auto augment
trivialaugment: trivial augment
color jitter: colour jitter
random erasing: cutout, random erase
mixup: mix up
cutmix: cut mix
dora: dora
qlora: qlora
full finetuning: full (fine tuning|finetuning|fine tune|finetune), unfreeze all layer, train all weight
freezing: freeze, frozen, requires grad false
unfreezing: unfreeze
gradient penalty: penalize gradient norm, r1 penalty, wgan gp, jacobian regularization, jacobian penalty
l1 penalty: l1 (penalty|regularization|regularisation|reg|sparsity|norm penalty|loss on weight), lasso penalty,
    sparsity penalty, activation l1
weight clamping: weight (clamp|clamping|clipping), clamp weight, clip weight
orthogonality penalty: orthogonality (penalty|regularization|loss|regularizer), orthogonal regularization, penalize
    non orthogonal
pretraining: pretrained (weight|model|checkpoint|backbone|embedding|init), pre trained (weight|model|backbone|
    embedding), warm start from checkpoint, (load|init|initialize|start) from (pretrained|pre trained|checkpoint|
    previous checkpoint), resume from checkpoint, imagenet (weight|pretrained)
ensembling: ensemble (of|average|averaging|), average (prediction|ensemble), model averaging of prediction,
    prediction averaging, bagged model, blend of model, stacked ensemble, stacking ensemble, snapshot ensemble,
    voting ensemble
full bptt: full backprop through time, backprop through all step, untruncated bptt
truncated bptt: tbptt, truncated backprop, truncate backprop, truncated backpropagation
rdrop: r drop, two dropout pass consistency
cross entropy: cross entropy (loss|objective|), f cross entropy, ce loss, softmax cross entropy, nll loss, negative
    log likelihood
"""
