"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1503,
    "kin_failed": 0.0716,
    "twins_failed": -0.1918,
    "neighbours": 0.5316,
    "same_failed": -0.2752,
    "text_failed": -0.1367,
    "related_failed": 0.1491,
    "target_kept": -0.1747,
    "down": 0.3487,
    "first": 3.1108,
    "family_failed": -0.2172,
    "rate": 0.2583,
    "recent_3": 0.4533,
    "recent_8": -0.0116,
    "field": 0.3064,
}

P_RELATED: dict[str, float] = {
    "": 0.1612,
    "kin_failed": -0.5191,
    "twins_failed": -0.1487,
    "neighbours": 0.8637,
    "same_failed": -0.3109,
    "text_failed": -0.1582,
    "related_failed": 0.1600,
    "target_kept": -0.2721,
    "down": 0.3190,
}
