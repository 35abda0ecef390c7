"""Tabular learning: boosted trees, linear models and their features."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
N_ESTIMATORS: n est, num tree, number of tree, num iteration, num boost round
MAX_DEPTH: tree depth
NUM_LEAVES: num leaf, leaf count, max leaf
SUBSAMPLE: bagging fraction, row sampling
COLSAMPLE: colsample bytree, feature fraction, column sampling
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
smote: smote ratio
undersampling: undersample, under sampling, drop majority class row, drop majority class
lightgbm: lgbm
xgboost: xgb
catboost: catboost
random forest: randomforest, rf
"""
