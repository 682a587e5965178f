/* SPDX-License-Identifier: ISC */
#include "net/peers.h"

#include "random.h"

#define ROUNDS    400000
#define ADDRESSES 40
#define ENOUGH    80 /* slots: two for each address, see peers_new */
#define OPEN_MAX  200

static const unsigned char key[SIPHASH_KEY_BYTES] = "sixteen bytes ..";
static const struct peers_limits none = {0, 0, 64};

static struct address address(const char *text)
{
    struct address a = {{0}};

    if (!address_parse(span_str(text), &a))
        abort();
    return a;
}

static enum peers_result enter(struct peers *p, const char *text, struct peers_limits limits,
                               int64_t now_ms, struct peers_slot **slot)
{
    struct address a = address(text);

    limits.v6_bits = 64;
    return peers_enter(p, &a, &limits, now_ms, slot);
}

static void test_at_once(void)
{
    struct peers *p = peers_new(8, key);
    struct peers_limits two = {.at_once = 2};
    struct peers_slot *a, *b, *c;

    is_int(enter(p, "192.0.2.1", two, 0, &a), PEERS_TAKEN,
           "peers: the first connection of an address is accepted");
    is_int(enter(p, "192.0.2.1", two, 0, &b), PEERS_TAKEN,
           "peers: the second of two allowed is accepted");
    is_int(enter(p, "192.0.2.1", two, 0, &c), PEERS_TOO_MANY,
           "peers: if two are allowed at once, the third is refused");
    ok(!c, "peers: a refused connection has no slot");
    is_int(enter(p, "192.0.2.2", two, 0, &c), PEERS_TAKEN,
           "peers: another address has its own limit");
    peers_leave(c);
    peers_leave(a);
    is_int(enter(p, "192.0.2.1", two, 0, &a), PEERS_TAKEN,
           "peers: after one has left, another is accepted");
    peers_leave(a);
    peers_leave(b);
    peers_leave(NULL);
    peers_free(p);
}

static void test_networks(void)
{
    struct peers *p = peers_new(8, key);
    struct peers_limits one = {.at_once = 1};
    struct peers_slot *s[4];

    is_int(enter(p, "2001:db8:0:1::1", one, 0, &s[0]), PEERS_TAKEN,
           "peers: a connection from an IPv6 address is accepted");
    is_int(enter(p, "2001:db8:0:1:ffff::2", one, 0, &s[1]), PEERS_TOO_MANY,
           "peers: IPv6 addresses of one /64 share a limit");
    is_int(enter(p, "2001:db8:0:2::1", one, 0, &s[1]), PEERS_TAKEN,
           "peers: the next /64 has its own limit");
    is_int(enter(p, "192.0.2.1", one, 0, &s[2]), PEERS_TAKEN,
           "peers: a connection from an IPv4 address is accepted");
    is_int(enter(p, "192.0.2.2", one, 0, &s[3]), PEERS_TAKEN,
           "peers: the next IPv4 address has its own limit");
    is_int(enter(p, "::ffff:192.0.2.2", one, 0, &s[3]), PEERS_TOO_MANY,
           "peers: an IPv4 address written as an IPv6 address shares its limit");
    peers_free(p);
}

static void test_rate(void)
{
    struct peers *p = peers_new(8, key);
    struct peers_limits limits = {.per_minute = 60};
    struct peers_slot *s;
    int taken = 0;

    for (int i = 0; i < 100; i++)
        taken += enter(p, "::1", limits, 1000, &s) == PEERS_TAKEN;
    is_int(taken, 60, "peers: 60 a minute allow 60 at once");
    is_int(enter(p, "::1", limits, 1999, &s), PEERS_TOO_FAST,
           "peers: at 60 a minute, none is accepted 999 ms later");
    is_int(enter(p, "::1", limits, 2000, &s), PEERS_TAKEN,
           "peers: at 60 a minute, one is accepted 1 s later");
    is_int(enter(p, "::1", limits, 2000, &s), PEERS_TOO_FAST,
           "peers: at 60 a minute, only one is accepted 1 s later");
    limits.per_minute = 6;
    is_int(enter(p, "::1", limits, 2000, &s), PEERS_TOO_FAST,
           "peers: a lower rate applies at once");
    is_int(enter(p, "::1", limits, 12000, &s), PEERS_TAKEN,
           "peers: a lower rate allows one after its own time");
    limits.per_minute = 0;
    is_int(enter(p, "::1", limits, 12000, &s), PEERS_TAKEN, "peers: a rate of 0 is no limit");
    limits.per_minute = 6;
    for (taken = 0; enter(p, "::1", limits, 1000000000, &s) == PEERS_TAKEN;)
        taken++;
    is_int(taken, 6, "peers: after a long pause, one minute's connections are accepted at once");
    peers_free(p);
}

