/* SPDX-License-Identifier: ISC */
/*
 * Which mailboxes stay in memory when nobody uses them. Reading a mailbox reports a file in it that
 * is not a message: that is how the test can tell.
 */
#include <fcntl.h>

#include "store/index.h"
#include "store/mailbox_private.h"
#include "store_fixture.h"

#define MAILBOXES 5
#define LETTERS   1500

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
    /* cppcheck-suppress knownConditionTrueFalse ; reading a directory adds to them */
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
    size_t bytes;

    index_add(ix, &m);
    index_sort(ix, NULL, NULL);
    bytes = index_bytes(ix);
    index_unref(ix);
    return bytes;
}

/* How many descriptors this process has. */
static int descriptors(void)
{
    int n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void test_limit(struct fixture *f, struct store *s)
{
    struct store_limits limits = {.index_bytes = 3 * one_index() + one_index() / 2,
                                  .idle_mailboxes = 128};

    store_set_limits(s, &limits);
    ok(use(f, s, 0), "cache: a mailbox is read when it is first opened");
    ok(!use(f, s, 0), "cache: it is kept, though it takes a third of the limit");
    ok(use(f, s, 1) && use(f, s, 2), "cache: two others are read");
    ok(!use(f, s, 0) && !use(f, s, 1) && !use(f, s, 2),
       "cache: three mailboxes are within the limit");
    ok(use(f, s, 3), "cache: a fourth one is read");
    ok(!use(f, s, 3) && !use(f, s, 2) && !use(f, s, 1),
       "cache: the three that were used last are kept");
    ok(use(f, s, 0), "cache: the one that was used longest ago is read again");
    ok(!use(f, s, 1) && !use(f, s, 2) && use(f, s, 3), "cache: that one replaces the next in age");

    limits.index_bytes = 1;
    store_set_limits(s, &limits);
    /* cppcheck-suppress oppositeExpression ; using one changes what is kept */
    ok(use(f, s, 4) && !use(f, s, 4) && !use(f, s, 4),
       "cache: a mailbox beyond the limit is kept until the next one is used");
    ok(use(f, s, 3) && use(f, s, 4), "cache: ... and no longer");
    limits.index_bytes = 0;
    store_set_limits(s, &limits);
    ok(use(f, s, 3) && use(f, s, 4) && use(f, s, 4),
       "cache: without memory for indexes each use reads it");
}

/* A large mailbox is used again and again between the small ones. */
static void test_large(struct fixture *f, struct store *s)
{
    struct store_limits limits = {.index_bytes = 20 * one_index(), .idle_mailboxes = 128};
    int dir = fixture_directory(f, "m4");
    char name[MESSAGE_FILE_NAME_BYTES];

    for (int i = 0; i < LETTERS; i++) {
        snprintf(name, sizeof name, "%010d-x,t=1,s=0,e=0,l=0+0,f=ann", 100 + i);
        os_file_close(os_file_create(dir, name));
    }
    store_set_limits(s, &limits);
    cache_let_go(s, 0);
    ok(use(f, s, 4) && use(f, s, 0) && use(f, s, 1), "large: three mailboxes are read");
    ok(use(f, s, 4), "large: the large one did not stay while others were used");
    ok(!use(f, s, 4) && !use(f, s, 4), "large: it stays while it alone is used");
    ok(!use(f, s, 0) && !use(f, s, 1), "large: it has pushed out nobody");
    os_file_close(dir);
}

static void test_letting_go(struct fixture *f, struct store *s)
{
    struct store_limits limits = {.index_bytes = 1 << 20, .idle_mailboxes = 128};
    struct who who = {.name = "m1"};
    struct mailbox *mb;

    store_set_limits(s, &limits);
    cache_let_go(s, 0);
    ok(use(f, s, 0) && use(f, s, 1), "letting go: all are let go");
    cache_let_go(s, 60000);
    ok(!use(f, s, 0) && !use(f, s, 1), "letting go: ... but not those that were used since");
    who.name[1] = '2';
    mailbox_open(s, &who, &mb);
    mailbox_close_once(mb);
    ok(use(f, s, 2), "letting go: one that was visited in passing is not kept");
    who.name[1] = '0';
    mailbox_open(s, &who, &mb);
    mailbox_close_once(mb);
    ok(!use(f, s, 0), "letting go: ... unless it was in memory before");
}

static void test_descriptors(struct fixture *f, struct store *s)
{
    struct store_limits limits = {.index_bytes = 1 << 20, .idle_mailboxes = 2};
    struct who who = {.name = "m0"};
    struct mailbox *mb;

    store_set_limits(s, &limits);
    cache_let_go(s, 0);
    int before = descriptors();
    for (int i = 0; i < MAILBOXES; i++)
        use(f, s, i);
    is_int(descriptors() - before, 2, "descriptors: two mailboxes keep theirs");
    bool read = false;
    for (int i = 0; i < MAILBOXES; i++)
        read = use(f, s, i) || read;
    ok(!read, "descriptors: the others are opened again, but not read");
    limits.index_bytes = 2 * one_index() + one_index() / 2;
    store_set_limits(s, &limits);
    ok(!use(f, s, MAILBOXES - 1), "descriptors: there is memory for two by now");
    ok(!use(f, s, MAILBOXES - 2), "descriptors: ... for those with descriptors");
    ok(use(f, s, 0), "descriptors: ... and not for those without");
    limits.index_bytes = 1 << 20;
    store_set_limits(s, &limits);
    mailbox_open(s, &who, &mb);
    is_int(fixture_deliver(mb, "ann", "more"), 2, "descriptors: they work as before");
    ok(!atomic_load(&mb->dead), "descriptors: ... and are the same account");
    mailbox_close(mb);
}

int main(void)
{
    struct fixture f;
    struct store *s;

    fixture_begin(&f);
    s = fixture_open(&f, true);
    for (int i = 0; i < MAILBOXES; i++)
        make(&f, s, i);
    test_limit(&f, s);
    test_large(&f, s);
    test_letting_go(&f, s);
    test_descriptors(&f, s);
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
