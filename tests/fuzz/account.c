/* SPDX-License-Identifier: ISC */
/* An account's file: what is taken is the same when the account has been changed and found again.
 */
#include "store/account.h"

#include "fuzz.h"
#include "store_fixture.h"

static struct fixture f;
static struct store *store;
static struct mailbox *mb;
static struct who ann = {.name = "ann"};
static int dir;

static void end(void)
{
    os_file_close(dir);
    mailbox_close(mb);
    store_close(store);
    fixture_end(&f);
}

static void begin(void)
{
    fixture_begin_in(&f, "/dev/shm");
    store = fixture_open(&f, true);
    must(account_register(store, "ann", "hash") == ST_OK);
    must(mailbox_open(store, &ann, &mb) == ST_OK);
    ann = *mailbox_who(mb);
    dir = fixture_directory(&f, "ann");
    fuzz_at_end(end);
}

static void leave(void *ctx, struct account *a)
{
    (void)ctx;
    (void)a;
}

static void check_same(const struct account *a, const struct account *b)
{
    must(strcmp(a->hash, b->hash) == 0 && a->disabled == b->disabled);
    must(a->quota_bytes == b->quota_bytes && a->quota_messages == b->quota_messages);
    must(a->warnings == b->warnings && a->warned == b->warned);
}

/* The text as that of ann's file. */
static void test_file(struct span text, const struct account *a)
{
    struct account found;
    struct who who;

    must(os_file_replace(dir, "account", text));
    must((account_find(store, "ann", &who, &found) == ST_OK) == (a != NULL));
    if (!a)
        return;
    check_same(a, &found);
    if (strcmp(who.generation, ann.generation) != 0) /* no other comes without the lock */
        return;
    must(account_change(store, &ann, leave, NULL) == ST_OK);
    must(account_find(store, "ann", &who, &found) == ST_OK);
    check_same(a, &found);
}

void fuzz_one(struct span in)
{
    static const char head[] = "pochta-account 1\ngeneration %s\n%.*s";
    /* cppcheck-suppress variableScope ; text points to it */
    char bytes[2000];
    struct account a;
    struct who who;
    struct span text = in;

    if (!store)
        begin();
    if (span_starts(in, SPAN("password "))) /* the lines before it are set right */
        text = span_of(bytes, (size_t)snprintf(bytes, sizeof bytes, head, ann.generation,
                                               SPAN_PRINTF(span_first(in, 900))));
    if (text.n > 1000) /* what no account's file has */
        return;
    struct span s = exact(text);
    bool taken = account_file_parse(s, &who, &a);
    if (taken) {
        must(strlen(who.generation) == STORE_GENERATION_DIGITS);
        must(strlen(a.hash) < sizeof a.hash && !strchr(a.hash, '\n'));
    }
    test_file(s, taken ? &a : NULL);
    exact_free(s);
}
