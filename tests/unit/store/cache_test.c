/* SPDX-License-Identifier: ISC */
/*
 * Which mailboxes stay in memory when nobody uses them. Reading a mailbox reports a file in it that
 * is not a message: that is how the test can tell.
 */
#include "store/index.h"
#include "store_fixture.h"

#define MAILBOXES 5

static void name_of(char name[NAME_BYTES + 1], int i)
{
    snprintf(name, NAME_BYTES + 1, "m%d", i);
}

/* Opens and closes a mailbox. Returns whether this has read its directory. */
static bool use(struct fixture *f, struct store *s, int i)
{
    struct who who = {.generation = ""};
    struct mailbox *mb;
    int troubles = f->troubles;

    name_of(who.name, i);
    if (mailbox_open(s, &who, &mb) == ST_OK)
        mailbox_close(mb);
    return f->troubles > troubles;
}

/* Makes an account with a message and a file that is not one. */
static void make(struct fixture *f, struct store *s, int i)
{
    char name[NAME_BYTES + 1];
    struct mailbox *mb;
    int dir;

    name_of(name, i);
    mb = fixture_account(s, name);
    ok(fixture_deliver(mb, "ann", "text") == 1, "mailbox %s has a message", name);
    mailbox_close(mb);
    dir = fixture_directory(f, name);
    os_file_close(os_file_create(dir, "stray"));
    os_file_close(dir);
}

/* The memory that the index of a mailbox with one message takes. */
static size_t one_index(void)
{
    const struct mail m = {.id = 1, .state = MAIL_UNREAD, .from = "ann", .token = ""};
    struct index *ix = index_new();
    size_t duplicates, bytes;

    index_add(ix, &m);
    index_sort(ix, NULL, NULL, &duplicates);
    bytes = index_bytes(ix);
    index_unref(ix);
    return bytes;
}

int main(void)
{
    struct fixture f;
    struct store *s;
    struct store_limits limits = {.index_bytes = 3 * one_index() + one_index() / 2,
                                  .idle_mailboxes = 128};

    fixture_begin(&f);
    s = fixture_open(&f, true);
    for (int i = 0; i < MAILBOXES; i++)
        make(&f, s, i);
    store_set_limits(s, &limits);

    ok(use(&f, s, 0), "cache: a mailbox is read when it is first opened");
    ok(!use(&f, s, 0), "cache: it is kept, though it takes a third of the limit");
    ok(use(&f, s, 1) && use(&f, s, 2), "cache: two others are read");
    ok(!use(&f, s, 0) && !use(&f, s, 1) && !use(&f, s, 2),
       "cache: three mailboxes are within the limit");
    ok(use(&f, s, 3), "cache: a fourth one is read");
    ok(!use(&f, s, 3) && !use(&f, s, 2) && !use(&f, s, 1),
       "cache: the three that were used last are kept");
    ok(use(&f, s, 0), "cache: the one that was used longest ago is read again");
    ok(!use(&f, s, 1) && !use(&f, s, 2) && use(&f, s, 3),
       "cache: that one replaces the next in age");

    limits.index_bytes = 1;
    store_set_limits(s, &limits);
    ok(use(&f, s, 4) && use(&f, s, 4), "cache: a mailbox beyond the limit is read each time");

    store_close(s);
    fixture_end(&f);
    return done_testing();
}
