/*
 * Which mailboxes stay in memory when nobody uses them. One that is read anew complains about a
 * file that is no message: so a test can tell.
 */
#include "store/index.h"
#include "store_fixture.h"

#define MAILBOXES 5

static void name_of(char name[NAME_BYTES + 1], int i)
{
    snprintf(name, NAME_BYTES + 1, "m%d", i);
}

/* Opens and closes a mailbox. Whether that has read its directory. */
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

/* An account with a message, and what is none beside it. */
static void make(struct fixture *f, struct store *s, int i)
{
    char name[NAME_BYTES + 1];
    struct mailbox *mb;
    int dir;

    name_of(name, i);
    mb = fixture_account(s, name);
    ok(fixture_deliver(mb, "ann", "text") == 1, "%s has a message", name);
    mailbox_close(mb);
    dir = fixture_directory(f, name);
    os_file_close(os_file_create(dir, "stray"));
    os_file_close(dir);
}

/* What the index of a mailbox with one message takes. */
static size_t one_index(void)
{
    const struct mail m = {.id = 1, .state = MAIL_UNREAD, .from = "ann", .token = ""};
    struct index *ix = index_new();
    size_t duplicates, bytes;

    index_add(ix, &m);
    index_sort(ix, &duplicates);
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

    ok(use(&f, s, 0), "a mailbox is read when it is used first");
    ok(!use(&f, s, 0), "and kept, though it takes a third of what all may");
    ok(use(&f, s, 1) && use(&f, s, 2), "two others are read");
    ok(!use(&f, s, 0) && !use(&f, s, 1) && !use(&f, s, 2), "three have room");
    ok(use(&f, s, 3), "a fourth is read");
    ok(!use(&f, s, 3) && !use(&f, s, 2) && !use(&f, s, 1), "three are still kept");
    ok(use(&f, s, 0), "the one that was used longest ago is not, whatever its stripe");
    ok(!use(&f, s, 1) && !use(&f, s, 2) && use(&f, s, 3), "and so on");

    limits.index_bytes = 1;
    store_set_limits(s, &limits);
    ok(use(&f, s, 4) && use(&f, s, 4), "one that has no room is read each time");

    store_close(s);
    fixture_end(&f);
    return done_testing();
}
