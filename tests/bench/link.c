/* SPDX-License-Identifier: ISC */
/*
 * link: a long link between two network namespaces, 10.77.0.1 and 10.77.0.2, each of which has
 * nothing but its end of the link, a tun device. Packets wait in a queue, take their time at the
 * rate of the link, travel, and are lost at random, the same in both directions. For root.
 *
 *     link KBITS DELAY_MS LOSS_PERCENT QUEUE_BYTES SEED
 *
 * Prints the two namespaces as paths for nsenter --net, in a line. They are gone when it ends.
 */
#undef _FORTIFY_SOURCE /* for ppoll: see src/common/os/wait.c */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench.h"

#define PACKET_MAX 2048

struct packet {
    struct packet *next;
    uint64_t due_ns; /* when it arrives */
    size_t n;
    char bytes[PACKET_MAX];
};

static struct {
    uint64_t ns_per_byte, delay_ns, queue_ns;
    uint32_t loss_percent;
} link_is;

static struct way {       /* one direction */
    int from, to;         /* the tun devices */
    uint64_t free_ns;     /* when all that waits has left */
    struct packet *first; /* under way, in the order of arrival */
    struct packet **last;
} ways[2];

static uint64_t chance;

static uint32_t random_below(uint32_t n)
{
    chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((chance >> 32) % n);
}

static _Noreturn void failed(const char *what)
{
    bench_fail(what, span_str(strerror(errno)));
}

static void set_address(int fd, struct ifreq *r, unsigned long request, const char *text)
{
    struct sockaddr_in a = {.sin_family = AF_INET};

    inet_pton(AF_INET, text, &a.sin_addr);
    memcpy(&r->ifr_addr, &a, sizeof a);
    if (ioctl(fd, request, r) != 0)
        failed("cannot give a device an address");
}

/* Moves to a new namespace, makes one end of the link there, and returns its tun device. */
static int make_end(const char *address, int *space)
{
    struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI};

    if (unshare(CLONE_NEWNET) != 0 || (*space = open("/proc/self/ns/net", O_RDONLY)) < 0)
        failed("cannot make a network namespace");
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK), fd = socket(AF_INET, SOCK_DGRAM, 0);
    memcpy(r.ifr_name, "link", sizeof "link");
    if (tun < 0 || fd < 0 || ioctl(tun, TUNSETIFF, &r) != 0)
        failed("cannot make a tun device");
    set_address(fd, &r, SIOCSIFADDR, address);
    set_address(fd, &r, SIOCSIFNETMASK, "255.255.255.0");
    r.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(fd, SIOCSIFFLAGS, &r) != 0)
        failed("cannot start a device");
    close(fd);
    return tun;
}

/* What the queue has no room for is dropped; what is lost has used the link. */
static void enter(struct way *w, const char *bytes, size_t n)
{
    uint64_t now_ns = bench_now_ns();
    uint64_t leaves_ns = w->free_ns > now_ns ? w->free_ns : now_ns;

    if (leaves_ns - now_ns > link_is.queue_ns)
        return;
    w->free_ns = leaves_ns + n * link_is.ns_per_byte;
    if (random_below(100) < link_is.loss_percent)
        return;
    struct packet *p = bench_alloc(1, sizeof *p);
    *p = (struct packet){.due_ns = w->free_ns + link_is.delay_ns, .n = n};
    memcpy(p->bytes, bytes, n);
    *w->last = p;
    w->last = &p->next;
}

static void take_in(struct way *w)
{
    char bytes[PACKET_MAX];
    ssize_t n;

    while ((n = read(w->from, bytes, sizeof bytes)) > 0)
        enter(w, bytes, (size_t)n);
    if (errno != EAGAIN && errno != EINTR)
        failed("cannot read from a device");
}

static void give_out(struct way *w)
{
    uint64_t now_ns = bench_now_ns();

    while (w->first && w->first->due_ns <= now_ns) {
        struct packet *p = w->first;
        w->first = p->next;
        if (!w->first)
            w->last = &w->first;
        if (write(w->to, p->bytes, p->n) != (ssize_t)p->n)
            failed("cannot write to a device");
        free(p);
    }
}

static void serve(void)
{
    struct pollfd fds[2] = {{ways[0].from, POLLIN, 0}, {ways[1].from, POLLIN, 0}};

    for (;;) {
        uint64_t due_ns = UINT64_MAX, now_ns = bench_now_ns();
        for (int i = 0; i < 2; i++)
            if (ways[i].first && ways[i].first->due_ns < due_ns)
                due_ns = ways[i].first->due_ns;
        uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
        struct timespec left = {(time_t)(left_ns / 1000000000), (long)(left_ns % 1000000000)};
        if (ppoll(fds, 2, due_ns == UINT64_MAX ? NULL : &left, NULL) < 0 && errno != EINTR)
            failed("poll");
        for (int i = 0; i < 2; i++) {
            take_in(&ways[i]);
            give_out(&ways[i]);
        }
    }
}

int main(int argc, char **argv)
{
    int space[2];

    if (argc != 6) {
        fprintf(stderr, "usage: link KBITS DELAY_MS LOSS_PERCENT QUEUE_BYTES SEED\n");
        return 64;
    }
    link_is.ns_per_byte = 8000000 / bench_number(argv[1]);
    link_is.delay_ns = bench_number(argv[2]) * UINT64_C(1000000);
    link_is.loss_percent = bench_number(argv[3]);
    link_is.queue_ns = bench_number(argv[4]) * link_is.ns_per_byte;
    chance = bench_number(argv[5]);
    int one = make_end("10.77.0.1", &space[0]), other = make_end("10.77.0.2", &space[1]);
    ways[0] = (struct way){.from = one, .to = other, .last = &ways[0].first};
    ways[1] = (struct way){.from = other, .to = one, .last = &ways[1].first};
    printf("/proc/%d/fd/%d /proc/%d/fd/%d\n", (int)getpid(), space[0], (int)getpid(), space[1]);
    fflush(stdout);
    serve();
}
