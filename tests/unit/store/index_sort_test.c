/* SPDX-License-Identifier: ISC */
/*
 * What an index does with the names of a whole directory: which of several messages with one id
 * keeps it, and which messages are repeats.
 */
#include "store/index.h"
#include "tap.h"

static void add_mail(struct index *ix, uint32_t id, enum mail_state state, int64_t time,
                     const char *from)
{
    struct mail m = {.id = id, .state = state, .size = 10, .time = time};

    snprintf(m.from, sizeof m.from, "%s", from);
    ok(index_add(ix, &m), "twice: message %u of %s is added", (unsigned)id, from);
}

/* Messages whose id another one keeps. */
struct others {
    int n;
    char text[400];
};

/* Files of dave are hard links. */
static bool is_daves(void *ctx, const struct mail *first, const struct mail *m)
{
    (void)ctx;
    return strcmp(first->from, "dave") == 0 && strcmp(m->from, "dave") == 0;
}

static void note_other(void *ctx, size_t position, const struct mail *first, const struct mail *m)
{
    struct others *others = ctx;
    size_t n = strlen(others->text);

    others->n++;
    snprintf(others->text + n, sizeof others->text - n, "%zu: %c of %s, not %s; ", position,
             (char)m->state, m->from, first->from);
}

/* Of three files with one id, one is shown: the same whichever the directory names first. */
static void check_twice(const char *const names[3])
{
    struct index *ix = index_new();
    struct others others = {.n = 0};
    struct index_twice twice = {is_daves, note_other, &others};
    struct index_totals totals;
    struct mail m;

    add_mail(ix, 2, MAIL_UNREAD, 1, names[0]);
    add_mail(ix, 1, MAIL_UNREAD, 1, "ann");
    add_mail(ix, 2, MAIL_UNREAD, 1, names[1]);
    add_mail(ix, 2, MAIL_UNREAD, 1, names[2]);
    ok(index_sort(ix, NULL, &twice), "twice: the index is sorted");
    is_str(others.text, "2: u of bob, not ann; 3: u of carol, not ann; ",
           "twice: the second and the third are reported");
    index_totals(ix, &totals);
    ok(totals.messages == 2 && totals.bytes == 20, "twice: the totals do not count them");
    size_t position = index_find(ix, 2);
    index_get(ix, position, &m);
    ok(m.state == MAIL_UNREAD && strcmp(m.from, "ann") == 0,
       "twice: the first one keeps its state");
    for (size_t i = position + 1; i < index_count(ix); i++) {
        index_get(ix, i, &m);
        ok(m.id == 2 && m.state == MAIL_BROKEN, "twice: the one of %s is broken", m.from);
    }
    index_unref(ix);
}

/* The message that comes first in names keeps the id; known: one that had it before. */
static void check_keeper(const char *what, const char *keeps, const struct mail *names, int n,
                         const struct mail *known)
{
    struct index *ix = index_new(), *before = known ? index_new() : NULL;
    struct mail m;

    if (known) {
        add_mail(before, known->id, known->state, known->time, known->from);
        ok(index_sort(before, NULL, NULL), "keeper: there is an earlier index");
    }
    for (int i = 0; i < n; i++)
        add_mail(ix, names[i].id, names[i].state, names[i].time, names[i].from);
    ok(index_sort(ix, before, NULL), "keeper: the index is sorted");
    index_get(ix, index_find(ix, 5), &m);
    is_str(m.from, keeps, "keeper: %s", what);
    index_unref(ix);
    index_unref(before);
}

static void test_keeper(void)
{
    static const struct mail earlier = {5, .state = MAIL_UNREAD, .time = 1, .from = "ann"},
                             later = {5, .state = MAIL_UNREAD, .time = 2, .from = "bob"},
                             read = {5, .state = MAIL_NORMAL, .time = 1, .from = "carol"},
                             purged = {5, .state = MAIL_EXPUNGED, .time = 1, .from = "dave"},
                             pending = {5, .state = MAIL_PENDING, .time = 1, .from = "eve"},
                             broken = {5, .state = MAIL_BROKEN, .time = 3, .from = "ann"};

#define KEEPS(what, keeps, known, ...)                            \
    check_keeper(what, keeps, (const struct mail[]){__VA_ARGS__}, \
                 sizeof((const struct mail[]){__VA_ARGS__}) / sizeof(struct mail), known)
    KEEPS("of two that are unread, the one that was accepted later", "bob", NULL, earlier, later);
    KEEPS("... in any order", "bob", NULL, later, earlier);
    KEEPS("one that was read, before those that are unread", "carol", NULL, later, read, earlier);
    KEEPS("a tombstone, before one that is unread", "dave", NULL, later, purged);
    KEEPS("one that is being delivered, before all", "eve", NULL, read, pending, purged);
    KEEPS("a broken one, after all", "ann", NULL, broken, earlier);
    KEEPS("one that had it before", "ann", &earlier, earlier, later, read);
    KEEPS("... in another state", "carol", &read, later, read);
    KEEPS("... but not if it was set aside since", "bob", &broken, broken, later);
    KEEPS("another message that had it before says nothing", "bob", &read, earlier, later);
#undef KEEPS
}

