"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1778,
    "kin_failed": 0.0395,
    "twins_failed": -0.1390,
    "neighbours": 0.5327,
    "same_failed": -0.3618,
    "text_failed": -0.1592,
    "related_failed": 0.1790,
    "target_kept": -0.2166,
    "down": 0.3303,
    "first": 3.1020,
    "family_failed": -0.2339,
    "rate": 0.2568,
    "recent_3": 0.4533,
    "recent_8": -0.0127,
    "field": 0.2794,
}

P_RELATED: dict[str, float] = {
    "": 0.1588,
    "kin_failed": -0.5959,
    "twins_failed": -0.0907,
    "neighbours": 0.8505,
    "same_failed": -0.2923,
    "text_failed": -0.1916,
    "related_failed": 0.1670,
    "target_kept": -0.2848,
    "down": 0.3154,
}
