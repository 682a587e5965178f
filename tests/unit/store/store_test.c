/*
 * Accounts, deliveries, ids and tokens. A second store opened on the same directory counts as
 * another process: it has its own locks and its own memory.
 */
#include "store/store.h"

#include "random.h"
#include "store_fixture.h"

#define TOKEN   SPAN("0123456789abcdef")
#define THREADS 8
#define EACH    12

static void test_accounts(struct store *s)
{
    struct who who, again;
    struct account a;

    is_int(account_find(s, "dave", &who, &a), ST_NO_USER, "nobody yet");
    is_int(account_register(s, "dave", "first hash"), ST_OK, "an account");
    is_int(account_register(s, "dave", "other hash"), ST_USER_EXISTS, "its name is taken");
    is_int(account_find(s, "dave", &who, &a), ST_OK, "it is found");
    is_str(a.hash, "first hash", "with its hash");
    is_str(who.name, "dave", "its name");
    is_int(strlen(who.generation), STORE_GENERATION_DIGITS, "and a generation");
    is_int(account_set_hash(s, &who, "second hash"), ST_OK, "another hash");
    is_int(account_find(s, "dave", &again, &a), ST_OK, "is found");
    is_str(a.hash, "second hash", "and given");
    is_str(again.generation, who.generation, "the account being the same");
    is_int(account_delete(s, &who), ST_OK, "it is deleted");
    is_int(account_find(s, "dave", &again, &a), ST_NO_USER, "it is gone");
    is_int(account_delete(s, &who), ST_NO_USER, "there is nothing more to delete");
    is_int(account_set_hash(s, &who, "x"), ST_NO_USER, "or to change");
}

/* Whoever was logged in to an account that was deleted is a stranger to the next of its name. */
static void test_generations(struct store *s)
{
    struct who old, new;
    struct account a;
    struct mailbox *mb = NULL, *mine = fixture_account(s, "erin");
    struct mail m;

    old = *mailbox_who(mine);
    is_int(fixture_deliver(mine, "ann", "for the old one"), 1, "it has mail");
    is_int(account_delete(s, &old), ST_OK, "deleted while its mailbox is open");
    is_int(delivery_put(mine, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "it takes no mail");
    is_int(delivery_put(mine, "ann", SPAN("late"), TOKEN, &m, NULL), ST_NO_USER,
           "with a token neither");
    is_int(messages_find(mine, 1, &m), ST_NO_USER, "and shows none");
    is_int(account_register(s, "erin", "new hash"), ST_OK, "the name comes again");
    is_int(delivery_put(mine, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "the old mailbox stays dead");
    mailbox_close(mine);
    is_int(mailbox_open(s, &old, &mb), ST_NO_USER, "the old user is a stranger");
    mailbox_close(mb);
    is_int(account_delete(s, &old), ST_NO_USER, "who cannot delete it");
    is_int(account_set_hash(s, &old, "evil"), ST_NO_USER, "nor take it over");
    is_int(account_find(s, "erin", &new, &a), ST_OK, "the new one");
    is_str(a.hash, "new hash", "has its own hash");
    is_int(mailbox_open(s, &new, &mb), ST_OK, "and its mailbox");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE, "without the old one's mail");
    mailbox_close(mb);
}

/* Delivers a random body and reads it back; its size. */
static uint64_t check_body(struct mailbox *mb, size_t size)
{
    char *body = malloc(size + 1);
    struct mail stored, m;

    for (size_t i = 0; i < size; i++)
        body[i] = (char)random_below(256);
    struct span s = span_of(body, size);
    is_int(delivery_put(mb, "bob", s, SPAN(""), &stored, NULL), ST_OK, "deliver %zu bytes", size);
    ok(messages_find(mb, stored.id, &m) == ST_OK && m.size == size && m.state == MAIL_UNREAD &&
           strcmp(m.from, "bob") == 0 && m.id == stored.id && m.time == stored.time,
       "they are found");
    is_int(fixture_body(mb, &m, s), ST_OK, "and read back byte for byte");
    free(body);
    return size;
}

static void test_bodies(struct store *s)
{
    static const size_t sizes[] = {0, 1, 100, 2 * READER_BYTES, 3 * 1024 * 1024};
    struct mailbox *mb = fixture_account(s, "frank");
    struct index_totals totals;
    struct mailbox_quota quota;
    uint64_t bytes = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        bytes += check_body(mb, sizes[i]);
    for (size_t header = 86; header <= 92; header++) /* both just fill a piece at one of these */
        bytes += check_body(mb, READER_BYTES - header);
    for (size_t size = READER_BYTES - 1; size <= READER_BYTES + 1; size++)
        bytes += check_body(mb, size);
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK && totals.bytes == bytes,
       "the totals are right");
    mailbox_close(mb);
}

