"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1814,
    "kin_failed": 0.0708,
    "twins_failed": -0.1796,
    "neighbours": 0.5351,
    "same_failed": -0.3536,
    "text_failed": -0.1587,
    "related_failed": 0.1796,
    "target_kept": -0.2227,
    "down": 0.3283,
    "first": 3.1175,
    "family_failed": -0.2172,
    "rate": 0.2637,
    "recent_3": 0.4626,
    "recent_8": -0.0126,
    "field": 0.2912,
}

P_RELATED: dict[str, float] = {
    "": 0.1752,
    "kin_failed": -0.5232,
    "twins_failed": -0.1520,
    "neighbours": 0.8686,
    "same_failed": -0.2767,
    "text_failed": -0.1837,
    "related_failed": 0.1758,
    "target_kept": -0.3071,
    "down": 0.3083,
}
