/* SPDX-License-Identifier: ISC */
/*
 * Accounts, deliveries, ids and tokens. A second store opened on the same directory counts as
 * another process: it has its own locks and its own memory.
 */
#include "store/account_file.h"
#include "store/store.h"

#include <errno.h>

#include "random.h"
#include "store_fixture.h"

#define TOKEN   SPAN("0123456789abcdef")
#define THREADS 8
#define EACH    12

static void test_accounts(struct store *s)
{
    struct who who, again;
    struct account a;

    is_int(account_find(s, "dave", &who, &a), ST_NO_USER, "account_find: no such account");
    is_int(account_register(s, "dave", "first hash"), ST_OK, "account_register makes an account");
    is_int(account_register(s, "dave", "other hash"), ST_USER_EXISTS,
           "account_register: the name is taken");
    is_int(account_find(s, "dave", &who, &a), ST_OK, "account_find finds the account");
    is_str(a.hash, "first hash", "account_find gives the hash");
    is_str(who.name, "dave", "account_find gives the name");
    is_int(strlen(who.generation), STORE_GENERATION_DIGITS, "account_find gives the generation");
    is_int(account_set_hash(s, &who, "second hash"), ST_OK, "account_set_hash");
    is_int(account_find(s, "dave", &again, &a), ST_OK,
           "account_set_hash: the account is still found");
    is_str(a.hash, "second hash", "account_set_hash: the hash has changed");
    is_str(again.generation, who.generation, "account_set_hash: the generation has not");
    is_int(account_delete(s, &who), ST_OK, "account_delete");
    is_int(account_find(s, "dave", &again, &a), ST_NO_USER,
           "account_delete: the account is not found any more");
    is_int(account_delete(s, &who), ST_NO_USER, "account_delete: there is nothing to delete");
    is_int(account_set_hash(s, &who, "x"), ST_NO_USER,
           "account_set_hash: there is nothing to change");
}

/* Its directory was opened, then it was deleted, and its files were removed. */
static void test_deleted_meanwhile(struct store *s)
{
    struct who who = {.name = "eve"};
    struct account a;

    account_register(s, "eve", "hash");
    int dir = store_open_inside(s, LAYOUT_USERS, "eve");
    os_file_rename_new(s->dirs[LAYOUT_USERS], "eve", s->dirs[LAYOUT_NEW], "gone");
    os_file_remove(dir, LAYOUT_ACCOUNT);
    is_int(account_file_read(s, dir, &who, &a), ST_NO_USER,
           "an account that was deleted while it was opened is no user");
    account_register(s, "eve", "hash");
    is_int(account_file_read(s, dir, &who, &a), ST_NO_USER,
           "... nor if another one has its name by now");
    os_file_close(dir);
    os_file_remove_tree(s->dirs[LAYOUT_NEW], "gone");
}

