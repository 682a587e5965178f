/* SPDX-License-Identifier: ISC */
/*
 * load: users who send letters to whichever of several servers of one store answers, and a ledger
 * of the answers. The ledger is a file on this machine, which does not fail.
 *
 *     register  makes the users' accounts
 *     send      each user sends letters, from number --first to below --each, one after the other,
 *               each until it is answered Yes, to the next server whenever one does not answer;
 *               every Yes becomes a line of the ledger: the recipient, the sender, the letter's
 *               number, its id, which server, when. No server may answer once another one has
 *               taken its place; --replaced N: the N-th, from 0 on, had been replaced before
 *     compare   all that is in the ledger must be in the mailboxes, once and whole, and nothing
 * else
 *
 * Exit code 0: done, and all is there; 1: it is not; 2: it could not be tried.
 */
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "client/link.h"
#include "os/clock.h"
#include "os/net.h"
#include "os/random.h"
#include "os/wait.h"
#include "transport/socket_io.h"

enum { GOOD = 0, WRONG = 1, NOT_TRIED = 2 };

#define MOST_USERS   64
#define MOST_SERVERS 4
#define AGAIN_MS     200
#define REFUSED_MS   1000

struct user {
    pthread_t thread;
    unsigned me, server; /* of those below, to which it is connected or will connect next */
    struct socket_io net;
    struct link link;
    bool connected;
    uint64_t repeats;
    int64_t slowest_ms;
};

static struct address_place servers[MOST_SERVERS];
static unsigned server_n, user_n = 8, first, each = 100;
static int64_t patience_ms = 5000, give_up_ms = 240000;
static FILE *ledger;
static const char *ledger_name;

/* Who answers, under the lock. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned active = UINT32_MAX, answers[MOST_SERVERS], by_replaced;
static bool replaced[MOST_SERVERS];
static int64_t last_ms, silence_ms;

static void name_of(unsigned user, char out[16])
{
    snprintf(out, 16, "user%u", user);
}

/* --- connecting --- */

static void disconnect(struct user *u)
{
    if (!u->connected)
        return;
    link_free(&u->link);
    os_net_close(u->net.fd);
    u->connected = false;
}

static bool dial(struct user *u)
{
    const char *why;
    int fd = os_net_connect(&servers[u->server], os_clock_ms() + patience_ms, NULL, &why);
    if (fd < 0)
        return false;
    socket_io_init(&u->net, fd);
    link_init(&u->link, &u->net.io, LINK_ARG_LIMIT, patience_ms);
    u->connected = true;
    return link_start(&u->link) == REPLY_OK;
}

static enum reply_result introduce(struct user *u, enum opcode op)
{
    char name[16];
    name_of(u->me, name);
    struct span args[2] = {span_str(name), SPAN("secret")};
    return link_ask(&u->link, op, args, 2);
}

/* Tries until a server has accepted the user's login. False: it is too late. */
static bool connect_to_any(struct user *u, int64_t until_ms)
{
    while (!u->connected) {
        if (dial(u) && introduce(u, OP_LOGIN) == REPLY_OK)
            break;
        disconnect(u);
        u->server = (u->server + 1) % server_n;
        if (os_clock_ms() > until_ms)
            return false;
        os_clock_sleep(AGAIN_MS);
    }
    return true;
}

/* --- letters --- */

/* The body of a sender's letter, always the same. */
static void write_body(unsigned from, uint32_t number, struct buf *out)
{
    uint64_t state = from * UINT64_C(1000003) + number;
    buf_clear(out);
    buf_printf(out, "letter %u %" PRIu32 "\n", from, number);
    for (unsigned words = 20 + number % 200; words > 0; words--) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        buf_printf(out, "%" PRIx64 " ", state >> 16);
    }
}

/* A Yes of a server. Another one may have answered before, but never again once this one has. */
static void note_answer(const struct user *u, unsigned to, uint32_t number, uint64_t id)
{
    int64_t now_ms = os_clock_ms();
    pthread_mutex_lock(&mutex);
    fprintf(ledger, "%u %u %" PRIu32 " %" PRIu64 " %u %" PRId64 "\n", to, u->me, number, id,
            u->server, now_ms);
    fflush(ledger);
    answers[u->server]++;
    if (replaced[u->server]) {
        by_replaced++;
    } else if (active != u->server) {
        if (active < server_n)
            replaced[active] = true;
        active = u->server;
    }
    if (last_ms > 0 && now_ms - last_ms > silence_ms)
        silence_ms = now_ms - last_ms;
    last_ms = now_ms;
    pthread_mutex_unlock(&mutex);
}

