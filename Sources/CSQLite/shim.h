// SQLite, and what Swift's importer cannot see of it: the variadic sqlite3_db_config and the
// destructor constants, which are casts.
#pragma once
#include <sqlite3.h>

/// Sets one of the boolean options of sqlite3_db_config; returns an SQLite result code.
static inline int shim_sqlite3_db_config_flag(sqlite3 *db, int option, int on) {
  return sqlite3_db_config(db, option, on, (int *)0);
}

/// SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
static inline sqlite3_destructor_type shim_SQLITE_TRANSIENT(void) { return SQLITE_TRANSIENT; }
