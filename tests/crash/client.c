#include "client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os_clock.h"
#include "os_random.h"

#define PATIENT_MS 10000 /* a request unanswered for so long is stuck */

/* One request, and what it is about. */
struct request {
    const char *what;
    enum reply_result (*ask)(struct client *c, struct request *r);
    unsigned to;     /* mailbox */
    uint32_t number; /* of a letter */
    char token[LINK_TOKEN_BYTES + 1];
    bool again;     /* it was asked before, and its outcome is not known */
    unsigned start; /* of the server it was sent to last */
    bool sure;      /* what the server shows of the outcome of the one before will last */
};

void client_name(unsigned user, char out[16])
{
    snprintf(out, 16, "user%u", user);
}

const char *client_password(unsigned which)
{
    return which ? "another secret" : "secret";
}

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(struct client *c, uint32_t end)
{
    return (uint32_t)(next(&c->chance) % end);
}

/* The body of an author and a number is always the same; its first line says which it is. */
static struct span make_body(struct client *c, struct ledger_body which)
{
    uint64_t state = which.author * UINT64_C(1000000007) + which.number;
    uint64_t dice = next(&state) % 100;
    size_t size = next(&state) % (dice < 70 ? 1500 : dice < 96 ? 20000 : 200000);

    buf_clear(&c->body);
    buf_printf(&c->body, "letter %u %" PRIu32 "\n", which.author, which.number);
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bits = next(&state);
        buf_add(&c->body, span_of((const char *)&bits, sizeof bits));
    }
    return buf_span(&c->body);
}

/* Which body this is by its first line, and who sent it. */
static bool identify(const struct message *m, struct ledger_body *which, unsigned *from)
{
    struct span rest = m->body, word, author;
    uint64_t a, n, f;

    if (!span_cut(&rest, ' ', &word) || !span_eq(word, SPAN("letter")) ||
        !span_cut(&rest, ' ', &author) || !span_u64(author, LEDGER_USERS, &a) ||
        !span_starts(m->from, SPAN("user")) ||
        !span_u64(span_skip(m->from, 4), LEDGER_USERS - 1, &f))
        return false;
    rest = span_first(rest, span_find(rest, '\n'));
    if (!span_u64(rest, UINT32_MAX, &n))
        return false;
    *which = (struct ledger_body){(unsigned)a, (uint32_t)n};
    *from = (unsigned)f;
    return true;
}

/* A message as it came, against the ledger. Returns its number, or LEDGER_NONE. */
static uint32_t look_at(struct client *c, const struct message *m, bool whole)
{
    struct ledger *ledger = c->campaign->ledger;
    struct ledger_body which;
    unsigned from;

    if (!identify(m, &which, &from)) {
        ledger_violation(ledger, "mailbox %u: message %" PRIu64 " is none of ours", c->me, m->id);
        return LEDGER_NONE;
    }
    if (whole && !span_eq(make_body(c, which), m->body))
        ledger_violation(ledger, "mailbox %u: message %" PRIu64 " is not what was sent", c->me,
                         m->id);
    return ledger_seen(ledger, c->me, m->id, from, which);
}

/* --- connecting --- */

static void disconnect(struct client *c)
{
    if (!c->connected)
        return;
    link_free(&c->link);
    os_net_close(c->net.fd);
    c->connected = false;
}

static enum reply_result login(struct client *c, const char *name, unsigned password)
{
    struct span args[2] = {span_str(name), span_str(client_password(password))};

    return link_ask(&c->link, OP_LOGIN, args, 2);
}

static unsigned long long last_start(const struct client *c)
{
    return atomic_load(&c->campaign->server->where) >> 16;
}

/* Whether Noop may come of storage that fails: not from the last server, which nothing happens to.
 */
static bool may_fail(const struct client *c)
{
    return c->campaign->storage_fails &&
           !(atomic_load(&c->campaign->finishing) && c->start == last_start(c));
}

