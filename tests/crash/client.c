/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/udp_connect.h"
#include "os/clock.h"
#include "os/random.h"
#include "request.h"

#define PATIENT_MS 30000 /* a request unanswered for so long is stuck */

void client_name(unsigned user, char out[16])
{
    snprintf(out, 16, "user%u", user);
}

const char *client_password(unsigned which)
{
    return which ? "another secret" : "secret";
}

static uint32_t below(struct client *c, uint32_t end)
{
    return (uint32_t)(request_chance(&c->chance) % end);
}

/* --- connecting --- */

static void disconnect(struct client *c)
{
    if (!c->connected)
        return;
    client_hang_up(&c->wire, &c->link);
    c->connected = false;
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
    result = request_login(c, name, c->password);
    if (result == REPLY_NOOP && c->password_open) {
        result = request_login(c, name, !c->password);
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

bool client_dial(struct server *server, struct client_wire *wire, struct link *link,
                 unsigned *start)
{
    struct address_place place = {.host = "127.0.0.1"};
    unsigned long long where = atomic_load(&server->where);
    const char *why;

    snprintf(place.port, sizeof place.port, "%llu", where & 65535);
    wire->udp = server->udp;
    if (wire->udp) {
        if (!udp_connect(&wire->datagrams, &place, DATAGRAM_SIZE_DEFAULT, NULL, &why))
            return false;
    } else {
        int fd = os_net_connect(&place, os_clock_ms() + PATIENT_MS, NULL, &why);
        if (fd < 0)
            return false;
        socket_io_init(&wire->net, fd);
    }
    link_init(link, &wire->net.io, LINK_ARG_LIMIT, PATIENT_MS);
    if (start)
        *start = (unsigned)(where >> 16);
    return true;
}

void client_hang_up(struct client_wire *wire, struct link *link)
{
    link_free(link);
    if (wire->udp)
        udp_connect_leave(&wire->datagrams);
    os_net_close(wire->net.fd);
    if (wire->udp)
        udp_io_free(&wire->datagrams);
}

static bool connect_once(struct client *c)
{
    c->connected = client_dial(c->campaign->server, &c->wire, &c->link, &c->start);
    if (!c->connected)
        return false;
    if (link_start(&c->link) == REPLY_OK && login_as_me(c) == REPLY_OK)
        return true;
    disconnect(c);
    return false;
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

/* Whether the request is finished; an interrupted one must be repeated. */
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
    unsigned n = c->campaign->mailboxes ? c->campaign->mailboxes : LEDGER_USERS;

    return c->campaign->once ? c->me : below(c, n);
}

static void keep_sending(struct client *c, const struct request *r, struct ledger_body body)
{
    struct sending *s;

    if (c->sending_n == c->sending_cap) {
        c->sending_cap = c->sending_cap * 2 + 64;
        c->sendings = realloc(c->sendings, c->sending_cap * sizeof *c->sendings);
        if (!c->sendings)
            abort();
    }
    s = &c->sendings[c->sending_n++];
    *s = (struct sending){.to = r->to, .number = r->number, .body = body};
    memcpy(s->token, r->token, sizeof s->token);
}

static void send_one(struct client *c)
{
    struct ledger_body body = {c->me, c->bodies++};
    struct request r = new_send("Send mes", some_mailbox(c));

    request_body(c, body);
    r.ask = request_send;
    r.number = ledger_intend(c->campaign->ledger, r.to, c->me, body);
    perform(c, r);
    if (!is_over(c))
        keep_sending(c, &r, body);
    if (below(c, 10) > 0 || is_over(c))
        return;
    r.what = "Send mes again";
    r.ask = request_send_again;
    perform(c, r);
}

/* Picks one of the client's messages whose id is known, live or deleted. False: it has none yet. */
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
    r.ask = request_resend;
    ledger_intend(c->campaign->ledger, r.to, c->me,
                  ledger_letter(c->campaign->ledger, c->me, r.number).body);
    perform(c, r);
}

static void change_password(struct client *c)
{
    c->password_open = true;
    perform(c,
            (struct request){.what = "Password", .ask = request_password, .number = c->password});
    c->password_open = is_over(c);
}

static void come_and_go(struct client *c)
{
    c->flies++;
    perform(c, (struct request){.what = "Register", .ask = request_register});
    perform(c, (struct request){.what = "Delete user", .ask = request_delete_user});
    perform(c, (struct request){.what = "Login", .ask = request_whether_gone});
    disconnect(c);
}

static void do_one(struct client *c, uint32_t dice)
{
    if (dice < 400)
        send_one(c);
    else if (dice < 500)
        perform(c, (struct request){.what = "Show unread", .ask = request_show_unread});
    else if (dice < 600)
        about_one(c, "Show list", false, request_show_list);
    else if (dice < 720)
        about_one(c, "Show exact", false, request_show_exact);
    else if (dice < 750)
        about_one(c, "Show exact", true, request_show_exact);
    else if (dice < 850)
        about_one(c, "Delete mes", false, request_delete);
    else if (dice < 910)
        about_one(c, "Restore mes", true, request_restore);
    else if (dice < 976)
        resend_one(c);
    else if (dice < 980)
        change_password(c);
    else
        come_and_go(c);
}

static void *run(void *arg)
{
    struct client *c = arg;
    static const uint32_t each[] = {0, 0, 400, 500, 600, 750, 720, 850, 910, 0, 976, 980};

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
    free(c->sendings);
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

void client_compare(struct client *c, unsigned at)
{
    struct ledger *ledger = c->campaign->ledger;
    bool whole;

    ledger_compare_begin(ledger, c->me, at);
    whole = connect_once(c) && link_ask(&c->link, OP_SHOW_ALL, NULL, 0) == REPLY_OK &&
            request_messages(c, true, compare_live) == REPLY_END &&
            link_ask(&c->link, OP_SHOW_DELETED, NULL, 0) == REPLY_OK &&
            request_messages(c, false, compare_deleted) == REPLY_END;
    if (!whole)
        ledger_violation(ledger, "mailbox %u cannot be read: %.*s", c->me,
                         SPAN_PRINTF(c->connected ? link_words(&c->link) : SPAN("no connection")));
    ledger_compare_end(ledger, c->me);
    disconnect(c);
}

void client_repeat(struct client *c)
{
    struct ledger *ledger = c->campaign->ledger;
    const struct sending *s;
    struct request r = {.again = true};

    if (c->sending_n == 0)
        return;
    s = &c->sendings[below(c, (uint32_t)c->sending_n)];
    if (!ledger_letter(ledger, s->to, s->number).found)
        return;
    r.to = s->to;
    r.number = s->number;
    memcpy(r.token, s->token, sizeof r.token);
    if (!connect_once(c))
        return; /* said already */
    request_body(c, s->body);
    if (request_send_again(c, &r) != REPLY_OK)
        ledger_violation(ledger, "mailbox %u: a message that is there cannot be sent again: %.*s",
                         s->to, SPAN_PRINTF(link_words(&c->link)));
    disconnect(c);
}
