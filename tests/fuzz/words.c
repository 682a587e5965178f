/* SPDX-License-Identifier: ISC */
/*
 * Short texts that people write, in files and on command lines: the first line of a file with a
 * password or an invite, the message IDs of a command, and what is searched for.
 */
#include "client/ids.h"
#include "client/search.h"
#include "fuzz.h"
#include "memory.h"
#include "os/file.h"
#include "proto/name.h"

#define FILE "/secret"

static void first_line(struct span in)
{
    char bytes[PASSWORD_BYTES + 1];
    struct span line = span_first(in, span_find(in, '\n'));

    memory_write(FILE, in);
    int64_t n = os_file_first_line(FILE, bytes, sizeof bytes);
    must(line.n <= sizeof bytes ? n == (int64_t)line.n : n == -1);
    must(n < 0 || span_eq(span_of(bytes, (size_t)n), line));
}

/* A valid text has only parts that the rule allows. */
static void ids(struct span in)
{
    struct span part, rest = in;

    if (!ids_text_ok(in))
        return;
    while (rest.n > 0) {
        if (!span_cut(&rest, ',', &part)) {
            part = rest;
            rest = span_of(NULL, 0);
        }
        bool word = span_eq(part, SPAN("all")) || span_eq(part, SPAN("unread"));
        must(part.n > 0);
        for (size_t i = 0; i < part.n && !word; i++)
            must((part.p[i] >= '0' && part.p[i] <= '9') || part.p[i] == '-');
    }
}

static bool finds(struct span pattern, struct span body)
{
    struct search s;
    const struct message m = {.from = SPAN("ann"), .body = body};

    search_begin(&s, pattern);
    bool found = search_finds(&s, &m);
    must(buf_ok(&s.text) && buf_ok(&s.pattern));
    search_end(&s);
    return found;
}

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

/* Each part of an ASCII text is found in it, in capitals, too. (Elsewhere it may cut a letter.) */
static void search(struct span in)
{
    char capitals[64];
    size_t at = fuzz_below(&in, 256), n = fuzz_below(&in, sizeof capitals);
    struct span part = span_first(span_skip(in, at), n);

    if (!is_ascii(in)) {
        finds(part, in);
        return;
    }
    must(finds(part, in));
    for (size_t i = 0; i < part.n; i++)
        capitals[i] = part.p[i] >= 'a' && part.p[i] <= 'z' ? (char)(part.p[i] - 32) : part.p[i];
    must(finds(span_of(capitals, part.n), in));
    finds(in, part);
}

void fuzz_one(struct span in)
{
    first_line(in);
    ids(in);
    search(in);
}
