/* SPDX-License-Identifier: ISC */
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "client/udp_connect.h"
#include "door_request.h"
#include "load.h"
#include "os/clock.h"
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

enum server_way client_way(const struct campaign *campaign, unsigned user)
{
    static const enum server_way ways[LEDGER_USERS] = {
        [3] = WAY_SUBMISSION, [4] = WAY_LMTP, [5] = WAY_POP3};

    return campaign->server->doors ? ways[user] : WAY_FRAMES;
}

static enum body_kind kind_of(const struct campaign *campaign, unsigned author)
{
    enum server_way way = client_way(campaign, author);

    return way == WAY_SUBMISSION ? BODY_OF_SUBMISSION
           : way == WAY_LMTP     ? BODY_OF_LMTP
                                 : BODY_OF_FRAMES;
}

bool client_is_mail(const struct client *c, unsigned author)
{
    return kind_of(c->campaign, author) != BODY_OF_FRAMES;
}

struct span client_body(struct client *c, struct ledger_body which)
{
    buf_clear(&c->body);
    body_add(&c->body, kind_of(c->campaign, which.author), which);
    return buf_span(&c->body);
}

uint32_t client_below(struct client *c, uint32_t end)
{
    return (uint32_t)(body_chance(&c->chance) % end);
}

/* --- connecting --- */

void client_disconnect(struct client *c)
{
    if (!c->connected)
        return;
    if (c->way == WAY_FRAMES)
        client_hang_up(&c->wire, &c->link);
    else
        door_hang_up(&c->door);
    c->connected = false;
}

/* Why the last request failed. */
static struct span words(const struct client *c)
{
    return c->way == WAY_FRAMES ? link_words(&c->link) : span_str(c->door.words);
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
                         SPAN_PRINTF(words(c)));
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

static bool dial(struct client *c)
{
    struct server *server = c->campaign->server;

    if (c->way == WAY_FRAMES)
        return client_dial(server, &c->wire, &c->link, &c->start);
    c->start = (unsigned)last_start(c);
    return door_dial(&c->door, atomic_load(&server->doors_at[c->way]), PATIENT_MS);
}

static bool begin(struct client *c)
{
    enum reply_result result;

    if (c->way == WAY_FRAMES)
        return link_start(&c->link) == REPLY_OK && login_as_me(c) == REPLY_OK;
    result = door_begin(c, c->way);
    if (result == REPLY_NOOP && !may_fail(c)) {
        ledger_violation(c->campaign->ledger, "user %u cannot begin: %.*s", c->me,
                         SPAN_PRINTF(words(c)));
        atomic_store(&c->campaign->failed, true);
    }
    return result == REPLY_OK;
}

static bool connect_once(struct client *c, enum server_way way)
{
    if (c->connected && c->way == way)
        return true;
    client_disconnect(c);
    c->way = way;
    c->connected = dial(c);
    if (!c->connected)
        return false;
    if (begin(c))
        return true;
    client_disconnect(c);
    return false;
}

/* --- until it is known --- */

bool client_is_over(const struct client *c)
{
    return atomic_load(&c->campaign->failed);
}

static void note_request(struct client *c, int64_t begun_ms)
{
    int64_t ms = os_clock_ms() - begun_ms;

    c->requests++;
    c->by_doors += c->way != WAY_FRAMES;
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
        ledger_violation(ledger, "user %u: %s: %.*s", c->me, r->what, SPAN_PRINTF(words(c)));
        return true;
    case REPLY_TIMEOUT:
        ledger_violation(ledger, "user %u: %s: stuck for %d ms", c->me, r->what, PATIENT_MS);
        atomic_store(&c->campaign->failed, true);
        break;
    case REPLY_BROKEN:
    case REPLY_MEMORY:
        ledger_violation(ledger, "user %u: %s: %.*s", c->me, r->what, SPAN_PRINTF(words(c)));
        break;
    case REPLY_EXIT:
    case REPLY_LOST:
    case REPLY_NOBODY:
        break;
    }
    client_disconnect(c);
    return false;
}

void client_perform(struct client *c, struct request *r)
{
    r->asked_at = ledger_moment(c->campaign->ledger);
    while (!client_is_over(c)) {
        int64_t begun_ms = os_clock_ms();
        if (!connect_once(c, r->way)) {
            server_pause_us(1000);
            continue;
        }
        r->sure = !c->campaign->storage_fails || c->start > r->start;
        r->start = c->start;
        if (is_known(c, r, r->ask(c, r))) {
            note_request(c, begun_ms);
            return;
        }
        r->again = true;
        c->repeats++;
    }
}

void client_init(struct client *c, struct campaign *campaign, unsigned me, uint64_t seed)
{
    *c = (struct client){.campaign = campaign, .me = me, .chance = seed};
    buf_init(&c->body, SIZE_MAX);
    buf_init(&c->list, SIZE_MAX);
    buf_init(&c->mail, SIZE_MAX);
}

void client_free(struct client *c)
{
    buf_free(&c->body);
    buf_free(&c->list);
    buf_free(&c->mail);
    free(c->sendings);
}

bool client_start(struct client *c)
{
    atomic_store(&c->done, false);
    return pthread_create(&c->thread, NULL, load_run, c) == 0;
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
    whole = connect_once(c, WAY_FRAMES) && link_ask(&c->link, OP_SHOW_ALL, NULL, 0) == REPLY_OK &&
            request_messages(c, true, compare_live) == REPLY_END &&
            link_ask(&c->link, OP_SHOW_DELETED, NULL, 0) == REPLY_OK &&
            request_messages(c, false, compare_deleted) == REPLY_END;
    if (!whole)
        ledger_violation(ledger, "mailbox %u cannot be read: %.*s", c->me,
                         SPAN_PRINTF(c->connected ? words(c) : SPAN("no connection")));
    ledger_compare_end(ledger, c->me);
    client_disconnect(c);
}

bool client_repeat(struct client *c)
{
    struct ledger *ledger = c->campaign->ledger;
    struct request r;
    unsigned found = 0;

    if (c->sending_n == 0)
        return false;
    r = c->sendings[client_below(c, (uint32_t)c->sending_n)];
    for (unsigned i = 0; i < r.copy_n; i++)
        found += ledger_letter(ledger, r.copies[i].mailbox, r.copies[i].number).found;
    if (found < r.copy_n || !connect_once(c, r.way))
        return false; /* said already, if it is a violation */
    if (r.ask(c, &r) != REPLY_OK)
        ledger_violation(ledger, "mailbox %u: a message that is there cannot be sent again: %.*s",
                         r.copies[0].mailbox, SPAN_PRINTF(words(c)));
    client_disconnect(c);
    return r.copy_n > 1;
}