/* A user of a deleted account has no access to the next account with its name. */
static void test_generations(struct store *s)
{
    struct who old, new;
    struct account a;
    struct mailbox *mb = NULL, *mine = fixture_account(s, "erin");
    struct mail m;

    old = *mailbox_who(mine);
    is_int(fixture_deliver(mine, "ann", "for the old one"), 1, "generations: an account has mail");
    is_int(account_delete(s, &old), ST_OK, "generations: it is deleted while its mailbox is open");
    is_int(delivery_put(mine, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "generations: a deleted account takes no mail");
    is_int(delivery_put(mine, "ann", SPAN("late"), TOKEN, &m, NULL), ST_NO_USER,
           "generations: nor mail with a token");
    is_int(messages_find(mine, 1, &m), ST_NO_USER, "generations: a deleted account shows no mail");
    is_int(account_register(s, "erin", "new hash"), ST_OK,
           "generations: the name is registered again");
    is_int(delivery_put(mine, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "generations: the old mailbox still takes no mail");
    mailbox_close(mine);
    is_int(mailbox_open(s, &old, &mb), ST_NO_USER,
           "generations: the old user cannot open the new mailbox");
    mailbox_close(mb);
    is_int(account_delete(s, &old), ST_NO_USER,
           "generations: the old user cannot delete the new account");
    is_int(account_set_hash(s, &old, "evil"), ST_NO_USER,
           "generations: the old user cannot change its password");
    is_int(account_find(s, "erin", &new, &a), ST_OK, "generations: the new account is found");
    is_str(a.hash, "new hash", "generations: the new account has its own hash");
    is_int(mailbox_open(s, &new, &mb), ST_OK, "generations: the new account has a mailbox");
    is_int(messages_find(mb, 1, &m), ST_NO_MESSAGE,
           "generations: the new mailbox has none of the old mail");
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
    is_int(delivery_put(mb, "bob", s, SPAN(""), &stored, NULL), ST_OK,
           "bodies: %zu bytes are delivered", size);
    ok(messages_find(mb, stored.id, &m) == ST_OK && m.size == size && m.state == MAIL_UNREAD &&
           strcmp(m.from, "bob") == 0 && m.id == stored.id && m.time == stored.time,
       "bodies: the message is found as it was stored");
    is_int(fixture_body(mb, &m, s), ST_OK, "bodies: the body is read back byte for byte");
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
    for (size_t header = 86; header <= 92; header++) /* one of these just fills a piece */
        bytes += check_body(mb, READER_BYTES - header);
    for (size_t size = READER_BYTES - 1; size <= READER_BYTES + 1; size++)
        bytes += check_body(mb, size);
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK && totals.bytes == bytes,
       "bodies: mailbox_totals counts all bytes");
    mailbox_close(mb);
}

static void test_tokens(struct fixture *f, struct store **s)
{
    struct mailbox *mb = fixture_account(*s, "grace");
    struct mail first, m;

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &first, NULL), ST_OK,
           "tokens: a message with a token is stored");
    is_int(delivery_put(mb, "ann", SPAN("other"), TOKEN, &m, NULL), ST_OK,
           "tokens: its repeat is accepted");
    ok(m.id == first.id && m.size == 3 && m.time == first.time && strcmp(m.token, first.token) == 0,
       "tokens: the repeat gives the first message");
    ok(messages_find(mb, first.id + 1, &m) == ST_NO_MESSAGE, "tokens: the repeat stores nothing");
    is_int(fixture_text(mb, first.id, "one"), ST_OK,
           "tokens: the repeat does not change the first message");
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_OK,
           "tokens: another sender may use the same token");
    is_int(m.id, first.id + 1, "tokens: that is another message");
    is_int(delivery_put(mb, "ann", SPAN("3"), SPAN("0123456789abcdee"), &m, NULL), ST_OK,
           "tokens: a message with another token is stored");
    is_int(m.id, first.id + 2, "tokens: that is another message, too");
    is_int(messages_delete(mb, first.id), ST_OK, "tokens: the first message is deleted");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "tokens: its repeat is still accepted");
    is_int(m.id, first.id, "tokens: the repeat of a deleted message gives its id");
    mailbox_close(mb);
    store_close(*s);
    *s = fixture_open(f, true);
    mb = fixture_mailbox(*s, "grace");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "tokens: a repeat after a restart is accepted");
    ok(m.id == first.id && m.size == 3, "tokens: a repeat after a restart gives the first message");
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_OK,
           "tokens: a repeat of the other sender, too");
    is_int(m.id, first.id + 1, "tokens: that gives the other sender's message");
    mailbox_close(mb);
}

/* A lack of room keeps out new messages, but not repeats. */
static void test_repeat_without_room(struct fixture *f, struct store *s)
{
    const struct store_limits none = {.trash_s = 0}, no_disk = {.reserve_bytes = UINT64_MAX / 2},
                              no_quota = {.quota_messages = 1};
    struct mailbox *mb = fixture_account(s, "gus");
    char name[MESSAGE_FILE_NAME_BYTES];
    struct mail m;
    int dir = fixture_directory(f, "gus");

    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "repeats without room: a message with a token is stored");
    store_set_limits(s, &no_disk);
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_DISK_FULL,
           "repeats without room: a full disk takes no new message");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "repeats without room: a full disk takes a repeat");
    is_int(m.id, 1, "repeats without room: it gives the first message");
    store_set_limits(s, &no_quota);
    is_int(delivery_put(mb, "bob", SPAN("two"), TOKEN, &m, NULL), ST_FULL,
           "repeats without room: a full mailbox takes no new message");
    is_int(delivery_put(mb, "ann", SPAN("one"), TOKEN, &m, NULL), ST_OK,
           "repeats without room: a full mailbox takes a repeat");
    is_int(m.id, 1, "repeats without room: that gives the first message, too");
    store_set_limits(s, &none);
    ok(!fixture_file(dir, "new-", name), "repeats without room: no temporary is left");
    os_file_close(dir);
    mailbox_close(mb);
}