static void test_reuse(void)
{
    struct peers *p = peers_new(2, key);
    struct peers_limits limits = {.per_minute = 1};
    struct peers_slot *a, *b, *c;

    enter(p, "192.0.2.1", limits, 0, &a);
    enter(p, "192.0.2.2", limits, 0, &b);
    is_int(enter(p, "192.0.2.3", limits, 0, &c), PEERS_TAKEN,
           "peers: a full table accepts one more address");
    ok(!c, "peers: a full table does not count one more address");
    peers_leave(c);
    peers_leave(b);
    peers_leave(a);
    is_int(enter(p, "192.0.2.2", limits, 0, &b), PEERS_TOO_FAST,
           "peers: the rate of an address without connections is remembered");
    is_int(enter(p, "192.0.2.3", limits, 0, &c), PEERS_TAKEN,
           "peers: a new address takes the slot of one without connections");
    is_int(enter(p, "192.0.2.2", limits, 0, &b), PEERS_TOO_FAST,
           "peers: the address that keeps its slot is still remembered");
    is_int(enter(p, "192.0.2.1", limits, 0, &a), PEERS_TAKEN,
           "peers: the address that lost its slot is forgotten");
    peers_free(p);
}

/* What the table should know of an address, kept in the simplest way. */
struct shadow {
    uint64_t at_once;
    double used; /* connections */
    int64_t seen_ms;
};

static enum peers_result shadow_enter(struct shadow *s, const struct peers_limits *l,
                                      int64_t now_ms)
{
    double left = s->used - (double)(now_ms - s->seen_ms) * (double)l->per_minute / 60000;

    if (l->at_once > 0 && s->at_once >= l->at_once)
        return PEERS_TOO_MANY;
    s->used = left > 0 ? left : 0;
    s->seen_ms = now_ms;
    if (l->per_minute > 0 && s->used + 1 > (double)l->per_minute + 1e-6)
        return PEERS_TOO_FAST;
    s->used += 1;
    s->at_once++;
    return PEERS_TAKEN;
}

struct open {
    struct peers_slot *slot;
    size_t who;
};

/*
 * Connections come and go at random. With enough slots the table answers as the shadow does; with
 * fewer it may accept what the shadow refuses, and nothing else.
 */
static void run_random(size_t slots, struct peers_limits limits, const char *name)
{
    struct peers *p = peers_new(slots, key);
    struct shadow shadows[ADDRESSES] = {{0}};
    struct open open[OPEN_MAX];
    size_t n = 0;
    int64_t now_ms = 0;
    int wrong = 0, refused = 0;

    for (int i = 0; i < ROUNDS; i++) {
        now_ms += random_below(10) ? 0 : (int64_t)random_below(200);
        if (n == OPEN_MAX || (n > 0 && random_below(2))) {
            size_t k = random_below(n);

            peers_leave(open[k].slot);
            shadows[open[k].who].at_once--;
            open[k] = open[--n];
            continue;
        }
        size_t who = random_below(random_below(2) ? 4 : ADDRESSES);
        struct address a = {
            {0x20, [7] = (unsigned char)who, [15] = (unsigned char)random_below(256)}};
        struct shadow *s = &shadows[who];
        limits.v6_bits = 64;
        enum peers_result got = peers_enter(p, &a, &limits, now_ms, &open[n].slot);
        enum peers_result want = shadow_enter(s, &limits, now_ms);

        if (got == PEERS_TAKEN && want != PEERS_TAKEN) {
            s->at_once++; /* so that leaving is the same */
            s->used = (double)limits.per_minute;
        }
        wrong += got != want && (slots >= ENOUGH || got != PEERS_TAKEN);
        refused += got != PEERS_TAKEN;
        open[n].who = who;
        n += got == PEERS_TAKEN;
    }
    is_int(wrong, 0, "peers: %s, %zu slots: each answer is right", name, slots);
    ok(refused > 0 || (limits.at_once == 0 && limits.per_minute == 0),
       "peers: %s, %zu slots: %d connections were refused", name, slots, refused);
    peers_free(p);
}

int main(void)
{
    random_begin();
    test_at_once();
    test_networks();
    test_rate();
    test_reuse();
    run_random(ENOUGH, (struct peers_limits){.at_once = 4}, "limit at once");
    run_random(ENOUGH, (struct peers_limits){.per_minute = 200}, "limit a minute");
    run_random(ENOUGH, (struct peers_limits){4, 300, 64}, "both limits");
    run_random(7, (struct peers_limits){4, 300, 64}, "both limits");
    run_random(1, (struct peers_limits){4, 300, 64}, "both limits");
    run_random(7, none, "no limit");
    random_diag();
    return done_testing();
}
