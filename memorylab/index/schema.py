"""The index's tables: everything in them is derived from the ledger, so a new schema is a rebuild, not a migration."""

from __future__ import annotations

import zlib

DERIVATION = 9
"""Raise it when something else is derived from the same row; a change of the tables is noticed by itself."""

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE derived (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE runs (
  seq INTEGER PRIMARY KEY, after INTEGER NOT NULL, run_id TEXT NOT NULL, timestamp_utc TEXT NOT NULL,
  branch TEXT, commit_id TEXT, parent_id TEXT, family TEXT NOT NULL, status TEXT NOT NULL, description TEXT NOT NULL,
  hypothesis TEXT NOT NULL, tags TEXT NOT NULL, words TEXT NOT NULL, said TEXT NOT NULL,
  unread TEXT NOT NULL, arena INTEGER NOT NULL,
  value REAL, rank REAL, base_value REAL, memory_gb REAL, seconds REAL,
  error_kind TEXT, error_summary TEXT, next_action TEXT, classification TEXT,
  decision TEXT, integrity TEXT NOT NULL, code TEXT, candidate TEXT NOT NULL, dirty INTEGER NOT NULL,
  key TEXT, source TEXT, root INTEGER NOT NULL, depth INTEGER NOT NULL, ancestor INTEGER, tip INTEGER NOT NULL,
  change TEXT, base TEXT,
  tokens REAL, steps REAL, train_seconds REAL, tokens_ratio REAL, starved INTEGER NOT NULL, doubts TEXT,
  sure REAL, cpu REAL, wall REAL, tree TEXT, identity TEXT
);
CREATE INDEX runs_by_id ON runs (run_id);
CREATE INDEX runs_by_time ON runs (timestamp_utc);
CREATE INDEX runs_by_status_and_time ON runs (status, timestamp_utc, seconds);
CREATE INDEX runs_by_commit ON runs (commit_id) WHERE commit_id IS NOT NULL;
CREATE INDEX runs_by_parent ON runs (parent_id, seq) WHERE parent_id IS NOT NULL;
CREATE INDEX runs_by_code ON runs (arena, code, seq) WHERE code IS NOT NULL;
CREATE INDEX runs_by_tree ON runs (tree, seq) WHERE tree IS NOT NULL;
CREATE INDEX runs_by_identity ON runs (identity, seq) WHERE identity IS NOT NULL;
CREATE INDEX runs_by_key ON runs (key) WHERE key IS NOT NULL;
CREATE INDEX runs_by_status ON runs (arena, status, seq);
CREATE INDEX runs_by_family ON runs (arena, family, status, seq);
CREATE INDEX runs_by_change ON runs (change, seq) WHERE change IS NOT NULL;
CREATE INDEX runs_by_rank ON runs (arena, rank, seq) WHERE rank IS NOT NULL;
CREATE INDEX tips ON runs (arena, rank) WHERE tip = 1;

CREATE TABLE accepted (seq INTEGER PRIMARY KEY, timestamp_utc TEXT NOT NULL, owner TEXT NOT NULL, note TEXT NOT NULL);

CREATE TABLE edits (
  seq INTEGER NOT NULL, target TEXT NOT NULL, op TEXT NOT NULL, frm, dest, direction TEXT, scope TEXT,
  state TEXT NOT NULL, status TEXT NOT NULL, name TEXT
);
CREATE INDEX edits_by_run ON edits (seq);
CREATE INDEX edits_by_target ON edits (target, status, seq);
CREATE INDEX edits_by_knob ON edits (target, seq);
CREATE INDEX edits_by_name ON edits (name, seq) WHERE name IS NOT NULL;
CREATE INDEX edits_by_state ON edits (state, seq);

CREATE TABLE words (word TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (word, seq)) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(text, content='', detail='none', tokenize='porter unicode61');

CREATE TABLE arenas (
  id INTEGER PRIMARY KEY, like_key TEXT NOT NULL, arena TEXT NOT NULL, recorded INTEGER NOT NULL,
  champion INTEGER, home INTEGER NOT NULL, latest INTEGER NOT NULL
);
CREATE INDEX arenas_alike ON arenas (like_key, latest);
CREATE TABLE arena_keys (key TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE candidates (
  arena INTEGER NOT NULL, candidate TEXT NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, mean REAL NOT NULL,
  kept INTEGER NOT NULL, PRIMARY KEY (arena, candidate)
) WITHOUT ROWID;
CREATE INDEX candidates_by_mean ON candidates (arena, mean, seq);
CREATE INDEX kept_by_mean ON candidates (arena, mean, seq) WHERE kept = 1;
CREATE INDEX repeated ON candidates (arena, seq) WHERE n > 1;
CREATE TABLE contrasts (
  home INTEGER NOT NULL, seq INTEGER NOT NULL, contrast REAL NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (home, seq)
) WITHOUT ROWID;
CREATE TABLE counts (
  arena INTEGER NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL, n INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (arena, kind, label)
) WITHOUT ROWID;
CREATE INDEX counts_by_size ON counts (arena, kind, n);

CREATE TABLE claims (
  claim_id TEXT PRIMARY KEY, owner TEXT NOT NULL, named INTEGER NOT NULL, worktree TEXT NOT NULL, branch TEXT,
  command TEXT NOT NULL, timestamp_utc TEXT NOT NULL, description TEXT NOT NULL, edits TEXT NOT NULL,
  words TEXT NOT NULL, arena TEXT NOT NULL, expires REAL NOT NULL, expires_utc TEXT NOT NULL, ended TEXT NOT NULL
);
CREATE INDEX claims_open ON claims (expires) WHERE ended = '';

CREATE TABLE blocked (
  timestamp_utc TEXT NOT NULL, description TEXT NOT NULL, family TEXT NOT NULL, classification TEXT NOT NULL,
  reason TEXT NOT NULL, owner TEXT NOT NULL, evidence TEXT NOT NULL
);
CREATE INDEX blocked_by_time ON blocked (timestamp_utc);

CREATE TABLE corrections (run_id TEXT PRIMARY KEY, told TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE states (key TEXT PRIMARY KEY, told TEXT NOT NULL);

CREATE TABLE pieces (name TEXT PRIMARY KEY, told TEXT NOT NULL);

CREATE TABLE lost (run_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""

OWN_NAMES = "SELECT label FROM counts WHERE arena = 0 AND kind = 'own' ORDER BY first"
"""The names that the ledger taught, in the order in which it did; arena 0 is none, a name is known in all of them."""

SCHEMA = (zlib.crc32(TABLES.encode()) >> 1) ^ DERIVATION
"""Stands in the file's `user_version`; an index with another number is built anew."""