static void test_ids(struct fixture *f, struct store **s)
{
    struct mailbox *mb = fixture_account(*s, "heidi");
    struct mail m;

    for (uint32_t id = 1; id <= 3; id++)
        is_int(fixture_deliver(mb, "ann", "text"), id, "ids: the next message has id %u",
               (unsigned)id);
    ok(messages_delete(mb, 3) == ST_OK && messages_delete(mb, 2) == ST_OK,
       "ids: the two newest messages are deleted");
    is_int(messages_delete(mb, 3), ST_NO_MESSAGE, "ids: a message cannot be deleted twice");
    is_int(messages_find(mb, 3, &m), ST_NO_MESSAGE, "ids: a deleted message is not found");
    is_int(messages_delete(mb, UINT64_MAX), ST_NO_MESSAGE,
           "ids: an id beyond all others cannot be deleted");
    mailbox_close(mb);
    store_close(*s);
    *s = fixture_open(f, true);
    mb = fixture_mailbox(*s, "heidi");
    is_int(messages_find(mb, 3, &m), ST_NO_MESSAGE,
           "ids: a message is still deleted after a restart");
    is_int(fixture_deliver(mb, "ann", "text"), 4,
           "ids: the ids of deleted messages are not given again");
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
    ok(messages_find(mb, 1, &m) == ST_OK && m.state == MAIL_NORMAL,
       "messages_mark_read: the message is normal");
    ok(messages_find(mb, 2, &m) == ST_OK && m.state == MAIL_UNREAD,
       "messages_mark_read: another message is still unread");
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK && totals.messages == 3 && totals.unread == 1,
       "messages_mark_read: the totals have changed");
    is_int(fixture_text(mb, 3, "text"), ST_OK, "messages_mark_read: the body can still be read");
    mailbox_close(mb);
}

/* Opening a name finds what another process has done to it, even if it is in memory here. */
static void open_again(struct store *s, struct store *other)
{
    struct mailbox *a = fixture_account(s, "jim"), *again = fixture_mailbox(s, "jim"), *b;
    struct who first = *mailbox_who(a);
    struct mail m;

    ok(a == again, "two processes: a mailbox that is in memory is opened again");
    mailbox_close(again);
    is_int(account_delete(other, &first), ST_OK, "two processes: the other deletes the account");
    b = fixture_account(other, "jim");
    is_int(fixture_deliver(b, "ann", "new"), 1,
           "two processes: the other gives the name to another account");
    again = fixture_mailbox(s, "jim");
    ok(again != a && strcmp(mailbox_who(again)->generation, first.generation) != 0,
       "two processes: opening the name again gives the new mailbox");
    is_int(messages_find(again, 1, &m), ST_OK, "two processes: with the new account's mail");
    mailbox_close(a);
    mailbox_close(again);
    mailbox_close(b);
    is_int(mailbox_open(s, &first, &again), ST_NO_USER,
           "two processes: the old user cannot open the mailbox");
}

