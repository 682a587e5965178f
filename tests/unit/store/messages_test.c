/* SPDX-License-Identifier: ISC */
/*
 * What an administrator sees of a mailbox: the messages in each state that have a file with a body,
 * and no others. store_test.c has the rest of messages.h.
 */
#include "store/messages.h"

#include "store/mailbox_private.h"

#include "store_fixture.h"

#define N 6

static struct fixture f;
static struct mailbox *mb;
static const enum mail_state states[N] = {MAIL_UNREAD,   MAIL_NORMAL, MAIL_DELETED,
                                          MAIL_EXPUNGED, MAIL_BROKEN, MAIL_UNREAD};

/* The files as other processes leave them: the message with id I has the state states[I - 1]. */
static void set_states(void)
{
    char name[MESSAGE_FILE_NAME_BYTES], other[MESSAGE_FILE_NAME_BYTES], start[20];
    int dir = fixture_directory(&f, "ann");
    struct mail m;

    for (int i = 0; i < N; i++) {
        snprintf(start, sizeof start, "%010d-", i + 1);
        if (!fixture_file(dir, start, name) || !message_file_parse_name(name, &m))
            exit(1);
        m.state = states[i];
        message_file_name(&m, other);
        os_file_rename_over(dir, name, dir, other);
        if (m.state == MAIL_EXPUNGED)
            os_file_truncate(dir, other);
    }
    os_file_close(dir);
    atomic_store(&mb->doubtful, true);
}

/* The ids from a first one on, and how many at most. */
static void test_list(void)
{
    static const struct {
        uint64_t first;
        size_t max;
        const char *ids;
    } rows[] = {
        {0, N, "12356"}, {1, 2, "12"}, {3, 2, "35"}, {4, 1, "5"},
        {6, N, "6"},     {7, N, ""},   {1, 0, ""},   {UINT64_MAX, N, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mail mails[N];
        char ids[N + 1] = "";
        size_t n;
        is_int(messages_list(mb, rows[i].first, mails, rows[i].max, &n), ST_OK,
               "at most %zu from %d on", rows[i].max, (int)rows[i].first);
        for (size_t j = 0; j < n; j++) {
            ids[j] = (char)('0' + mails[j].id);
            ok(mails[j].state == states[mails[j].id - 1], "... %d as %c", (int)mails[j].id,
               mails[j].state);
        }
        is_str(ids, rows[i].ids, "... the ids");
    }
}

static void test_find_any(void)
{
    static const struct {
        uint64_t id;
        bool found;
    } rows[] = {{0, false}, {1, true}, {2, true},  {3, true},          {4, false},
                {5, true},  {6, true}, {7, false}, {UINT64_MAX, false}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mail m = {.id = 0};
        enum status st = messages_find_any(mb, rows[i].id, &m);
        is_int(st, rows[i].found ? ST_OK : ST_NO_MESSAGE, "find %d", (int)rows[i].id);
        ok(st != ST_OK || m.id == rows[i].id, "... the message found has this id");
    }
}

static void know(const uint32_t *ids, const uint64_t *want, const char *what)
{
    uint64_t bytes[N + 1] = {9, 9, 9, 9, 9, 9, 9};

    is_int(messages_mail_bytes(mb, ids, bytes, N + 1), ST_OK, "mail bytes: %s", what);
    for (size_t i = 0; i < N + 1; i++)
        is_int(bytes[i], want[i], "... message %u", (unsigned)ids[i]);
}

/* Of the messages that users see: 1, 2 and 6. */
static void test_mail_bytes(struct store *s)
{
    static const uint32_t ids[N + 1] = {6, 5, 4, 3, 2, 1, UINT32_MAX};
    static const uint64_t noted[N + 1] = {60, 50, 40, 30, UINT64_C(1) << 32, 10, 1};
    uint64_t bytes[N + 1] = {9};

    know(ids, (const uint64_t[N + 1]){0}, "none is known");
    messages_note_mail_bytes(mb, ids, noted, N + 1);
    know(ids, (const uint64_t[N + 1]){[0] = 60, [5] = 10}, "two are noted");
    is_int(messages_delete(mb, 1), ST_OK, "mail bytes: a message is deleted");
    mailbox_hide(mb, 6, true);
    know(ids, (const uint64_t[N + 1]){0}, "deleted and hidden messages are left out");
    is_int(messages_restore(mb, 1), ST_OK, "mail bytes: ... and restored");
    mailbox_hide(mb, 6, false);
    know(ids, (const uint64_t[N + 1]){[0] = 60, [5] = 10}, "then they are known again");
    atomic_store(&mb->doubtful, true);
    know(ids, (const uint64_t[N + 1]){0}, "none is when the index was read again");
    is_int(account_delete(s, mailbox_who(mb)), ST_OK, "mail bytes: the account is deleted");
    messages_note_mail_bytes(mb, ids, noted, N + 1);
    is_int(messages_mail_bytes(mb, ids, bytes, 1), ST_NO_USER, "mail bytes: ... and says so");
    is_int(bytes[0], 0, "mail bytes: ... without a number");
}

int main(void)
{
    fixture_begin_in(&f, "/dev/shm");
    struct store *s = fixture_open(&f, true);
    s->limits.trash_s = 86400;
    mb = fixture_account(s, "ann");
    for (int i = 0; i < N; i++)
        is_int(fixture_deliver(mb, "bob", "text"), i + 1, "a message");
    set_states();
    test_list();
    test_find_any();
    test_mail_bytes(s);
    mailbox_close(mb);
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
