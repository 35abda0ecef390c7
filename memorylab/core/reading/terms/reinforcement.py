"""Reinforcement learning."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
ENTROPY_BONUS: (entropy|policy entropy|max entropy|exploration entropy|action entropy) (bonus|coefficient|coef|
    regularization|regularisation|regulariser|regularizer|term|weight|loss weight|loss|cost|reward|penalty
    coefficient|beta|term with coefficient|temperature), ent (coef|coeff|coefficient|weight), reward (policy entropy|
    entropy|policy randomness|randomness|random policy|stochastic policy), (bonus for|reward for) (entropy|policy
    randomness|randomness), sac (alpha|temperature), entropy alpha, target entropy
TAU: target smoothing, (soft|polyak|target|soft target|target network) (update tau|update coefficient|update rate|
    update factor|coefficient|averaging coefficient|tau|smoothing coefficient|mixing rate|interpolation), soft
    update, polyak (coefficient|coef|factor|averaging of target|update), target network (momentum|smoothing|update
    rate|update coefficient|ema)
GAMMA: (discount|discounting|reward discount|future reward discount|return discount) (factor|rate|gamma|coefficient|
    of future reward|), discounting of (future reward|reward|return), gamma discount, discounted return factor
BUFFER_SIZE: buffer, replay size, (replay|experience|experience replay|replay memory|memory|transition) (buffer|
    buffer size|buffer capacity|memory|memory size|capacity|buffer length|replay size|replay capacity), buffer
    (capacity|length), (capacity|size) of (replay buffer|replay memory|buffer|experience buffer), number of stored
    transition, transition (stored|kept|in buffer)
EXPLORATION: anneal, (epsilon|eps|exploration|exploration rate|epsilon greedy) (decay|anneal|annealing|schedule|decay
    step|decay length|fraction|end|final|min|minimum|start|decay rate|floor|greedy|final eps|initial eps|rate|noise),
    exploration (fraction|probability|final eps|initial eps|strategy), (final|minimum|min|end|initial|starting)
    (epsilon|exploration rate|exploration), (decay|anneal) (epsilon|exploration|eps) (over|to|), epsilon greedy
    (rate|schedule|exploration|), random action (probability|rate|fraction), probability of random action, noisy
    (net|nets|network|linear), boltzmann exploration, (action|exploration|ou|gaussian action|ornstein uhlenbeck)
    noise, softmax exploration, ucb exploration, optimistic init
TARGET_SYNC: (target|target net|target network|target q network|target model) (update|sync|update interval|update
    freq|update frequency|sync interval|sync frequency|sync period|update every|copy|copy interval|refresh|refresh
    interval|hard update|synchronization|update period), (sync|update|copy|refresh|synchronize|synchronise) (target|
    target net|target network|target q network|weights to target|online weights into target|to target network)
    (every|each|), hard (update|target update) (every|), (copy|sync) online (network|weight|net) (to|into) target
GAE_LAMBDA: gae (lambda|lam|parameter|coefficient|), generalized advantage (estimation|estimation lambda|estimator
    lambda), td lambda, lambda return, advantage lambda, lambda of gae
CLIP_RANGE: (ppo|policy|surrogate|ratio|probability ratio|policy ratio|importance ratio) (clip|clipping|clip range|
    clip epsilon|clip coefficient|clip coef|clip eps|clip ratio|ratio clip|ratio clipping), clip (range|coef|
    coefficient|ratio|epsilon|eps|range vf), clip (probability|policy|importance) ratio, clipped surrogate (range|
    epsilon|objective|)
VF_COEF: (value|value function|vf|critic|value loss) (coef|coefficient|loss coef|loss coefficient|loss weight|
    function coefficient), weight of value loss, vf loss coeff
N_ENVS: (num|n|number of|parallel|vectorized|vectorised|vector|simultaneous|concurrent) (env|environment), env count,
    environment in parallel
N_STEPS: (rollout|unroll|horizon|trajectory|episode segment) (length|step|size|horizon|len), (num|n|number of)
    rollout step, step per (rollout|environment|env|rollout per env), rollout (buffer|fragment) (size|length|), n
    step (return|returns|bootstrapping|target|td), multi step (return|bootstrapping|target|td), nstep, bootstrap
    horizon, time horizon
N_EPOCHS_PPO: (ppo|update|optimization|optimisation|policy update) epoch, (epoch|pass|optimization pass) per
    (rollout|update|batch of rollouts|iteration), num sgd iter, reuse each rollout for
TRAIN_FREQ: (train|training|update|learning) (freq|frequency), gradient step per (environment step|env step|update|
    step), update per (environment step|env step|step), utd (ratio|), update to data ratio, replay ratio, (update|
    train) every, gradient step
LEARNING_STARTS: (random|warmup|initial random|prefill|exploration) (step before learning|step before training|steps
    before update|start step), (start|begin) learning after, start timestep, prefill (buffer|replay), min replay
    size, learning starts after, burn in steps
REWARD_SCALE: reward (scale|scaling|multiplier|factor|clip|clipping|normalization|normalisation|clipped|magnitude),
    (scale|normalize|normalise|clip|rescale) reward, reward norm, (value|return|advantage) (normalization|
    normalisation|scaling), (normalize|normalise) (advantage|return), norm adv, advantage norm, popart, vecnormalize,
    observation normalization, (normalize|normalise) observation, obs norm, norm obs
FRAME_STACK: frame (stack|stacking|stacked|skip|skipping), stack (frame|of last frame), action repeat, stacked frame,
    number of stacked frame
TARGET_KL: (target|max|maximum) kl, kl (threshold|limit|target|early stop|stop threshold), early stop on kl
KL_COEF: kl (coef|coefficient|penalty|weight|beta|penalty coefficient|loss|regularization|term), kl to reference,
    beta kl, init kl coef, dpo beta, beta of dpo, reference kl
GROUP_SAMPLES: (num|number of|n) (generation|completion|rollout|sample) (per prompt|), (rollout|sample|completion|
    generation|response) per prompt, group size of grpo, grpo group size, group of completions, best of n
NET_ARCH: (policy|q|value|critic|actor|small|dueling) (net|network|mlp) (hidden|size|width|arch|hidden size|hidden
    unit|layer|hidden layer), hidden (unit|neuron|layer size|layer sizes|node), (neuron|unit|node) (per|in each|in)
    (layer|hidden layer), hidden layer (size|sizes|unit), fc (unit|size|hidden)
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
double q: double (dqn|q learning|q network|deep q network), ddqn
twin critics: clipped double q, twin (critic|q), two critic
td3: td3
dueling: dueling (dqn|network|head|architecture|q|net), duelling (dqn|network|head), value and advantage stream
prioritized replay: (prioritized|prioritised|priority) (replay|experience replay|sampling|buffer|replay buffer), per
    alpha, per beta, sample by td error
distributional rl: distributional (dqn|critic|q|value)
c51: categorical dqn
qr-dqn: quantile regression dqn
iqn: iqn
rainbow: rainbow (dqn|)
ppo: proximal policy optimization
grpo: group relative (policy optimization|advantage)
rloo: reinforce leave one out
dapo: dapo
gspo: gspo
dqn: deep q (network|learning)
sac: soft actor critic
a2c: advantage actor critic
a3c: a3c
reinforce: reinforce algorithm, vanilla policy gradient, policy gradient
reward shaping: (shaped|dense|shaping) reward, reward (shaped|design), potential based shaping, auxiliary reward
step penalty: time penalty, penalize time step
death penalty: (penalize|penalise) (dying|death), (death|dying) penalty
survival bonus: (survival|alive) (bonus|reward)
curiosity: curiosity (bonus|reward|module), intrinsic (reward|motivation|bonus), novelty bonus
random network distillation: rnd
icm: intrinsic curiosity module
count-based exploration: count based bonus
value clipping: clip (value|value loss|vf loss), value (clipping|function clipping|loss clipping), clip vloss
imitation: (behavior|behaviour) (cloning|cloned), imitation learning, bc loss, dagger, demonstration, expert (data|
    trajectory|demonstration)
recurrent policy: (recurrent|lstm|gru|rnn) (policy|ppo|agent|critic)
frame differencing: frame difference, difference of frame
mcts: monte carlo tree search, tree search, (rollout|simulation) per move, number of simulation, puct
domain randomization: domain (randomization|randomisation), dynamics randomization
self-play: league training
dpo: direct preference optimization, preference optimization
orpo: orpo
kto: kto
simpo: simpo
vector env: (vectorized|vectorised|vector|async vector|subproc) (env|environment), subprocvecenv, dummyvecenv, vecenv
"""
