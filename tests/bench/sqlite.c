/* SPDX-License-Identifier: ISC */
/*
 * sqlite: a single writer that inserts one message in a transaction, into a database with a
 * write-ahead log that is synced at each commit: what a program without a server can promise.
 *
 *     sqlite FILE SECONDS BYTES [TIMES]
 *
 * Prints messages a second. TIMES ends it after so many.
 */
#include <sqlite3.h>
#include <string.h>

#include "bench.h"

static void must(sqlite3 *db, int result, int expected)
{
    if (result != expected)
        bench_fail("sqlite", span_str(db ? sqlite3_errmsg(db) : "cannot open"));
}

static void execute(sqlite3 *db, const char *sql)
{
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static uint64_t insert_all(sqlite3 *db, uint64_t until_ns, uint64_t times, const char *body, int n)
{
    sqlite3_stmt *insert;
    uint64_t done = 0;

    must(db,
         sqlite3_prepare_v2(db, "INSERT INTO mail (box, body) VALUES (?, ?)", -1, &insert, NULL),
         SQLITE_OK);
    while (times > 0 ? done < times : bench_now_ns() < until_ns) {
        must(db, sqlite3_bind_text(insert, 1, "user0", -1, SQLITE_STATIC), SQLITE_OK);
        must(db, sqlite3_bind_blob(insert, 2, body, n, SQLITE_STATIC), SQLITE_OK);
        must(db, sqlite3_step(insert), SQLITE_DONE);
        must(db, sqlite3_reset(insert), SQLITE_OK);
        done++;
    }
    sqlite3_finalize(insert);
    return done;
}

/* What was inserted is there: that many more rows than before. */
static sqlite3_int64 count(sqlite3 *db)
{
    sqlite3_stmt *rows;
    sqlite3_int64 n;

    must(db, sqlite3_prepare_v2(db, "SELECT count(*) FROM mail", -1, &rows, NULL), SQLITE_OK);
    must(db, sqlite3_step(rows), SQLITE_ROW);
    n = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    return n;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    char *body;

    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: sqlite FILE SECONDS BYTES [TIMES]\n");
        return 64;
    }
    uint32_t bytes = bench_number(argv[3]);
    must(db, sqlite3_open(argv[1], &db), SQLITE_OK);
    execute(db, "PRAGMA journal_mode = WAL");
    execute(db, "PRAGMA synchronous = FULL");
    execute(db, "CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, box TEXT, body BLOB)");
    body = memset(bench_alloc(bytes, 1), 'x', bytes);

    sqlite3_int64 before = count(db);
    uint64_t began_ns = bench_now_ns();
    uint64_t done = insert_all(db, began_ns + (uint64_t)bench_number(argv[2]) * 1000000000,
                               argc == 5 ? bench_number(argv[4]) : 0, body, (int)bytes);
    double seconds = (double)(bench_now_ns() - began_ns) / 1e9;
    if (count(db) - before != (sqlite3_int64)done)
        bench_fail("not as many rows as were inserted", SPAN(""));
    printf("%.1f\n", (double)done / seconds);
    must(db, sqlite3_close(db), SQLITE_OK);
    free(body);
    return 0;
}
