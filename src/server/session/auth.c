/* SPDX-License-Identifier: ISC */
#include "session/auth.h"

#include "os/attached.h"
#include "os/clock.h"
#include "session/reply.h"

/* How long beyond login-delay-max a guess that loses its turn to others waits, before it is
 * refused. */
#define GRACE_MS 1000

#define CROWD_MS    60000 /* how long a password waits to be hashed */
#define FORGED_TURN 1     /* a number like the others, which are hashes */

/* The bytes that stand for an address: of its network. */
static struct span network_of(const struct service *v, struct address *a)
{
    *a = os_attached_client(a, (unsigned)v->limits.v6_bits);
    return span_of((const char *)a->b, sizeof a->b);
}

/* The bytes that stand for the client: of its network, or the text if it is no IP address. */
static struct span client_of(const struct session *s, struct address *room)
{
    const char *text = s->host->address(s->host);
    return address_parse(span_str(text), room) ? network_of(s->service, room) : span_str(text);
}

/* Wrong passwords from forged addresses must not delay those whose addresses they are. */
static struct login_throttle *throttle_of(const struct session *s)
{
    return s->host->forgeable ? s->service->forged_throttle : s->service->login_throttle;
}

/* Whose turn it is to hash, or whose memory is used. All who may have forged their address have
 * one: addresses cost them nothing. */
static uint64_t turn_of(const struct session *s, const struct guess *guess)
{
    return s->host->forgeable ? FORGED_TURN : guess->address;
}

static bool must_end(void *ctx)
{
    struct session *s = ctx;
    return s->host->end_reason(s->host) != NULL;
}

static struct guess make_guess(struct session *s, const char *name, const char *password)
{
    struct address room;
    return login_throttle_make(throttle_of(s), client_of(s, &room), span_str(name),
                               span_str(password), os_clock_ms());
}

enum status auth_hash(const struct service *v, struct session *s, const char *password,
                      char hash[OS_CRYPT_HASH_BYTES])
{
    uint64_t turn = 0, user = 0;
    if (s) {
        const struct guess guess = make_guess(s, s->logged_in ? s->who.name : "", "");
        turn = turn_of(s, &guess);
        user = guess.name;
    }
    if (!gate_enter(v->hashing, turn, user, os_clock_ms() + CROWD_MS, s ? must_end : NULL, s))
        return ST_CROWDED;
    bool ok = os_crypt_hash(password, hash);
    gate_leave(v->hashing);
    return ok ? ST_OK : ST_NO_MEMORY;
}

static void log_delay(struct session *s, const char *name, const struct guess *guess)
{
    struct event e;
    event_begin(&e, "delay", EVENT_INFO);
    event_text(&e, "user", span_str(name));
    e.ms = os_clock_ms() - guess->since_ms;
    s->host->tell(s->host, &e);
}

/*
 * Waits for the guess's turn. ST_OK: this thread is inside the gate. It waits outside the gate and
 * asks again inside: once the first of many simultaneous guesses has failed, only those that are
 * being hashed already are still tried.
 */
static enum status enter_in_turn(struct session *s, struct login_throttle_rule rule,
                                 const struct guess *guess)
{
    int64_t until = guess->since_ms + rule.most_ms + GRACE_MS;
    for (;;) {
        if (!gate_enter(s->service->hashing, turn_of(s, guess), guess->name,
                        os_clock_ms() + CROWD_MS, must_end, s))
            return ST_CROWDED;
        int64_t now = os_clock_ms();
        int64_t wait_ms = login_throttle_ask(throttle_of(s), rule, guess, now);
        if (wait_ms == 0)
            return ST_OK;
        gate_leave(s->service->hashing);
        s->try_again_ms = wait_ms;
        if (now + wait_ms > until || !reply_flush(s))
            return ST_TOO_OFTEN;
        s->host->pause(s->host, wait_ms);
        if (must_end(s))
            return ST_TOO_OFTEN;
    }
}

/*
 * Inside the gate. An unknown name and a disabled account cost the same as a known one: otherwise
 * the time of the answer would tell which names exist.
 */
static enum status compare_password(struct session *s, const char *name, const char *password,
                                    struct who *who, struct account *a)
{
    enum status st = account_find(s->service->store, name, who, a);
    if (st != ST_OK && st != ST_NO_USER)
        return st;
    switch (os_crypt_verify(password, st == ST_OK && !a->disabled ? a->hash : NULL)) {
    case OS_CRYPT_RIGHT:
        return ST_OK;
    case OS_CRYPT_FAILED:
        return ST_NO_MEMORY;
    case OS_CRYPT_WRONG:
        break;
    }
    return ST_WRONG_PASSWORD;
}

/*
 * Whether this session has proven the same name and password before. The account's hash is part of
 * the comparison: another password has another one.
 */
static bool is_proven(struct session *s, const struct guess *guess, const char *name,
                      struct who *who, struct account *a)
{
    return s->proven && account_find(s->service->store, name, who, a) == ST_OK && !a->disabled &&
           login_throttle_hash(throttle_of(s), guess, span_str(a->hash)) == s->proven;
}

bool auth_take_memory(struct session *s, struct budget_share *share, size_t want)
{
    if (share->bytes == 0 && want > 0) {
        const struct guess guess = make_guess(s, s->who.name, "");
        share->owners[0] = guess.name;
        share->owners[1] = turn_of(s, &guess);
    }
    return budget_take(s->service->memory, share, want);
}

uint64_t auth_memory_owner(const struct service *v, const struct address *a, bool forgeable)
{
    struct address room = *a;
    if (forgeable)
        return FORGED_TURN;
    return login_throttle_make(v->login_throttle, network_of(v, &room), SPAN(""), SPAN(""), 0)
        .address;
}

void auth_forget(struct session *s)
{
    s->proven = 0;
}

enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a)
{
    const struct service *v = s->service;
    const struct login_throttle_rule rule = {v->limits.login_delay_ms,
                                             v->limits.login_delay_max_ms};
    struct login_throttle *throttle = throttle_of(s);
    struct guess guess = make_guess(s, name, password);

    s->try_again_ms = 0;
    if (is_proven(s, &guess, name, who, a))
        return ST_OK;
    enum status st = enter_in_turn(s, rule, &guess);
    if (s->try_again_ms > 0) {
        atomic_fetch_add(&v->counters->logins_delayed, 1);
        log_delay(s, name, &guess);
    }
    if (st != ST_OK)
        return st;
    st = compare_password(s, name, password, who, a);
    gate_leave(v->hashing);
    if (st == ST_OK) {
        login_throttle_right(throttle, &guess, os_clock_ms());
        s->proven = login_throttle_hash(throttle, &guess, span_str(a->hash));
    }
    if (st == ST_WRONG_PASSWORD)
        login_throttle_wrong(throttle, rule, &guess, os_clock_ms());
    return st;
}
