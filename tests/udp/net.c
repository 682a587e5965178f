/* SPDX-License-Identifier: ISC */
#include "net.h"

#include "base/digits.h"
#include "random.h"

#define OLD_MAX      64
#define IP_UDP_BYTES 28

static struct {
    struct net_faults f;
    struct net_packet *heap;
    size_t n, cap;
    uint64_t order;
    int64_t free_us[NET_SIDES]; /* when the bottleneck to a side will have sent all that it holds */
    struct old {
        char p[DATAGRAM_MAX];
        size_t n;
    } old[NET_SIDES][OLD_MAX]; /* the first ones sent by each side */
    unsigned nold[NET_SIDES];
} net;

void net_begin(uint64_t seed, const struct net_faults *f)
{
    random_begin();
    chance.state = seed * 2 + 1;
    memset(&net, 0, sizeof net);
    net.f = *f;
}

void net_end(void)
{
    for (size_t i = 0; i < net.n; i++)
        free(net.heap[i].p);
    net.n = 0;
    free(net.heap);
    net.heap = NULL;
}

static bool happens(unsigned thousandths)
{
    return random_below(1000) < thousandths;
}

static bool before(const struct net_packet *a, const struct net_packet *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(size_t a, size_t b)
{
    struct net_packet p = net.heap[a];

    net.heap[a] = net.heap[b];
    net.heap[b] = p;
}

static void put(struct net_packet p)
{
    if (net.n == net.cap) {
        net.cap = net.cap ? net.cap * 2 : 256;
        net.heap = realloc(net.heap, net.cap * sizeof *net.heap);
        if (!net.heap)
            abort();
    }
    p.order = net.order++;
    net.heap[net.n] = p;
    for (size_t i = net.n++; i > 0 && before(&net.heap[i], &net.heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(i, (i - 1) / 2);
}

struct net_packet net_take(void)
{
    struct net_packet p = net.heap[0];

    net.heap[0] = net.heap[--net.n];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < net.n && before(&net.heap[child], &net.heap[least]))
                least = child;
        if (least == i)
            return p;
        swap(i, least);
        i = least;
    }
}

int64_t net_next_us(void)
{
    return net.n > 0 ? net.heap[0].at_us : INT64_MAX;
}

static char *copy(struct span s)
{
    char *p = malloc(s.n + 1);

    if (!p)
        abort();
    memcpy(p, s.p, s.n);
    return p;
}

/* Flips bits, cuts the datagram off, changes its id, or replaces it with garbage. */
static void damage(struct net_packet *p)
{
    switch (random_below(4)) {
    case 0:
        for (size_t i = 0, bits = 1 + random_below(6); i < bits; i++)
            p->p[random_below(p->n)] ^= (char)(1 << random_below(8));
        break;
    case 1:
        p->n = random_below(p->n);
        break;
    case 2:
        if (p->n > DATAGRAM_HEAD)
            digits_put_hex(p->p + DATAGRAM_NUMBER, chance.state, DATAGRAM_ID);
        break;
    default:
        for (size_t i = 0; i < p->n; i++)
            p->p[i] = (char)random_below(256);
    }
}

static void on_the_way(enum net_side from, enum net_side to, struct span s, int64_t leaves_us)
{
    struct net_packet p = {.from = from, .to = to, .n = s.n, .p = copy(s)};

    p.at_us = leaves_us + net.f.delay_us;
    if (net.f.jitter_us > 0)
        p.at_us += (int64_t)random_below((size_t)net.f.jitter_us);
    if (happens(net.f.late))
        p.at_us += (int64_t)random_below((size_t)(8 * net.f.delay_us + 1000));
    if (happens(net.f.damage))
        damage(&p);
    put(p);
}

static bool is_dark(int64_t now_us)
{
    return now_us >= net.f.dark_from_us && now_us < net.f.dark_to_us;
}

/* How long the bottleneck takes for a datagram. */
static int64_t takes_us(size_t bytes)
{
    return net.f.per_datagram_us + (int64_t)(bytes + IP_UDP_BYTES) * net.f.per_byte_ns / 1000;
}

void net_send(enum net_side from, enum net_side to, struct span datagram, int64_t now_us)
{
    int64_t leaves_us = now_us;

    if (net.nold[from] < OLD_MAX) {
        struct old *o = &net.old[from][net.nold[from]++];
        memcpy(o->p, datagram.p, datagram.n);
        o->n = datagram.n;
    }
    if (is_dark(now_us) || happens(net.f.loss))
        return;
    if (net.f.per_datagram_us + net.f.per_byte_ns > 0) {
        int64_t waits_us = net.free_us[to] > now_us ? net.free_us[to] - now_us : 0;
        if (waits_us / takes_us(DATAGRAM_SIZE_2_MAX) >= net.f.queue)
            return;
        leaves_us = net.free_us[to] = now_us + waits_us + takes_us(datagram.n);
    }
    on_the_way(from, to, datagram, leaves_us);
    if (happens(net.f.twice))
        on_the_way(from, to, datagram, leaves_us);
    if (happens(net.f.replay))
        net_replay(from, to, (unsigned)random_below(OLD_MAX), now_us);
}

bool net_replay(enum net_side from, enum net_side to, unsigned i, int64_t now_us)
{
    if (i >= net.nold[from])
        return false;
    if (!is_dark(now_us))
        on_the_way(from, to, span_of(net.old[from][i].p, net.old[from][i].n), now_us);
    return true;
}