/* As the user of this client, with whichever password it may have. */
static enum reply_result login_as_me(struct client *c)
{
    char name[16];
    enum reply_result result;

    client_name(c->me, name);
    result = login(c, name, c->password);
    if (result == REPLY_NOOP && c->password_open) {
        result = login(c, name, !c->password);
        if (result == REPLY_OK)
            c->password = !c->password;
    }
    if (result == REPLY_NOOP && !may_fail(c)) {
        ledger_violation(c->campaign->ledger, "user %u cannot log in: %.*s", c->me,
                         SPAN_PRINTF(link_words(&c->link)));
        atomic_store(&c->campaign->failed, true);
    }
    return result;
}

static bool connect_once(struct client *c)
{
    struct os_net_place place = {.host = "127.0.0.1"};
    unsigned long long where = atomic_load(&c->campaign->server->where);
    const char *why;
    int fd;

    snprintf(place.port, sizeof place.port, "%llu", where & 65535);
    fd = os_net_connect(&place, os_clock_ms() + PATIENT_MS, &why);
    if (fd < 0)
        return false;
    os_net_io_init(&c->net, fd);
    link_init(&c->link, &c->net.io, LINK_ARG_LIMIT, PATIENT_MS);
    c->connected = true;
    c->start = (unsigned)(where >> 16);
    if (link_start(&c->link) == REPLY_OK && login_as_me(c) == REPLY_OK)
        return true;
    disconnect(c);
    return false;
}

/* --- requests --- */

static enum reply_result hear_id(struct client *c, uint64_t *id)
{
    struct message m;
    enum reply_result result = link_next_message(&c->link, &m);

    *id = m.id;
    return result;
}

static enum reply_result ask_send(struct client *c, struct request *r)
{
    char name[16];
    uint64_t id;
    enum reply_result result;

    client_name(r->to, name);
    result = link_send(&c->link, span_str(name), buf_span(&c->body), r->token);
    if (result == REPLY_OK)
        result = hear_id(c, &id);
    if (result == REPLY_OK)
        ledger_answered(c->campaign->ledger, r->to, c->me, id);
    return result;
}

/* The token is used up: the answer must be the first one. */
static enum reply_result ask_send_again(struct client *c, struct request *r)
{
    char name[16];
    uint64_t id;
    enum reply_result result;

    client_name(r->to, name);
    result = link_send(&c->link, span_str(name), buf_span(&c->body), r->token);
    if (result == REPLY_OK)
        result = hear_id(c, &id);
    if (result == REPLY_OK)
        ledger_answered_again(c->campaign->ledger, r->to, r->number, id);
    return result;
}

static struct span id_text(struct client *c, struct request *r, char out[32])
{
    struct letter letter = ledger_letter(c->campaign->ledger, c->me, r->number);

    return span_of(out, (size_t)snprintf(out, 32, "%" PRIu64, letter.id));
}

static enum reply_result ask_resend(struct client *c, struct request *r)
{
    char name[16], text[32];
    uint64_t id;
    enum reply_result result;

    client_name(r->to, name);
    result = link_resend(&c->link, span_str(name), id_text(c, r, text), r->token);
    if (result == REPLY_OK)
        result = hear_id(c, &id);
    if (result == REPLY_OK)
        ledger_answered(c->campaign->ledger, r->to, c->me, id);
    return result;
}

/* Goes through an answer of messages. */
static enum reply_result hear_messages(struct client *c, bool whole,
                                       void (*each)(struct client *c, uint32_t number))
{
    struct message m;
    enum reply_result result;

    while ((result = link_next_message(&c->link, &m)) == REPLY_OK) {
        uint32_t number = look_at(c, &m, whole);
        if (number != LEDGER_NONE)
            each(c, number);
    }
    return result;
}