static void test_two_processes(struct fixture *f, struct store *s)
{
    struct store *other = fixture_open(f, false);
    struct mailbox *a = fixture_account(s, "judy"), *b = fixture_mailbox(other, "judy");
    struct mail m;

    for (uint32_t id = 1; id <= 6; id += 2) {
        is_int(fixture_deliver(a, "ann", "of one"), id, "two processes: one delivers message %u",
               (unsigned)id);
        is_int(fixture_text(b, id, "of one"), ST_OK, "two processes: the other reads it");
        is_int(fixture_deliver(b, "bob", "of the other"), id + 1,
               "two processes: the other delivers message %u", (unsigned)id + 1);
        is_int(fixture_text(a, id + 1, "of the other"), ST_OK, "two processes: the one reads it");
    }
    is_int(delivery_put(a, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK,
           "two processes: one stores a message with a token");
    is_int(delivery_put(b, "ann", SPAN("x"), TOKEN, &m, NULL), ST_OK,
           "two processes: the other accepts its repeat");
    is_int(m.id, 7, "two processes: the repeat gives the first message");
    is_int(messages_delete(b, 1), ST_OK, "two processes: one deletes a message");
    is_int(messages_find(a, 1, &m), ST_NO_MESSAGE,
           "two processes: the other does not find it any more");
    is_int(account_delete(other, mailbox_who(b)), ST_OK, "two processes: one deletes the account");
    is_int(delivery_put(a, "ann", SPAN("late"), SPAN(""), &m, NULL), ST_NO_USER,
           "two processes: the other cannot deliver to it");
    mailbox_close(a);
    mailbox_close(b);
    open_again(s, other);
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
    is_int(count_distinct(&c), THREADS * EACH, "threads: their deliveries have distinct ids");
    ok(mailbox_totals(c.mb, &totals, &quota) == ST_OK && totals.messages == THREADS * EACH,
       "threads: all messages are in the totals");
    is_int(totals.pending, 0, "threads: no message is pending any more");
    c.token = TOKEN;
    run_crowd(&c);
    is_int(count_distinct(&c), 1, "threads: with one token, all deliveries are one message");
    mailbox_close(c.mb);

    struct store *other = fixture_open(f, false);
    struct mailbox *mb = fixture_mailbox(other, "karl");
    ok(mailbox_totals(mb, &totals, &quota) == ST_OK, "threads: another process reads the totals");
    is_int(totals.messages, THREADS * EACH + 1, "threads: another process sees all messages");
    is_int(fixture_text(mb, THREADS * EACH + 1, "text"), ST_OK,
           "threads: another process reads the last body");
    mailbox_close(mb);
    store_close(other);
}

/* A later Pochta has changed the store; then somebody goes back to this one. */
static void test_versions(struct fixture *f)
{
    const struct store_events events = {.trouble = fixture_trouble, .died = fixture_died, .ctx = f};
    const char *why = "";
    struct store *s = fixture_open(f, true);
    struct mailbox *mb = fixture_account(s, "kept");
    char name[MESSAGE_FILE_NAME_BYTES];
    int dir = fixture_directory(f, "kept"), top = os_file_open_dir(f->path);

    fixture_deliver(mb, "ann", "a letter");
    mailbox_close(mb);
    store_close(s);
    ok(os_file_exists(top, "version"), "versions: a server writes the store's version");
    os_file_replace(top, "version", SPAN("pochta-store 3\n"));
    for (int server = 0; server < 2; server++) {
        ok(!store_open(f->path, server, events, &why), "versions: a later one is refused");
        ok(strstr(why, "does not know its version") && errno == 0, "versions: %s", why);
    }
    ok(fixture_file(dir, "0000000001-u", name), "versions: the mail is as it was");
    os_file_remove(top, "version");
    s = fixture_open(f, true);
    mb = fixture_mailbox(s, "kept");
    is_int(fixture_text(mb, 1, "a letter"), ST_OK,
           "versions: a store from before there were versions opens");
    ok(os_file_exists(top, "version"), "versions: ... and gets one");
    mailbox_close(mb);
    store_close(s);
    os_file_close(dir);
    os_file_close(top);
}

/* A server that waits for another one. Leaves an empty directory. */
static void test_take_over(struct fixture *f)
{
    const struct store_events events = {.trouble = fixture_trouble, .died = fixture_died, .ctx = f};
    const char *why = "";
    bool served = true;
    struct store *s = fixture_open(f, true);
    ok(!store_is_free(f->path, &served) && served, "take over: a server has the store");
    ok(!store_take_over(f->path, events, &why) && errno == 0, "take over: it cannot be taken over");
    is_str(why, "another server is using it", "take over: ... and why says so");
    store_close(s);
    s = fixture_open(f, false);
    ok(store_is_free(f->path, &served) && !served, "take over: a tool does not count");
    store_close(s);
    s = store_take_over(f->path, events, &why);
    ok(s && !store_is_new(s), "take over: a store that nobody serves: %s", why);
    ok(!store_is_free(f->path, &served) && served, "take over: ... is served then");
    store_close(s);

    ok(os_file_remove_tree(OS_FILE_CWD, f->path), "take over: the store is removed");
    ok(!store_is_free(f->path, &served) && !served && errno == ENOENT,
       "take over: a missing store is not free");
    ok(!store_take_over(f->path, events, &why) && errno == ENOENT,
       "take over: ... and is not made");
    is_str(why, "the directory cannot be opened", "take over: ... and why says so");
    ok(os_file_make_dir(OS_FILE_CWD, f->path), "take over: an empty directory");
    ok(!store_is_free(f->path, &served) && !served && errno == ENOENT,
       "take over: an empty directory is not free");
    ok(!store_take_over(f->path, events, &why) && errno == ENOENT,
       "take over: ... and is not made a store");
    is_str(why, "not a Pochta store", "take over: ... and why says so");
    ok(os_file_remove_dir(OS_FILE_CWD, f->path) && os_file_make_dir(OS_FILE_CWD, f->path),
       "take over: ... and is still empty");
}

static void test_failed(struct store *s)
{
    static const struct {
        int error;
        enum status st;
    } errors[] = {{ENOSPC, ST_DISK_FULL}, {EDQUOT, ST_DISK_FULL}, {ENOMEM, ST_NO_MEMORY},
                  {EMFILE, ST_NO_FILES},  {ENFILE, ST_NO_FILES},  {EIO, ST_IO}};

    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        errno = errors[i].error;
        is_int(store_failed(s, "open", "file %zu", i), errors[i].st, "store_failed: %s",
               strerror(errors[i].error));
    }
    is_str(store_failure(), "cannot open file 5: Input/output error", "store_failed: its words");
    store_forget_failure();
}

int main(void)
{
    struct fixture f;

    random_begin();
    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    test_failed(s);
    f.troubles = 0;
    test_accounts(s);
    test_deleted_meanwhile(s);
    test_generations(s);
    test_bodies(s);
    test_tokens(&f, &s);
    test_repeat_without_room(&f, s);
    test_ids(&f, &s);
    test_mark_read(s);
    test_two_processes(&f, s);
    test_threads(&f, s);
    store_close(s);
    is_int(f.troubles, 0, "no trouble was reported%s%s", f.troubles ? ": " : "", f.last);
    test_versions(&f);
    test_take_over(&f);
    fixture_end(&f);
    return done_testing();
}
