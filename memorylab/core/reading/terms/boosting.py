"""Tabular learning: boosted trees, linear models and their features."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
N_ESTIMATORS: n est, num iteration, (number of|num|n|max|total) (tree|boosting round|boosting iteration|estimator|
    boost round|boosted tree|round|weak learner|base learner|boosting stage), (boosting|boost) (round|iteration|step|
    stage), tree count, ntree, nrounds, max iter, iterations of boosting, trees in (forest|ensemble), boosted round
MAX_DEPTH: (tree|max tree|maximum tree|maximum) depth, depth of (tree|each tree|trees), (deeper|shallower|deep|
    shallow) tree, max depth of tree, depth limit of tree, levels per tree
NUM_LEAVES: (max|maximum|number of|num|n) (leaf|leaves|leaf node|leave), leaf (node|) (count|number), leaf per tree,
    terminal node
SUBSAMPLE: (row|bagging|sample|instance|data|stochastic) (subsample|subsampling|fraction|sampling|sampling rate|
    sample fraction|bagging fraction|subsample ratio|sampling fraction|subsample rate), subsample (ratio|rate|
    fraction), subsampling (rate|ratio|of row|fraction), (fraction|share|part) of (row|sample|training row) (per
    tree|used per tree|seen by each tree|for each tree), bagging (freq|frequency|), max sample, bootstrap sample size
COLSAMPLE: (column|feature|colsample) (subsample|subsampling|fraction|sampling|sampling rate|subsample ratio|bynode|
    bylevel|by tree|by node|by level|bagging|sample ratio|bytree), feature fraction bynode, max feature, (fraction|
    share|number|subset) of (feature|column) (per tree|per split|used per tree|seen by each tree|for each split|
    considered|), rsm, random subspace
MIN_CHILD_WEIGHT: min (child weight|child sample|data in leaf|sample leaf|sample per leaf|sum hessian in leaf|leaf
    size|samples in leaf|sample split|data per leaf|sum hessian|node size), minimum (sample per leaf|leaf size|child
    weight|data in leaf|sample in leaf|row per leaf|observation per leaf|samples at leaf|child sample|number of
    samples per leaf), sample per leaf, leaf (size|minimum|sample), row per leaf, min leaf
REG_LAMBDA: lambda l2, l2 leaf reg, (lambda|l2) (on leaf weight|of leaf|leaf regularization|regularization of leaf),
    ridge alpha, alpha of ridge, leaf l2, ridge (strength|penalty|regularization)
REG_ALPHA: lambda l1, l1 (leaf|reg alpha), lasso (alpha|strength)
MIN_SPLIT_GAIN: (min|minimum) (split gain|gain to split|loss reduction|split loss|impurity decrease), gamma of split
MAX_BIN: max (bin|bins), (histogram|feature|number of histogram|number of) bin, border count, n bin, num bin, bin
    count
SCALE_POS_WEIGHT: (class|positive class|minority|positive|minority class|target class) (weight|weighting|balance
    weight|upweight|imbalance weight), class weight balanced, balanced class weight, is unbalance, weight of positive
    class, (balance|reweight|weight) class, pos weight
LINEAR_C: (inverse regularization|regularization) (strength|c), c of (svm|svc|logistic regression), svm c, svc c,
    logistic regression c, logreg c
L1_RATIO: elastic net (mix|mixing|ratio)
N_NEIGHBORS: (number of|n|num|k) (neighbor|neighbour|nearest neighbor|nearest neighbour), neighbor count, k of knn,
    knn k
N_COMPONENTS: (number of|n|num) (component|principal component|latent factor|topic), pca component, latent dimension,
    embedding component
N_FOLDS: (number of|n|num|k) (fold|split), cv fold, kfold, stratified k fold, fold of cross validation, fold cv,
    cross validation fold, oof fold
TEST_SIZE: (test|validation|holdout|val) (split|fraction|size|share|set size), train test split, holdout
TFIDF_FEATURES: max feature of tfidf, tfidf (feature|max feature|vocabulary)
NGRAM_RANGE: n gram range, word n gram, char n gram, character n gram
DECISION_THRESHOLD: (decision|classification|probability|cutoff|cut off|prediction|confidence|score) (threshold|
    cutoff|cut off|threshold tuning), threshold (tuning|search|sweep|optimization|for positive|of classifier|moving|
    value), (tune|sweep|optimize|search) threshold, cutoff probability
BLEND_WEIGHT: (blend|blending|ensemble|mixing|mix) (weight|ratio|coefficient|proportion), weight of (blend|ensemble|
    each model), weight (in blend|in ensemble)
LAG_WINDOW: (rolling|moving|lag|lookback|trailing) (window|window length|window size|mean window|feature window|
    average window|period), (number of|num|n) lag, lag order, lag
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
smote: smote (oversampling|ratio|), oversample minority, oversampling minority class, synthetic minority
    oversampling, adasyn, oversample, oversampling, random oversampling
undersampling: undersample, under sampling, drop majority class row, drop majority class, (undersample|under sample|
    downsample|down sample|subsample|discard|drop some) (majority|majority class|negative|majority rows|negative
    class), (majority|negative) (undersampling|downsampling|class undersampling), random under sampling, downsampling
    of majority, fewer majority row
lightgbm: lgbm, light gbm, lightgbm (model|classifier|regressor|), lgb, lgbmclassifier, lgbmregressor
xgboost: xgb, xg boost, xgboost (model|classifier|regressor|), xgbclassifier, xgbregressor, extreme gradient boosting
catboost: cat boost, catboost (model|classifier|regressor|), catboostclassifier, catboostregressor
random forest: randomforest, rf, random forest (classifier|regressor|model|), randomforestclassifier,
    randomforestregressor, bagged decision tree
hist gradient boosting: hist (gradient boosting|gbm|gbr|gbdt|gb), histgradientboosting,
    histgradientboostingregressor, histgradientboostingclassifier, histogram gradient boosting, hgb
gradient boosting: gradient (boosting|boosted tree|boosted decision tree|boosting machine|boosting regressor|boosting
    classifier), gbdt, gbr, gbm, gradientboostingregressor, gradientboostingclassifier, boosted tree
extra trees: extratrees, extremely randomized tree, extratreesclassifier, extratreesregressor
linear model: linear (classifier|regressor)
logistic regression: logreg, logisticregression
linear regression: ols, ordinary least square, least square
ridge: ridge (regression|regressor|), ridgecv
lasso: lasso (regression|), lassocv
elastic net: elasticnet, elasticnetcv
bayesian ridge: bayesian ridge
huber regressor: huber (regressor|regression)
linear svc: linearsvc
glm: generalized linear model
svm: svc, support vector (machine|classifier), rbf svm, kernel svm
svr: support vector regression
knn: k nearest neighbor, k nearest neighbour, nearest neighbor, nearest neighbour, kneighborsclassifier,
    kneighborsregressor
gaussian process: gp regression, kriging
naive bayes: multinomial nb, multinomialnb, gaussiannb
complement nb: complementnb
tabnet: tabnet
tabpfn: tabpfn
fttransformer: feature tokenizer network
mlp model: mlpclassifier, mlpregressor, mlp classifier, mlp regressor, neural net classifier, shallow neural network
dart: dart (boosting|booster|), dropout tree
goss: goss
linear tree: leaf linear model
monotone constraints: (monotone|monotonic|monotonicity|increasing|decreasing) (constraint|constrained|cst|
    constraints), mono cst
interaction constraints: interaction cst
sample weighting: sample (weight|weighting|weights), (time|recency|exponential|exponential time) decay (weight|sample
    weight|weighting|sample weighting|of sample|), weight (recent|newer) (sample|row|data|observation) more, recency
    weighting, weighted sample, row weight, observation weight, instance weight
target encoding: (target|mean|likelihood|leave one out|catboost|smoothed target|ordered target) (encoding|encode|
    encoder|encoded), encode category by target mean, target mean encoding, target enc
one-hot encoding: one hot (encoding|encode|encoder|encoded|category|features|), onehot (encoder|encoding|), dummy
    (variable|encoding), get dummies, dummies
ordinal encoding: (ordinal|label|integer) (encoding|encoder|encode|encoded category)
frequency encoding: (frequency|count) (encoding|encode|encoder|encoded)
categorical features: (native|raw) categorical (feature|support|handling), categorical (feature|dtype|column)
    (handling|natively), cat feature, enable categorical
standard scaling: standardscaler, standard (scaler|scaling), (standardize|standardise|z score) (feature|input|
    column), standardization of (input|feature), feature standardization
min-max scaling: min max (scaler|scaling), minmaxscaler
robust scaling: robust (scaler|scaling), robustscaler
quantile transform: quantile scaler, quantiletransformer, rank gauss
feature scaling: scale feature, normalize feature
log transform: log (transformed|transformation|scale|transform of target|target), log1p, log 1 p, expm1, take (log|
    logarithm) of (target|price), predict log, logarithm of (target|price)
box-cox: box cox
yeo-johnson: yeo johnson
power transform: (power|square root|sqrt|signed power|exponent|root) transform (exponent|of target|of prediction|),
    transform exponent, power exponent
polynomial features: polynomial (feature|terms|expansion), quadratic term
interaction features: (interaction|pairwise|cross|crossed|product) (term|feature|features|terms|product feature),
    feature (cross|crosses|interaction|product), products of feature
ratio features: feature ratio
feature selection: feature (selection|pruning|elimination|importance pruning|importance selection|selector|subset
    selection), (select|keep|use) (top|best|only top) (k feature|feature|n feature|features by importance), (drop|
    remove|prune|discard) (low importance|correlated|unimportant|redundant|noisy|useless|collinear|irrelevant|weak)
    (feature|column|variable|input), selectkbest, rfe, recursive feature elimination, boruta, mutual information
    selection, permutation importance, (low importance|correlated|collinear|redundant) feature
pca: principal component analysis, pca (feature|component)
truncated svd: truncatedsvd, svd feature
umap: umap
ica: independent component analysis
whitening: whiten
missing values: (impute|imputation|imputer|imputing|fill) (missing|missing value|nan|median|mean|knn|na|iterative|
    missing with median|missing with mean|with median|with mean|), fillna, missing (value|indicator|flag|value
    handling|value indicator|value imputation), nan (handling|fill|indicator)
outlier removal: (outlier|anomaly) (removal|removing|filter|clipping|trimming|filtering|handling in target), (remove|
    drop|clip|filter|trim|cap) (outlier|extreme value|extreme row|extreme target), (winsorize|winsorise|winsorized|
    winsorization|winsorisation|winsorised) (target|feature|input|tail|at|), clip (target|feature|outlier) at, target
    (clipping|winsorization), isolation forest
tfidf: tf idf, tfidf vectorizer, tfidfvectorizer, bag of word, count vectorizer, countvectorizer, hashing vectorizer,
    bm25
date features: (date|calendar|cyclical|cyclic|cyclical time|cyclic time|datetime|time of day) (feature|features|
    encoding|input|variable|time feature), hour / dow, hour of day and day of week (feature|input|), hour and weekday
    (feature|input|), sin cos time encoding
lag features: (lag|lagged|autoregressive) (feature|features|value|variable|input|predictor), past value as (feature|
    input), shifted feature
rolling features: (rolling|rolling window|window|moving window) (feature|features|statistic|statistics|stats)
clustering features: (cluster|kmeans|k means) (label|feature|id|assignment|distance) (as feature|), distance to
    centroid, cluster membership
group aggregates: (group|groupby|aggregate|aggregated|group mean|category mean|per group) (statistic|feature|
    aggregate|mean|aggregation|stats|count feature|mean feature), (mean|average) per (category|group|user|store)
stacking: stacking (classifier|regressor|ensemble|model|generalization|), stacked (model|generalization|
    generalisation|regressor|classifier|ensemble), meta (model|learner|classifier), second level model, blend of
    model outputs, stackingregressor, stackingclassifier
blending: (blend|blending|mix|combine|average|averaging) (model|models|prediction|predictions|output of models|of xgb
    and lgbm|lgbm and xgb|of models|several model|tree models|two model), (weighted|simple|rank|geometric) (average|
    averaging|mean) of (model|prediction|models|predictions), voting (classifier|regressor|ensemble|),
    votingclassifier, votingregressor, soft voting, hard voting, rank averaging, model blend
bagging: bagging (classifier|regressor|over seed|ensemble|), baggingregressor, seed (bagging|averaging|ensemble|
    average), multi seed (average|averaging|ensemble|), bootstrap aggregating, bagged, average over seed, average of
    seeds
calibration: (probability|isotonic|platt|sigmoid|temperature|score) (calibration|scaling|calibrated), calibrated
    (classifier|probability|), calibratedclassifiercv, isotonic regression, calibrate probability
cross validation: (cross|time series|purged|group|walk forward|nested|leave one out) (validation|split|cv|kfold|
    validated|val), timeseriessplit, groupkfold, stratified (split|sampling|cv), out of fold, oof (prediction|)
hyperparameter search: (hyperparameter|hyper parameter|random|grid|bayesian|parameter|optuna|hyperopt) (search|
    tuning|optimization|optimisation|sweep|study|gridsearch), gridsearchcv, randomizedsearchcv, optuna, hyperopt,
    successive halving
quantile loss: (quantile|pinball) (loss|objective)
tweedie loss: tweedie (objective|)
poisson loss: poisson (objective|regression)
demeaning: demean, demeaned, (demean|demeaning|center|remove mean|mean removal) (prediction|of prediction|target|
    signal|output), mean centering, subtract mean (prediction|of prediction|bias)
dampening: dampen, damping, damped, (dampen|dampening|damping|shrink|attenuate|shrinkage of) (prediction|factor|
    forecast|of prediction|signal), prediction (shrinkage|dampening|scaling|damping)
sentence embeddings: sbert
fasttext: fast text
glove: glove
word2vec: word 2 vec
"""