static void must_be_live(struct client *c, uint32_t number)
{
    if (ledger_letter(c->campaign->ledger, c->me, number).deleted)
        ledger_violation(c->campaign->ledger, "mailbox %u: a deleted message is shown", c->me);
}

static enum reply_result ask_show_unread(struct client *c, struct request *r)
{
    enum reply_result result = link_ask(&c->link, OP_SHOW_UNREAD, NULL, 0);

    (void)r;
    return result == REPLY_OK ? hear_messages(c, true, must_be_live) : result;
}

static enum reply_result ask_show_list(struct client *c, struct request *r)
{
    char text[32];
    struct span args[2] = {id_text(c, r, text), SPAN("20")};
    enum reply_result result = link_ask(&c->link, OP_SHOW_LIST, args, 2);

    return result == REPLY_OK ? hear_messages(c, false, must_be_live) : result;
}

static enum reply_result ask_show_exact(struct client *c, struct request *r)
{
    char text[32];
    struct span id = id_text(c, r, text);
    bool deleted = ledger_letter(c->campaign->ledger, c->me, r->number).deleted;
    enum reply_result result = link_ask(&c->link, OP_SHOW_EXACT, &id, 1);

    if (result == REPLY_NOOP && deleted)
        return REPLY_OK;
    return result == REPLY_OK ? hear_messages(c, true, must_be_live) : result;
}

/* Delete mes and Restore mes: a repeat may find that the first one did it. */
static enum reply_result change(struct client *c, struct request *r, enum opcode op)
{
    char text[32];
    struct span id = id_text(c, r, text);
    enum reply_result result = link_ask(&c->link, op, &id, 1);

    if (result == REPLY_NOOP && r->again && span_eq(link_words(&c->link), SPAN("no such message")))
        result = REPLY_OK;
    if (result == REPLY_OK)
        ledger_set_deleted(c->campaign->ledger, c->me, r->number, op == OP_DELETE_MESSAGE);
    return result;
}

static enum reply_result ask_delete(struct client *c, struct request *r)
{
    return change(c, r, OP_DELETE_MESSAGE);
}

static enum reply_result ask_restore(struct client *c, struct request *r)
{
    return change(c, r, OP_RESTORE_MESSAGE);
}

static enum reply_result ask_password(struct client *c, struct request *r)
{
    struct span args[2] = {span_str(client_password(r->number)),
                           span_str(client_password(!r->number))};
    enum reply_result result;

    if (r->again && c->password != r->number) /* the first one did it, as the login has shown */
        return r->sure ? REPLY_OK : REPLY_NOOP;
    result = link_ask(&c->link, OP_PASSWORD, args, 2);
    if (result == REPLY_OK)
        c->password = !r->number;
    return result;
}

/* --- accounts that come and go --- */

static void fly_name(const struct client *c, char out[16])
{
    snprintf(out, 16, "fly%u.%" PRIu32, c->me, c->flies);
}

static enum reply_result ask_register(struct client *c, struct request *r)
{
    char name[16];
    struct span args[2];
    enum reply_result result;

    fly_name(c, name);
    args[0] = span_str(name);
    args[1] = span_str(client_password(0));
    result = link_ask(&c->link, OP_REGISTER, args, 2);
    if (result == REPLY_NOOP && r->again &&
        span_eq(link_words(&c->link), SPAN("this name is taken")))
        result = REPLY_OK;
    return result;
}

static enum reply_result ask_delete_user(struct client *c, struct request *r)
{
    char name[16];
    enum reply_result result;

    fly_name(c, name);
    result = login(c, name, 0);
    if (result == REPLY_NOOP && r->again && r->sure)
        return REPLY_OK;
    if (result == REPLY_OK)
        result = link_ask(&c->link, OP_DELETE_USER, NULL, 0);
    return result;
}

static enum reply_result ask_whether_gone(struct client *c, struct request *r)
{
    char name[16];
    enum reply_result result;