/* A tombstone has nobody's body, and the same file is no other one. */
static void test_no_others(void)
{
    struct index *ix = index_new();
    struct others others = {.n = 0};
    struct index_twice twice = {is_daves, note_other, &others};
    struct mail m;

    add_mail(ix, 5, MAIL_NORMAL, 2, "ann");
    add_mail(ix, 5, MAIL_EXPUNGED, 1, "ann");
    add_mail(ix, 5, MAIL_BROKEN, 1, "ann");
    add_mail(ix, 6, MAIL_UNREAD, 1, "dave");
    add_mail(ix, 6, MAIL_NORMAL, 1, "dave");
    ok(index_sort(ix, NULL, &twice), "no others: the index is sorted");
    is_int(others.n, 0, "no others: a tombstone, a broken one and a second name are not reported");
    index_get(ix, 1, &m);
    is_int(m.state, MAIL_EXPUNGED, "no others: a tombstone stays one");
    index_get(ix, 4, &m);
    is_int(m.state, MAIL_GONE, "no others: the second name is gone");
    index_unref(ix);
}

#define REPEATED "0123456789abcdef"

/* Messages with the same sender and token. */
static void test_repeats(void)
{
    static const struct {
        enum mail_state state;
        const char *from, *token;
    } rows[] = {
        {MAIL_UNREAD, "ann", ""},       {MAIL_UNREAD, "ann", ""},
        {MAIL_BROKEN, "ann", REPEATED}, {MAIL_EXPUNGED, "ann", REPEATED},
        {MAIL_UNREAD, "bob", REPEATED}, {MAIL_UNREAD, "ann", REPEATED "0123"},
        {MAIL_UNREAD, "ann", REPEATED}, {MAIL_BROKEN, "ann", REPEATED},
        {MAIL_NORMAL, "ann", REPEATED}, {MAIL_UNREAD, "ann", "fedcba9876543210"},
    };
    struct index *ix = index_new();
    size_t first = 77;

    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mail m = {.id = i + 1, .state = rows[i].state};
        snprintf(m.from, sizeof m.from, "%s", rows[i].from);
        snprintf(m.token, sizeof m.token, "%s", rows[i].token);
        ok(index_add(ix, &m), "repeats: a message is added");
    }
    ok(index_sort(ix, NULL, NULL), "repeats: the index is sorted");
    is_int(index_next_repeat(ix, 0, &first), 6, "repeats: the first repeat is found");
    is_int(first, 3, "repeats: ... it repeats a tombstone, not a broken message before that");
    is_int(index_next_repeat(ix, 7, &first), 8, "repeats: the next repeat is found");
    is_int(first, 3, "repeats: ... it repeats the same message");
    is_int(index_next_repeat(ix, 9, &first), INDEX_NONE, "repeats: there are no more");
    index_unref(ix);
}

#define MANY 20000

/* Messages that only look alike are not repeats: two senders, and tokens of two lengths. */
static void test_no_repeats(void)
{
    struct index *ix = index_new();
    size_t first;
    bool good = true;

    for (uint32_t i = 0; i < MANY; i++) {
        struct mail m = {.id = i + 1, .state = i % 5 ? MAIL_UNREAD : MAIL_BROKEN};
        snprintf(m.from, sizeof m.from, "%s", i & 1 ? "ann" : "bob");
        snprintf(m.token, sizeof m.token, i & 2 ? "%016x" : "%020x", (unsigned)i / 4);
        good = good && index_add(ix, &m);
    }
    good = good && index_sort(ix, NULL, NULL);
    ok(good, "no repeats: an index of many messages");
    is_int((int64_t)index_next_repeat(ix, 0, &first), (int64_t)INDEX_NONE,
           "no repeats: ... has none");
    index_unref(ix);
}

int main(void)
{
    check_twice((const char *[]){"ann", "bob", "carol"});
    check_twice((const char *[]){"carol", "bob", "ann"});
    test_keeper();
    test_no_others();
    test_repeats();
    test_no_repeats();
    return done_testing();
}
