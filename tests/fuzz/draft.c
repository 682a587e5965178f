/* SPDX-License-Identifier: ISC */
/*
 * A draft's file: a file that is accepted has the same content when it is written and read again, a
 * recipient's mark is changed in its place, and added text comes after the text that is there.
 */
#include "client/draft.h"

#include "fuzz.h"
#include "memory.h"

#define DIR  "/drafts"
#define FILE DIR "/1"

static struct state_dir dir = {.fd = -1, .path = DIR};

static void end(void)
{
    os_file_close(dir.fd);
}

static void begin(void)
{
    memory_make_dir(DIR);
    dir.fd = os_file_open_dir(DIR);
    must(dir.fd >= 0);
    fuzz_at_end(end);
}

static void check(const struct draft *d)
{
    char name[NAME_BYTES + 1];

    must(d->number == 1 && d->nto > 0 && d->nto <= DRAFT_TO_MAX);
    must(name_fold(span_str(d->user), name) && strcmp(name, d->user) == 0);
    for (size_t i = 0; i < d->nto; i++) {
        must(name_fold(span_str(d->to[i].name), name) && strcmp(name, d->to[i].name) == 0);
        must(strlen(d->to[i].token) == LINK_TOKEN_BYTES && d->to[i].tried >= 0);
    }
    struct span files = buf_span(&d->files), path;
    while (files.n > 0)
        must(span_cut(&files, '\0', &path) && path.n > 0 && path.p[0] == '/');
}

static void check_same(const struct draft *a, const struct draft *b)
{
    must(a->ready == b->ready && strcmp(a->user, b->user) == 0 && a->nto == b->nto);
    must(span_eq(buf_span(&a->server), buf_span(&b->server)));
    must(span_eq(buf_span(&a->files), buf_span(&b->files)));
    must(span_eq(buf_span(&a->text), buf_span(&b->text)));
    for (size_t i = 0; i < a->nto; i++)
        must(a->to[i].mark == b->to[i].mark && a->to[i].tried == b->to[i].tried &&
             strcmp(a->to[i].name, b->to[i].name) == 0 &&
             strcmp(a->to[i].token, b->to[i].token) == 0);
}

/* The file says the same as d. */
static void check_file(const struct draft *d)
{
    struct draft again;

    must(draft_peek(&again, &dir, 1) == DRAFT_BUSY); /* d has it locked */
    check(&again);
    check_same(d, &again);
    draft_close(&again);
}

static void change(struct draft *d, size_t at, struct span more)
{
    static const enum draft_mark marks[] = {DRAFT_NEW, DRAFT_TRIED, DRAFT_SENT};

    must(draft_mark(d, at % d->nto, marks[at % 3]));
    check_file(d);
    buf_add(&d->text, more);
    must(draft_keep(d));
    check_file(d);
    draft_text_changed(d); /* written as a whole */
    must(draft_keep(d));
    check_file(d);
    must(draft_finish(d));
    check_file(d);
}

void fuzz_one(struct span in)
{
    struct draft d;
    unsigned one;

    if (dir.fd < 0)
        begin();
    size_t at = fuzz_byte(&in);
    struct span more = fuzz_bytes(&in, fuzz_below(&in, 20));
    memory_write(FILE, in);
    enum draft_opened opened = draft_open(&d, &dir, 1);
    must(opened == DRAFT_OPENED || opened == DRAFT_DAMAGED);
    if (opened == DRAFT_DAMAGED) {
        must(draft_numbers(&dir, &one, 1) == 1 && one == 1); /* a damaged draft stays */
        return;
    }
    check(&d);
    check_file(&d);
    change(&d, at, more);
    must(draft_discard(&d) && draft_numbers(&dir, NULL, 0) == 0);
}