    (void)r;
    fly_name(c, name);
    result = login(c, name, 0);
    if (result == REPLY_OK)
        ledger_violation(c->campaign->ledger, "%s was deleted, and is back", name);
    return result == REPLY_NOOP ? REPLY_OK : result;
}

/* --- until it is known --- */

static bool is_over(struct client *c)
{
    return atomic_load(&c->campaign->failed);
}

static void note_time(struct client *c, int64_t begun_ms)
{
    int64_t ms = os_clock_ms() - begun_ms;

    c->requests++;
    if (ms > c->slowest_ms)
        c->slowest_ms = ms;
}

/* Whether the request is done with; what broke off is to be asked again. */
static bool is_known(struct client *c, struct request *r, enum reply_result result)
{
    struct ledger *ledger = c->campaign->ledger;

    switch (result) {
    case REPLY_OK:
    case REPLY_END:
        return true;
    case REPLY_NOOP:
        if (may_fail(c)) {
            server_pause_us(1000);
            return false;
        }
        ledger_violation(ledger, "user %u: %s: %.*s", c->me, r->what,
                         SPAN_PRINTF(link_words(&c->link)));
        return true;
    case REPLY_TIMEOUT:
        ledger_violation(ledger, "user %u: %s: stuck for %d ms", c->me, r->what, PATIENT_MS);
        atomic_store(&c->campaign->failed, true);
        break;
    case REPLY_BROKEN:
    case REPLY_MEMORY:
        ledger_violation(ledger, "user %u: %s: %.*s", c->me, r->what,
                         SPAN_PRINTF(link_words(&c->link)));
        break;
    case REPLY_EXIT:
    case REPLY_LOST:
    case REPLY_NOBODY:
        break;
    }
    disconnect(c);
    return false;
}

/*
 * Asks until the outcome is known. Where storage fails, a server that has answered neither Yes nor
 * Noop may show what will not last; what the next one shows will.
 */
static void perform(struct client *c, struct request r)
{
    while (!is_over(c)) {
        int64_t begun_ms = os_clock_ms();
        if (!c->connected && !connect_once(c)) {
            server_pause_us(1000);
            continue;
        }
        r.sure = !c->campaign->storage_fails || c->start > r.start;
        r.start = c->start;
        if (is_known(c, &r, r.ask(c, &r))) {
            note_time(c, begun_ms);
            return;
        }
        r.again = true;
        c->repeats++;
    }
}

static struct request new_send(const char *what, unsigned to)
{
    struct request r = {.what = what, .to = to};

    os_random_hex(r.token, LINK_TOKEN_BYTES);
    return r;
}

/* Once, all goes to one's own mailbox, so that there is something to do there. */
static unsigned some_mailbox(struct client *c)
{
    return c->campaign->once ? c->me : below(c, LEDGER_USERS);
}

static void send_one(struct client *c)
{
    struct ledger_body body = {c->me, c->bodies++};
    struct request r = new_send("Send mes", some_mailbox(c));

    make_body(c, body);
    r.ask = ask_send;
    r.number = ledger_intend(c->campaign->ledger, r.to, c->me, body);
    perform(c, r);
    if (below(c, 10) > 0 || is_over(c))
        return;
    r.what = "Send mes again";
    r.ask = ask_send_again;
    perform(c, r);
}

/* One of my letters whose id is known, live or deleted. False: there is none at hand. */
static bool pick(struct client *c, bool deleted, uint32_t *number)
{
    uint32_t n = ledger_count(c->campaign->ledger, c->me);

    for (int tries = 0; n > 0 && tries < 8; tries++) {
        struct letter letter = ledger_letter(c->campaign->ledger, c->me, *number = below(c, n));
        if (letter.answered && letter.deleted == deleted)
            return true;
    }
    return false;
}

static void about_one(struct client *c, const char *what, bool deleted,
                      enum reply_result (*ask)(struct client *c, struct request *r))
{
    struct request r = {.what = what, .ask = ask};