/* Sends a letter until a server has said Yes. False: it is too late, or the letter was refused. */
static bool send_one(struct user *u, uint32_t number, struct buf *body)
{
    unsigned to = (u->me + 1) % user_n;
    int64_t begun_ms = os_clock_ms();
    char name[16], token[LINK_TOKEN_BYTES + 1];
    name_of(to, name);
    os_random_hex(token, LINK_TOKEN_BYTES);
    write_body(u->me, number, body);
    for (;; u->repeats++) {
        struct message m;
        if (!connect_to_any(u, begun_ms + give_up_ms))
            return false;
        enum reply_result result = link_send(&u->link, span_str(name), buf_span(body), token);
        if (result == REPLY_OK)
            result = link_next_message(&u->link, &m);
        if (result == REPLY_OK) {
            note_answer(u, to, number, m.id);
            break;
        }
        if (result == REPLY_NOOP) /* this server has a problem with its store; perhaps the next one
                                     has none */
            os_clock_sleep(REFUSED_MS);
        disconnect(u);
        u->server = (u->server + 1) % server_n;
        if (os_clock_ms() > begun_ms + give_up_ms)
            return false;
    }
    if (os_clock_ms() - begun_ms > u->slowest_ms)
        u->slowest_ms = os_clock_ms() - begun_ms;
    return true;
}

static void *send_all(void *arg)
{
    struct user *u = arg;
    struct buf body;
    buf_init(&body, SIZE_MAX);
    for (uint32_t number = first; number < each; number++)
        if (!send_one(u, number, &body)) {
            printf("# user%u gives up at letter %" PRIu32 "\n", u->me, number);
            break;
        }
    disconnect(u);
    buf_free(&body);
    return NULL;
}

static int send_letters(struct user *users)
{
    uint64_t repeats = 0, sent = 0;
    int64_t slowest_ms = 0;
    ledger = fopen(ledger_name, "a");
    if (!ledger) {
        perror(ledger_name);
        return NOT_TRIED;
    }
    for (unsigned i = 0; i < user_n; i++)
        if (pthread_create(&users[i].thread, NULL, send_all, &users[i]) != 0)
            exit(NOT_TRIED);
    for (unsigned i = 0; i < user_n; i++) {
        pthread_join(users[i].thread, NULL);
        repeats += users[i].repeats;
        if (users[i].slowest_ms > slowest_ms)
            slowest_ms = users[i].slowest_ms;
    }
    fclose(ledger);
    printf("answers");
    for (unsigned i = 0; i < server_n; i++, sent += answers[i - 1])
        printf(" %s:%u", servers[i].host, answers[i]);
    printf(" repeats %" PRIu64 " silence_ms %" PRId64 " slowest_ms %" PRId64 " by_replaced %u\n",
           repeats, silence_ms, slowest_ms, by_replaced);
    return sent == (uint64_t)user_n * (each - first) && by_replaced == 0 ? GOOD : WRONG;
}

/* --- comparing --- */

struct count {
    uint64_t id;   /* that was answered; 0: none was */
    unsigned here; /* how often it is in the mailbox */
};

static struct count *counts; /* of each sender's letters */
static unsigned kept, lost, twice, changed, unexpected;

/* The numbers of the sender and of the letter. False: the letter is not one of ours. */
static bool identify(const struct message *m, unsigned *from, uint32_t *number)
{
    struct span rest = m->body;
    uint64_t f, n;
    span_take(&rest, ' ');
    if (!span_u64(span_take(&rest, ' '), user_n - 1, &f) ||
        !span_u64(span_take(&rest, '\n'), each - 1, &n))
        return false;
    *from = (unsigned)f;
    *number = (uint32_t)n;
    return true;
}

static void compare_one(unsigned mailbox, const struct message *m, struct buf *body)
{
    unsigned from;
    uint32_t number;
    if (!identify(m, &from, &number) || (from + 1) % user_n != mailbox) {
        unexpected++;
        return;
    }
    struct count *c = &counts[from * each + number];
    write_body(from, number, body);
    if (!span_eq(m->body, buf_span(body)) || (c->id > 0 && c->here == 0 && c->id != m->id))
        changed++;
    if (c->here++ > 0)
        twice++;
}

/* False: the mailbox cannot be read. */
static bool compare_mailbox(struct user *u, struct buf *body)
{
    struct message m;
    enum reply_result result;
    if (!connect_to_any(u, os_clock_ms() + give_up_ms) ||
        link_ask(&u->link, OP_SHOW_ALL, NULL, 0) != REPLY_OK)
        return false;
    while ((result = link_next_message(&u->link, &m)) == REPLY_OK)
        compare_one(u->me, &m, body);
    disconnect(u);
    return result == REPLY_END;
}

