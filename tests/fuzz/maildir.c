/* SPDX-License-Identifier: ISC */
/*
 * A Maildir with files of any names: each is listed once, in the same order every time, its flags
 * are found whatever its name is, and a message that is added is there once.
 */
#include "client/maildir.h"

#include "client/flags.h"
#include "fuzz.h"
#include "memory.h"
#include "os/file.h"

#define DIR   "/maildir"
#define FILES 20

static bool made;

static struct names {
    char name[FILES][MAILDIR_NAME_BYTES];
    size_t n;
} fresh, old;

static bool is_there(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

static void add_file(struct names *names, const char *dir, struct span name)
{
    char path[2 * MAILDIR_NAME_BYTES];
    char *text = names->name[names->n];

    snprintf(text, MAILDIR_NAME_BYTES, "%.*s", SPAN_PRINTF(name));
    if (!text[0] || text[0] == '.' || strchr(text, '/') || is_there(names, text))
        return;
    snprintf(path, sizeof path, DIR "/%s/%s", dir, text);
    memory_write(path, SPAN("x\n"));
    names->n++;
}

static bool remove_file(void *ctx, const char *name)
{
    const int *dir = ctx;
    must(os_file_remove(*dir, name));
    return true;
}

static void clear(const struct maildir *d)
{
    const int *const dirs[] = {&d->tmp, &d->new, &d->cur};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        int dir = *dirs[i];
        must(os_file_each(dir, remove_file, &dir));
    }
}

static void fill(struct span in)
{
    fresh.n = old.n = 0;
    while (in.n > 0 && fresh.n < FILES && old.n < FILES) {
        bool is_fresh = fuzz_byte(&in) & 1;
        struct span name = fuzz_bytes(&in, fuzz_below(&in, 100));
        add_file(is_fresh ? &fresh : &old, is_fresh ? "new" : "cur", name);
    }
}

static void check_list(const struct maildir *d)
{
    must(d->n == fresh.n + old.n);
    for (size_t i = 0; i < d->n; i++) {
        const char *name = d->files[i].name;
        struct span base = maildir_base(name);
        char text[MAILDIR_NAME_BYTES];
        must(is_there(d->files[i].fresh ? &fresh : &old, name));
        must(flags_of_name(name) < 2 * FLAGS_KEYWORD);
        snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(base));
        must(maildir_has(d, text));
        for (size_t k = 0; k < i; k++)
            must(d->files[k].fresh != d->files[i].fresh || strcmp(d->files[k].name, name) != 0);
    }
}

static void check_added(struct span mail)
{
    struct maildir d;
    struct buf got;

    must(maildir_open(&d, DIR, true) && maildir_list(&d) && maildir_has(&d, "1.new"));
    must(d.n == fresh.n + old.n + 1);
    buf_init(&got, SIZE_MAX / 2);
    for (size_t i = 0; i < d.n; i++)
        if (strcmp(d.files[i].name, "1.new:2,S") == 0)
            must(maildir_load(&d, &d.files[i], &got));
    must(span_eq(buf_span(&got), mail));
    buf_free(&got);
    maildir_close(&d);
}

void fuzz_one(struct span in)
{
    struct maildir d;

    if (!made)
        memory_make_dir(DIR);
    made = true;
    must(maildir_open(&d, DIR, true));
    clear(&d);
    struct span mail = fuzz_bytes(&in, fuzz_below(&in, 30));
    fill(in);
    must(maildir_list(&d));
    check_list(&d);
    bool there = is_there(&old, "1.new:2,S"), other = maildir_has(&d, "1.new");
    must(maildir_add(&d, "1.new", mail, true, 1512316293));
    maildir_close(&d);
    if (!there && !other)
        check_added(mail);
}
