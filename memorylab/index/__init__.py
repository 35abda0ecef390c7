"""SQLite views derived from the ledger, so that no command reads history twice."""

from memorylab.index.store import Index
from memorylab.index.views import ArenaView, Cluster, Views

__all__ = ["ArenaView", "Cluster", "Index", "Views"]