static bool read_ledger(void)
{
    char line[128];
    ledger = fopen(ledger_name, "r");
    while (ledger && fgets(line, sizeof line, ledger)) {
        struct span rest = span_str(line);
        uint64_t number[4] = {0};
        for (unsigned i = 0; i < 4; i++)
            span_u64(span_take(&rest, ' '), UINT64_MAX, &number[i]);
        if (number[1] < user_n && number[2] < each)
            counts[number[1] * each + number[2]].id = number[3];
    }
    if (!ledger)
        perror(ledger_name);
    return ledger && fclose(ledger) == 0;
}

static int compare(struct user *users)
{
    struct buf body;
    buf_init(&body, SIZE_MAX);
    counts = calloc((size_t)user_n * each, sizeof *counts);
    if (!counts || !read_ledger())
        return NOT_TRIED;
    for (unsigned i = 0; i < user_n; i++)
        if (!compare_mailbox(&users[i], &body)) {
            printf("# the mailbox of user%u cannot be read\n", i);
            return NOT_TRIED;
        }
    for (size_t i = 0; i < (size_t)user_n * each; i++) {
        kept += counts[i].id > 0 && counts[i].here > 0;
        lost += counts[i].id > 0 && counts[i].here == 0;
    }
    printf("kept %u lost %u twice %u changed %u unexpected %u\n", kept, lost, twice, changed,
           unexpected);
    buf_free(&body);
    free(counts);
    return lost + twice + changed + unexpected == 0 ? GOOD : WRONG;
}

/* --- the whole --- */

static int register_users(struct user *users)
{
    for (unsigned i = 0; i < user_n; i++) {
        if (!dial(&users[i]) || introduce(&users[i], OP_REGISTER) != REPLY_OK) {
            printf("# user%u cannot be registered\n", i);
            return NOT_TRIED;
        }
        disconnect(&users[i]);
    }
    return GOOD;
}

static bool take_servers(char *list)
{
    char *rest = NULL;
    for (char *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
        if (server_n == MOST_SERVERS ||
            !address_parse_server(span_str(one), 5555, &servers[server_n++]))
            return false;
    return server_n > 0;
}

static int usage(void)
{
    fputs("usage: load register|send|compare --servers ADDR:PORT[,...] [--ledger FILE]\n"
          "       [--users N] [--first N] [--each N] [--patience MS] [--give-up MS]\n"
          "       [--replaced N]\n",
          stderr);
    return NOT_TRIED;
}

static const struct option options[] = {{"servers", required_argument, NULL, 's'},
                                        {"users", required_argument, NULL, 'u'},
                                        {"first", required_argument, NULL, 'f'},
                                        {"each", required_argument, NULL, 'e'},
                                        {"patience", required_argument, NULL, 'p'},
                                        {"give-up", required_argument, NULL, 'g'},
                                        {"ledger", required_argument, NULL, 'l'},
                                        {"replaced", required_argument, NULL, 'r'},
                                        {NULL, 0, NULL, 0}};

/* False: the option is unknown, or its value is wrong. */
static bool take_option(int option, char *value)
{
    switch (option) {
    case 's':
        return take_servers(value);
    case 'u':
        user_n = (unsigned)strtoul(value, NULL, 10);
        return user_n > 0 && user_n <= MOST_USERS;
    case 'f':
        first = (unsigned)strtoul(value, NULL, 10);
        return true;
    case 'e':
        each = (unsigned)strtoul(value, NULL, 10);
        return each > 0;
    case 'p':
        patience_ms = strtol(value, NULL, 10);
        return patience_ms > 0;
    case 'g':
        give_up_ms = strtol(value, NULL, 10);
        return true;
    case 'r':
        replaced[strtoul(value, NULL, 10) % MOST_SERVERS] = true;
        return true;
    case 'l':
        ledger_name = value;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static struct user users[MOST_USERS];
    int c;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(c, optarg))
            return usage();
    if (server_n == 0 || first > each || optind + 1 != argc)
        return usage();
    setvbuf(stdout, NULL, _IOLBF, 0);
    os_wake_setup();
    for (unsigned i = 0; i < user_n; i++)
        users[i] = (struct user){.me = i, .server = i % server_n};
    if (strcmp(argv[optind], "register") == 0)
        return register_users(users);
    if (strcmp(argv[optind], "send") == 0 && ledger_name)
        return send_letters(users);
    if (strcmp(argv[optind], "compare") == 0 && ledger_name)
        return compare(users);
    return usage();
}