    if (pick(c, deleted, &r.number))
        perform(c, r);
}

static void resend_one(struct client *c)
{
    struct request r = new_send("Resend", some_mailbox(c));

    if (!pick(c, false, &r.number))
        return;
    r.ask = ask_resend;
    ledger_intend(c->campaign->ledger, r.to, c->me,
                  ledger_letter(c->campaign->ledger, c->me, r.number).body);
    perform(c, r);
}

static void change_password(struct client *c)
{
    c->password_open = true;
    perform(c, (struct request){.what = "Password", .ask = ask_password, .number = c->password});
    c->password_open = is_over(c);
}

static void come_and_go(struct client *c)
{
    c->flies++;
    perform(c, (struct request){.what = "Register", .ask = ask_register});
    perform(c, (struct request){.what = "Delete user", .ask = ask_delete_user});
    perform(c, (struct request){.what = "Login", .ask = ask_whether_gone});
    disconnect(c);
}

static void do_one(struct client *c, uint32_t dice)
{
    if (dice < 400)
        send_one(c);
    else if (dice < 500)
        perform(c, (struct request){.what = "Show unread", .ask = ask_show_unread});
    else if (dice < 600)
        about_one(c, "Show list", false, ask_show_list);
    else if (dice < 720)
        about_one(c, "Show exact", false, ask_show_exact);
    else if (dice < 750)
        about_one(c, "Show exact", true, ask_show_exact);
    else if (dice < 850)
        about_one(c, "Delete mes", false, ask_delete);
    else if (dice < 910)
        about_one(c, "Restore mes", true, ask_restore);
    else if (dice < 996)
        resend_one(c);
    else if (dice < 998)
        change_password(c);
    else
        come_and_go(c);
}

static void *run(void *arg)
{
    struct client *c = arg;
    static const uint32_t each[] = {0, 0, 400, 500, 600, 750, 720, 850, 910, 0, 996, 998};

    if (c->campaign->once)
        for (size_t i = 0; i < sizeof each / sizeof *each && !is_over(c); i++)
            do_one(c, each[i]);
    else
        while (!atomic_load(&c->campaign->finishing) && !is_over(c))
            do_one(c, below(c, 1000));
    disconnect(c);
    atomic_store(&c->done, true);
    return NULL;
}

void client_init(struct client *c, struct campaign *campaign, unsigned me, uint64_t seed)
{
    *c = (struct client){.campaign = campaign, .me = me, .chance = seed};
    buf_init(&c->body, SIZE_MAX);
}

void client_free(struct client *c)
{
    buf_free(&c->body);
}

bool client_start(struct client *c)
{
    atomic_store(&c->done, false);
    return pthread_create(&c->thread, NULL, run, c) == 0;
}

void client_join(struct client *c)
{
    pthread_join(c->thread, NULL);
}

static void compare_live(struct client *c, uint32_t number)
{
    ledger_compare_one(c->campaign->ledger, c->me, number, false);
}

static void compare_deleted(struct client *c, uint32_t number)
{
    ledger_compare_one(c->campaign->ledger, c->me, number, true);
}

void client_compare(struct client *c)
{
    struct ledger *ledger = c->campaign->ledger;
    bool whole;

    ledger_compare_begin(ledger, c->me);
    whole = connect_once(c) && link_ask(&c->link, OP_SHOW_ALL, NULL, 0) == REPLY_OK &&
            hear_messages(c, true, compare_live) == REPLY_END &&
            link_ask(&c->link, OP_SHOW_DELETED, NULL, 0) == REPLY_OK &&
            hear_messages(c, false, compare_deleted) == REPLY_END;
    if (!whole)
        ledger_violation(ledger, "mailbox %u cannot be read: %.*s", c->me,
                         SPAN_PRINTF(c->connected ? link_words(&c->link) : SPAN("no connection")));
    ledger_compare_end(ledger, c->me);
    disconnect(c);
}