static void test_tokens(struct fixture *f, struct store **s)
{
    struct mailbox *mb = fixture_account(*s, "grace");
    struct mail first, m;

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &first, NULL), ST_OK,
           "a message with a token");
    is_int(delivery_put(mb, "ann", SPAN("other"), TOKEN, &m, NULL), ST_OK, "its repeat");
    ok(m.id == first.id && m.size == 3 && m.time == first.time && strcmp(m.token, first.token) == 0,
       "gives the first again");
    ok(messages_find(mb, first.id + 1, &m) == ST_NO_MESSAGE, "and stores nothing");
    is_int(fixture_text(mb, first.id, "one"), ST_OK, "the first is as it was");
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_OK, "another sender");
    is_int(m.id, first.id + 1, "with the same token: another message");
    is_int(delivery_put(mb, "ann", SPAN("3"), SPAN("0123456789abcdee"), &m, NULL), ST_OK,
           "a new token");
    is_int(m.id, first.id + 2, "is a new message");
    is_int(messages_delete(mb, first.id), ST_OK, "the first is deleted");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "its repeat");
    is_int(m.id, first.id, "is known all the same");
    mailbox_close(mb);
    store_close(*s);
    *s = fixture_open(f, true);
    mb = fixture_mailbox(*s, "grace");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "after a restart");
    ok(m.id == first.id && m.size == 3, "too");
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_OK, "and the other sender's");
    is_int(m.id, first.id + 1, "is his");
    mailbox_close(mb);
}

/* What keeps new messages out keeps no repeat out. */
static void test_repeat_without_room(struct fixture *f, struct store *s)
{
    const struct store_limits none = {.trash_s = 0}, no_disk = {.reserve_bytes = UINT64_MAX / 2},
                              no_quota = {.quota_messages = 1};
    struct mailbox *mb = fixture_account(s, "gus");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;
    int dir = fixture_directory(f, "gus");

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "a message with a token");
    store_set_limits(s, &no_disk);
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_DISK_FULL, "the disk is full");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "but for a repeat");
    is_int(m.id, 1, "which gives the first");
    store_set_limits(s, &no_quota);
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_FULL, "the mailbox is full");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK, "but for a repeat");
    is_int(m.id, 1, "which gives the first");
    store_set_limits(s, &none);
    ok(!fixture_file(dir, "new-", name), "no temporary is left of all that");
    os_file_close(dir);
    mailbox_close(mb);
}

static void test_ids(struct fixture *f, struct store **s)
{
    struct mailbox *mb = fixture_account(*s, "heidi");
    struct mail m;

    for (uint32_t id = 1; id <= 3; id++)
        is_int(fixture_deliver(mb, "ann", "text"), id, "ids count up");
    ok(messages_delete(mb, 3) == ST_OK && messages_delete(mb, 2) == ST_OK,
       "the newest are deleted");
    is_int(messages_delete(mb, 3), ST_NO_MESSAGE, "once");
    is_int(messages_find(mb, 3, &m), ST_NO_MESSAGE, "they are gone");
    is_int(messages_delete(mb, UINT64_MAX), ST_NO_MESSAGE, "an id beyond all");
    mailbox_close(mb);
    store_close(*s);
    *s = fixture_open(f, true);
    mb = fixture_mailbox(*s, "heidi");
    is_int(messages_find(mb, 3, &m), ST_NO_MESSAGE, "deleted they stay after a restart");
    is_int(fixture_deliver(mb, "ann", "text"), 4, "and their ids are not given again");
    mailbox_close(mb);
}

static void test_mark_read(struct store *s)
{
    struct mailbox *mb = fixture_account(s, "ivan");
    struct index_totals totals;
    struct mailbox_quota quota;
    struct mail m;

    for (int i = 0; i < 3; i++)
        fixture_deliver(mb, "ann", "text");
    messages_mark_read(mb, (uint32_t[]){1, 3, 77}, 3);
    ok(messages_find(mb, 1, &m) == ST_OK && m.state == MAIL_NORMAL, "a message becomes normal");
    ok(messages_find(mb, 2, &m) == ST_OK && m.state == MAIL_UNREAD, "another stays unread");
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK && totals.messages == 3 && totals.unread == 1,
       "and the totals say so");
    is_int(fixture_text(mb, 3, "text"), ST_OK, "the body is still read");
    mailbox_close(mb);
}

