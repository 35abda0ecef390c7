"""Coefficients of the two models in `odds`; written by `tools/fit_odds.py`, not by hand."""

P_KEEP: dict[str, float] = {
    "": 0.1515,
    "kin_failed": 0.0612,
    "twins_failed": -0.1854,
    "neighbours": 0.5226,
    "same_failed": -0.1402,
    "text_failed": -0.1185,
    "related_failed": 0.1663,
    "target_kept": -0.1932,
    "down": 0.3806,
    "first": 3.0711,
    "family_failed": -0.2255,
    "rate": 0.2540,
    "recent_3": 0.4300,
    "recent_8": -0.0106,
    "field": 0.3068,
}

P_RELATED: dict[str, float] = {
    "": 0.1281,
    "kin_failed": -0.5383,
    "twins_failed": -0.2243,
    "neighbours": 0.7437,
    "same_failed": -0.2072,
    "text_failed": -0.1759,
    "related_failed": 0.1608,
    "target_kept": -0.1993,
    "down": 0.3817,
}
