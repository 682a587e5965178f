/* SPDX-License-Identifier: ISC */
#include "session/auth.h"

#include "base/address.h"
#include "os/clock.h"
#include "session/reply.h"

/* How long beyond login-delay-max a guess that loses its turn to others waits, before it is
 * refused. */
#define GRACE_MS 1000

/* The bytes that stand for the client: of its network, or the text if it is no IP address. */
static struct span client_of(const char *text, struct address *room)
{
    if (!address_parse(span_str(text), room))
        return span_str(text);
    *room = address_client(room);
    return span_of((const char *)room->b, sizeof room->b);
}

bool auth_hash(const struct service *v, const char *password, char hash[OS_CRYPT_HASH_BYTES])
{
    gate_enter(v->hashing);
    bool ok = os_crypt_hash(password, hash);
    gate_leave(v->hashing);
    return ok;
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
 * Waits for the guess's turn. True: this thread is inside the gate. It waits outside the gate and
 * asks again inside: once the first of many simultaneous guesses has failed, only those that are
 * being hashed already are still tried.
 */
static bool enter_in_turn(struct session *s, struct login_throttle_rule rule,
                          const struct guess *guess)
{
    int64_t until = guess->since_ms + rule.most_ms + GRACE_MS, now, wait_ms;
    for (;;) {
        gate_enter(s->service->hashing);
        now = os_clock_ms();
        wait_ms = login_throttle_ask(s->service->login_throttle, rule, guess, now);
        if (wait_ms == 0)
            return true;
        gate_leave(s->service->hashing);
        s->try_again_ms = wait_ms;
        if (now + wait_ms > until || !reply_flush(s))
            return false;
        s->host->pause(s->host, wait_ms);
        if (s->host->end_reason(s->host))
            return false;
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
    if (os_crypt_verify(password, st == ST_OK && !a->disabled ? a->hash : NULL))
        return ST_OK;
    return ST_WRONG_PASSWORD;
}

enum status auth_check(struct session *s, const char *name, const char *password, struct who *who,
                       struct account *a)
{
    const struct service *v = s->service;
    const struct login_throttle_rule rule = {v->limits.login_delay_ms,
                                             v->limits.login_delay_max_ms};
    struct address room;
    struct guess guess =
        login_throttle_make(v->login_throttle, client_of(s->host->address(s->host), &room),
                            span_str(name), span_str(password), os_clock_ms());
    enum status st = ST_TOO_OFTEN;

    s->try_again_ms = 0;
    bool entered = enter_in_turn(s, rule, &guess);
    if (s->try_again_ms > 0) {
        atomic_fetch_add(&v->counters->logins_delayed, 1);
        log_delay(s, name, &guess);
    }
    if (!entered)
        return st;
    st = compare_password(s, name, password, who, a);
    gate_leave(v->hashing);
    if (st == ST_OK)
        login_throttle_right(v->login_throttle, &guess, os_clock_ms());
    if (st == ST_WRONG_PASSWORD)
        login_throttle_wrong(v->login_throttle, rule, &guess, os_clock_ms());
    return st;
}
