"""The tables of a journal; opaque to SQLite's eyes are payloads, bitmaps of ids, runs of ids and fingerprints."""

from __future__ import annotations

APPLICATION_ID = 0x43555241
"""Marks an SQLite file as a journal of curator ("CURA")."""
VERSION = 1
"""Rises with every change of the tables."""
FIRST_DERIVED_ID = 1 << 40
"""Records that do not stand in the source count up from here."""
BASELINE = -1
"""The batch that the operations of a save belong to until the save is complete."""
NOWHERE = -1
"""The cursor of a save whose batches were discarded: no undo or redo leads back to just that file."""

TABLES = (
    "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    "CREATE TABLE batches(number INTEGER PRIMARY KEY, at REAL NOT NULL, title TEXT NOT NULL, companions TEXT NOT NULL)",
    "CREATE TABLE operations(place INTEGER PRIMARY KEY, batch INTEGER NOT NULL, kind TEXT NOT NULL,"
    " version INTEGER NOT NULL, payload BLOB NOT NULL, ids BLOB)",
    "CREATE INDEX operations_by_batch ON operations(batch)",
    "CREATE TABLE texts(number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE INDEX texts_by_batch ON texts(batch)",
    "CREATE TABLE originals(id INTEGER PRIMARY KEY, start INTEGER NOT NULL, length INTEGER NOT NULL,"
    " hash BLOB NOT NULL)",
    "CREATE TABLE saved(one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, lines BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL)",
    "CREATE TABLE intent(one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, lines BLOB NOT NULL,"
    " fingerprint BLOB NOT NULL, cut INTEGER NOT NULL, save INTEGER NOT NULL)",
    "CREATE TABLE befores(id INTEGER PRIMARY KEY, save INTEGER NOT NULL, bytes BLOB NOT NULL)",
    "CREATE INDEX befores_by_save ON befores(save)",
    "CREATE TABLE drafts(name TEXT PRIMARY KEY, at REAL NOT NULL, payload BLOB NOT NULL)",
    "CREATE TABLE remembered(name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE unapplied(place INTEGER PRIMARY KEY, number INTEGER NOT NULL, at REAL NOT NULL, title TEXT NOT NULL,"
    " reason TEXT NOT NULL, payload BLOB NOT NULL)",
    "CREATE TABLE holder(one INTEGER PRIMARY KEY CHECK (one = 1), user TEXT NOT NULL, host TEXT NOT NULL,"
    " boot TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL, since REAL NOT NULL)",
    f"INSERT INTO counters VALUES ('cursor', 0), ('floor', 0), ('texts', 1), ('ids', {FIRST_DERIVED_ID}), ('saves', 0)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
"""What makes an empty SQLite file a journal; all of it in one transaction."""
