/* SPDX-License-Identifier: ISC */
/*
 * fill: accounts, with mail in them as if it had been delivered, but synced once instead of twice a
 * message. For a store that no server is using.
 *
 *     fill STORE PREFIX ACCOUNTS MESSAGES BYTES STATE
 *
 * Makes accounts whose names are PREFIX and a number from 0 on, each with so many messages in this
 * state (the letter in the file's name), all from few senders and with a token. Prints what the
 * index of the last one takes, in bytes a message.
 */
#include "client.h"
#include "os/file.h"
#include "os/random.h"
#include "store/account.h"
#include "store/index.h"
#include "store/message_file.h"
#include "store/recovery.h"

#define SENDERS      50
#define TOKEN_DIGITS 32

static void report(void *ctx, const char *text)
{
    (void)ctx;
    fprintf(stderr, "bench: %s\n", text);
}

static void write_message(int dir, const struct mail *m, struct span body)
{
    char name[MESSAGE_FILE_NAME_BYTES], header[MESSAGE_FILE_HEADER_BYTES];
    size_t n = message_file_header(m, body, header);
    int fd;

    message_file_name(m, name);
    fd = os_file_create(dir, name);
    if (fd < 0 || !os_file_write(fd, header, n) || !os_file_write(fd, body.p, body.n))
        bench_fail("cannot write", span_str(name));
    os_file_close(fd);
}

/* A line that says which message it is, then the alphabet. */
static void write_body(struct buf *body, uint32_t id, size_t bytes)
{
    buf_clear(body);
    buf_printf(body, "This is message %u.\n", (unsigned)id);
    while (body->n < bytes)
        buf_add_char(body, (char)('a' + body->n % 26));
    buf_clear(body);
    buf_added(body, bytes); /* the first line may have been longer */
}

static void fill(int dir, struct index *ix, uint32_t messages, size_t bytes, char state)
{
    struct buf body;

    buf_init(&body, SIZE_MAX / 4);
    for (uint32_t id = 1; id <= messages; id++) {
        struct mail m = {
            .id = id, .state = (enum mail_state)state, .time = os_clock_now() - messages + id};

        snprintf(m.from, sizeof m.from, "sender%u", (unsigned)id % SENDERS);
        os_random_hex(m.token, TOKEN_DIGITS);
        write_body(&body, id, bytes);
        message_file_measure(&m, buf_span(&body));
        write_message(dir, &m, buf_span(&body));
        if (!index_add(ix, &m))
            bench_fail("out of memory", SPAN(""));
    }
    buf_free(&body);
}

static void make_account(struct store *s, const char *store, const char *name, const char *hash,
                         char **argv)
{
    struct index *ix = index_new();
    uint32_t messages = bench_number(argv[0]);
    char path[4096];
    int dir;

    snprintf(path, sizeof path, "%s/users/%s", store, name);
    if (account_register(s, name, hash) != ST_OK || (dir = os_file_open_dir(path)) < 0 || !ix)
        bench_fail("cannot make the account", span_str(name));
    fill(dir, ix, messages, bench_number(argv[1]), argv[2][0]);
    if (!index_sort(ix, NULL, NULL))
        bench_fail("out of memory", SPAN(""));
    if (messages > 0)
        printf("%.1f\n", (double)index_bytes(ix) / messages);
    index_unref(ix);
    os_file_close(dir);
}

int main(int argc, char **argv)
{
    char hash[OS_CRYPT_HASH_BYTES], name[NAME_BYTES + 1];
    const char *why;
    struct store *s;
    int dir;

    if (argc != 7) {
        fprintf(stderr, "usage: fill STORE PREFIX ACCOUNTS MESSAGES BYTES STATE\n");
        return 64;
    }
    s = store_open(argv[1], true, (struct store_events){.trouble = report, .died = report}, &why);
    if (!s)
        bench_fail("cannot open the store", span_str(why));
    if (!os_crypt_hash(CLIENT_PASSWORD, hash))
        bench_fail("cannot hash", SPAN(""));
    for (unsigned i = 0; i < bench_number(argv[3]); i++) {
        snprintf(name, sizeof name, "%s%u", argv[2], i);
        make_account(s, argv[1], name, hash, argv + 4);
    }
    dir = os_file_open_dir(argv[1]);
    if (dir < 0 || !os_file_sync_all(dir))
        bench_fail("cannot sync", span_str(argv[1]));
    os_file_close(dir);
    store_close(s);
    return 0;
}
