"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1176,
    "kin_failed": -0.1196,
    "neighbours": 0.6107,
    "same_failed": -0.2687,
    "further_failed": -0.1861,
    "line_failed": -0.1624,
    "text_failed": -0.1392,
    "related_failed": 0.2161,
    "opposite_kept": -0.3039,
    "target_kept": -0.1934,
    "down": 0.5317,
    "first": 2.2533,
    "control": 1.4188,
    "streak": -0.1143,
    "rate": 0.2429,
    "recent_3": 0.3444,
    "recent_8": 0.0948,
    "recent_20": -0.0837,
    "crashes": 0.2318,
    "field": 0.2180,
}

P_RELATED: dict[str, float] = {
    "": 0.3868,
    "kin_failed": -0.6386,
    "neighbours": 0.7908,
    "same_failed": -0.1825,
    "further_failed": -0.1524,
    "line_failed": -0.2098,
    "text_failed": -0.1956,
    "related_failed": 0.1546,
    "opposite_kept": -0.3407,
    "target_kept": -0.2523,
    "down": 0.4275,
}
