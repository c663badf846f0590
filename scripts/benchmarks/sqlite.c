// Plain SQLite as a shop would use it: WAL, synchronous=FULL, one transaction per claim, in
// process. Run by claims.py: sqlite FILE SECONDS. Prints one JSON object; fails when a claim was
// not granted.
#include "histogram.h"

#include <sqlite3.h>
#include <stdlib.h>

static sqlite3 *db;
static struct histogram latencies;

static void must(int got, int wanted, const char *what) {
    if (got == wanted) return;
    fprintf(stderr, "sqlite: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static sqlite3_stmt *prepare(const char *text) {
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK,
         text);
    return statement;
}

static void run(sqlite3_stmt *statement, const char *what) {
    must(sqlite3_step(statement), SQLITE_DONE, what);
    sqlite3_reset(statement);
}

int main(int argc, char **argv) {
    static const char schema[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "CREATE TABLE stock(sku TEXT PRIMARY KEY, available INTEGER NOT "
                                 "NULL CHECK(available >= 0));"
                                 "CREATE TABLE hold(id INTEGER PRIMARY KEY, sku TEXT NOT NULL, key "
                                 "TEXT NOT NULL UNIQUE, buyer INTEGER NOT NULL);"
                                 "INSERT INTO stock VALUES('HOT', 100000000);";
    if (argc != 3) return 2;
    must(sqlite3_open(argv[1], &db), SQLITE_OK, "open");
    must(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK, "schema");
    sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE"), *commit = prepare("COMMIT");
    sqlite3_stmt *take =
        prepare("UPDATE stock SET available = available - 1 WHERE sku = 'HOT' AND available > 0");
    sqlite3_stmt *hold = prepare("INSERT INTO hold(sku, key, buyer) VALUES('HOT', ?1, ?2)");
    random_seed();
    uint64_t start = nanoseconds(), now = start, end = start + atof(argv[2]) * 1e9, claims = 0;
    for (; now < end; claims++) {
        uint64_t from = now;
        char key[KEY_BYTES];
        random_key(key);
        run(begin, "begin");
        run(take, "take");
        must(sqlite3_changes(db), 1, "no stock");
        sqlite3_bind_text(hold, 1, key, KEY_BYTES, SQLITE_STATIC);
        sqlite3_bind_int64(hold, 2, random_bits() % 1000000);
        run(hold, "hold");
        run(commit, "commit");
        now = nanoseconds();
        histogram_add(&latencies, now - from);
    }
    printf("{\"rate\":%.1f,\"answers\":%zu,", claims / ((now - start) / 1e9), (size_t)claims);
    histogram_print(&latencies);
    printf("}\n");
    return 0;
}