/* What another process made of a name is found when it is opened, though all is in memory. */
static void open_anew(struct store *s, struct store *other)
{
    struct mailbox *a = fixture_account(s, "jim"), *again = fixture_mailbox(s, "jim"), *b;
    struct who first = *mailbox_who(a);
    struct mail m;

    ok(a == again, "a mailbox in memory is opened again");
    mailbox_close(again);
    is_int(account_delete(other, &first), ST_OK, "another process deletes the account");
    b = fixture_account(other, "jim");
    is_int(fixture_deliver(b, "ann", "new"), 1, "and gives its name to another");
    again = fixture_mailbox(s, "jim");
    ok(again != a && strcmp(mailbox_who(again)->generation, first.generation) != 0,
       "which is another mailbox");
    is_int(messages_find(again, 1, &m), ST_OK, "with its mail");
    mailbox_close(a);
    mailbox_close(again);
    mailbox_close(b);
    is_int(mailbox_open(s, &first, &again), ST_NO_USER, "who was logged in before is no user");
}

static void test_two_processes(struct fixture *f, struct store *s)
{
    struct store *other = fixture_open(f, false);
    struct mailbox *a = fixture_account(s, "judy"), *b = fixture_mailbox(other, "judy");
    struct mail m;

    for (uint32_t id = 1; id <= 6; id += 2) {
        is_int(fixture_deliver(a, "ann", "of one"), id, "one process");
        is_int(fixture_text(b, id, "of one"), ST_OK, "the other sees it");
        is_int(fixture_deliver(b, "bob", "of the other"), id + 1, "and the reverse");
        is_int(fixture_text(a, id + 1, "of the other"), ST_OK, "is seen");
    }
    is_int(delivery_put(a, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK, "a token");
    is_int(delivery_put(b, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK, "is known");
    is_int(m.id, 7, "to both");
    is_int(messages_delete(b, 1), ST_OK, "what the one deletes");
    is_int(messages_find(a, 1, &m), ST_NO_MESSAGE, "is gone for the other");
    is_int(account_delete(other, mailbox_who(b)), ST_OK, "the account, too");
    is_int(delivery_put(a, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "takes no mail then");
    mailbox_close(a);
    mailbox_close(b);
    open_anew(s, other);
    store_close(other);
}

struct crowd {
    struct mailbox *mb;
    pthread_t threads[THREADS];
    uint32_t ids[THREADS][EACH];
    struct span token; /* the same for all, or empty */
};

struct one_of {
    struct crowd *crowd;
    int number;
};

static void *deliver_many(void *arg)
{
    struct one_of *me = arg;
    struct mail m;

    for (int i = 0; i < EACH; i++)
        if (delivery_put(me->crowd->mb, "ann", SPAN("text"), me->crowd->token, &m, NULL) == ST_OK)
            me->crowd->ids[me->number][i] = m.id;
    return NULL;
}

static void run_crowd(struct crowd *c)
{
    struct one_of each[THREADS];

    memset(c->ids, 0, sizeof c->ids);
    for (int i = 0; i < THREADS; i++) {
        each[i] = (struct one_of){c, i};
        pthread_create(&c->threads[i], NULL, deliver_many, &each[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(c->threads[i], NULL);
}

static int count_distinct(const struct crowd *c)
{
    bool seen[THREADS * EACH + 2] = {true};
    int distinct = 0;

    for (int i = 0; i < THREADS; i++)
        for (int k = 0; k < EACH; k++)
            if (c->ids[i][k] < sizeof seen) {
                distinct += !seen[c->ids[i][k]];
                seen[c->ids[i][k]] = true;
            }
    return distinct;
}

static void test_threads(struct fixture *f, struct store *s)
{
    static struct crowd c;
    struct index_totals totals;
    struct mailbox_quota quota;
    c.mb = fixture_account(s, "karl");

    run_crowd(&c);
    is_int(count_distinct(&c), THREADS * EACH, "threads' deliveries have distinct ids");
    ok(mailbox_totals(c.mb, &totals, &quota) == ST_OK && totals.messages == THREADS * EACH,
       "all of them are seen");
    is_int(totals.pending, 0, "and none is pending any more");
    c.token = TOKEN;
    run_crowd(&c);
    is_int(count_distinct(&c), 1, "with one token, all are one message");
    mailbox_close(c.mb);

    struct store *other = fixture_open(f, false);
    struct mailbox *mb = fixture_mailbox(other, "karl");
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK, "what another process reads");
    is_int(totals.messages, THREADS * EACH + 1, "is all of them");
    is_int(fixture_text(mb, THREADS * EACH + 1, "text"), ST_OK, "up to the last");
    mailbox_close(mb);
    store_close(other);
}

int main(void)
{
    struct fixture f;

    random_begin();
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    test_accounts(s);
    test_generations(s);
    test_bodies(s);
    test_tokens(&f, &s);
    test_repeat_without_room(&f, s);
    test_ids(&f, &s);
    test_mark_read(s);
    test_two_processes(&f, s);
    test_threads(&f, s);
    store_close(s);
    is_int(f.troubles, 0, "there was no trouble%s%s", f.troubles ? ": " : "", f.last);
    fixture_end(&f);
    return done_testing();
}
