"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1522,
    "kin_failed": 0.0606,
    "twins_failed": -0.1875,
    "neighbours": 0.5243,
    "same_failed": -0.0883,
    "text_failed": -0.1285,
    "related_failed": 0.1672,
    "target_kept": -0.1940,
    "down": 0.3719,
    "first": 3.0665,
    "family_failed": -0.2332,
    "rate": 0.2549,
    "recent_3": 0.4240,
    "recent_8": -0.0103,
    "field": 0.3100,
}

P_RELATED: dict[str, float] = {
    "": 0.1303,
    "kin_failed": -0.5419,
    "twins_failed": -0.2229,
    "neighbours": 0.7500,
    "same_failed": -0.1612,
    "text_failed": -0.1784,
    "related_failed": 0.1659,
    "target_kept": -0.2041,
    "down": 0.3778,
}
