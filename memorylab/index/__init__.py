"""SQLite views derived from the ledger, so that no command reads history twice."""

from memorylab.index.store import Index
from memorylab.index.views import ArenaView, Cluster, TrialView, Views

__all__ = ["ArenaView", "Cluster", "Index", "TrialView", "Views"]
