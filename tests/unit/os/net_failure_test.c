/* SPDX-License-Identifier: ISC */
/* Sockets: each system call fails in its turn. */
#include "os_each.h"

#include <poll.h>
#include <sys/un.h>

#include "os/clock.h"
#include "os/error.h"
#include "os/local.h"
#include "os/net.h"
#include "os/systemd.h"
#include "os/udp.h"

#define PATIENT_MS 20000 /* only a defect makes a test wait this long */

/* A listener, a bound UDP socket with its client, and a supervisor's socket. */
static int listener, bound, client, supervisor;
static struct address_place listening, receiving;
static struct os_udp_peer peer;
static char supervisor_name[20];

static void give_up(const char *what)
{
    printf("Bail out! %s\n", what);
    exit(1);
}

static void put_port(struct address_place *place, int of)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;

    if (!os_net_local(of, address, &port))
        give_up("no port");
    address_parse_place(SPAN("127.0.0.1:0"), place);
    snprintf(place->port, sizeof place->port, "%u", port);
}

static void wait_for(int descriptor)
{
    struct pollfd p = {.fd = descriptor, .events = POLLIN};

    if (poll(&p, 1, PATIENT_MS) != 1)
        give_up("nothing comes");
}

static void open_all(void)
{
    struct sockaddr_un any = {.sun_family = AF_UNIX};
    socklen_t size = sizeof any;
    struct address_place place;
    const char *why;
    char byte;

    address_parse_place(SPAN("127.0.0.1:0"), &place);
    if (os_net_listen(&place, 64, &listener, 1, &why) != 1 ||
        os_udp_bind(&place, &bound, 1, &why) != 1 || os_udp_share(bound) != 0)
        give_up(why);
    put_port(&listening, listener);
    put_port(&receiving, bound);
    if (os_udp_connect(&receiving, &client, 1, NULL, &why) != 1)
        give_up(why);
    os_udp_send(client, SPAN("x"));
    wait_for(bound);
    os_udp_receive(bound, &byte, 1, &peer);
    supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(supervisor, (const struct sockaddr *)&any, sizeof any.sun_family) != 0 ||
        getsockname(supervisor, (struct sockaddr *)&any, &size) != 0)
        give_up("no name for the supervisor");
    snprintf(supervisor_name, sizeof supervisor_name, "@%.5s", any.sun_path + 1);
}

static void close_all(void)
{
    os_net_close(listener);
    os_net_close(bound);
    os_net_close(client);
    os_net_close(supervisor);
}

/* What only tells the words of an error: sets errno to the error of the call that failed. */
static bool told(bool good, const char *why)
{
    if (!good)
        errno = why == os_error_text(faults.set) ? faults.set : 0;
    return good;
}

/* What tells in words of its own what went wrong. */
static bool said(bool good, const char *why)
{
    if (!good)
        errno = *why ? faults.set : 0;
    return good;
}

static bool listens(void)
{
    struct address_place any;
    const char *why = "";
    int one = -1;

    address_parse_place(SPAN("127.0.0.1:0"), &any);
    bool good = os_net_listen(&any, 8, &one, 1, &why) == 1;
    os_net_close(one);
    return good || (why == os_error_text(errno) && told(false, why));
}

static void do_nothing(void *ctx, const char *tried)
{
    (void)ctx;
    (void)tried;
}

/* Takes the connection, too, so that the listener is as before. */
static bool connects(bool waits)
{
    struct os_net_waiting waiting = {INT64_MAX, do_nothing, NULL};
    const char *why = "";
    int one = os_net_connect(&listening, os_clock_ms() + PATIENT_MS, waits ? &waiting : NULL, &why);

    faults_hold();
    if (one >= 0) {
        wait_for(listener);
        os_net_close(os_net_accept(listener, 0, NULL));
        os_net_close(one);
    }
    faults_go_on();
    return told(one >= 0, why);
}

static bool accepts(void)
{
    const char *why;
    struct os_net_peer from;

    faults_hold();
    int one = os_net_connect(&listening, os_clock_ms() + PATIENT_MS, NULL, &why);
    wait_for(listener);
    faults_go_on();
    int other = os_net_accept(listener, 20, &from), error = errno;
    faults_hold();
    if (other < 0)
        os_net_close(os_net_accept(listener, 0, NULL));
    os_net_close(one);
    os_net_close(other);
    errno = error;
    return other >= 0 && address_is_loopback(&from.address);
}

static bool binds(void)
{
    struct address_place any;
    const char *why = "";
    int one = -1;

    address_parse_place(SPAN("127.0.0.1:0"), &any);
    bool good = os_udp_bind(&any, &one, 1, &why) == 1;
    os_net_close(one);
    return told(good, why);
}

static bool shares(bool of_another)
{
    faults_other_user = of_another;
    int guard = os_udp_share(bound), error = errno;
    faults_other_user = false;
    if (guard > 0)
        os_net_close(guard);
    errno = error;
    return of_another ? guard > 0 : guard >= 0;
}

static bool opens_session(void)
{
    faults_hold();
    if (os_udp_share(bound) != 0)
        return false;
    faults_go_on();
    return opened(os_udp_session(bound, &peer));
}

static bool receives(bool pieces)
{
    char bytes[16];
    size_t piece = 0;
    struct os_udp_peer from = {.port = 0};

    faults_hold();
    os_udp_answer(bound, &peer, SPAN("content"));
    wait_for(client);
    faults_go_on();
    int64_t n = pieces ? os_udp_receive_pieces(client, bytes, sizeof bytes, &piece)
                       : os_udp_receive(client, bytes, sizeof bytes, &from);
    if (n < 0)
        (void)!real_recv(client, bytes, sizeof bytes, MSG_DONTWAIT);
    return n == 7 && memcmp(bytes, "content", 7) == 0 && (!pieces || piece == 7);
}

static bool sends_pieces(void)
{
    char bytes[16];

    if (!os_udp_send_pieces(client, SPAN("abcdefg"), 3))
        return false;
    for (int i = 0; i < 3; i++) {
        wait_for(bound);
        ssize_t n = real_recv(bound, bytes, sizeof bytes, 0);
        if (n != (i < 2 ? 3 : 1) || bytes[0] != "adg"[i])
            return errno = 0, false;
    }
    return true;
}

static bool connects_udp(void)
{
    const char *why = "";
    int one = -1;
    bool good = os_udp_connect(&receiving, &one, 1, NULL, &why) == 1;

    os_net_close(one);
    return told(good, why);
}

static bool tells_remote(void)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;

    return os_net_remote(client, address, &port) && strcmp(address, "127.0.0.1") == 0;
}

static bool tells_local(void)
{
    char address[OS_NET_ADDRESS_BYTES];
    unsigned port;

    return os_net_local(listener, address, &port) && strcmp(address, "127.0.0.1") == 0;
}

static bool connects_locally(void)
{
    faults_hold();
    int there = os_local_listen(dir, "new");
    faults_go_on();
    int one = os_local_connect(dir, "new"), error = errno;
    faults_hold();
    bool trusted = one < 0 || os_local_peer_process(one) == (unsigned)getpid();
    os_net_close(one);
    os_net_close(there);
    os_file_remove(dir, "new");
    errno = error;
    return one >= 0 && trusted;
}

/* What is bound is not removed if the call that fails comes later: it cannot be told from success.
 */
static bool binds_path(bool over_old)
{
    struct os_local_name name;
    char to[OS_LOCAL_PATH_BYTES];
    const char *why = "";

    snprintf(to, sizeof to, "%.90s/new", path);
    faults_hold();
    if (over_old)
        os_net_close(os_local_bind(to, &name, &why));
    faults_go_on();
    int one = os_local_bind(to, &name, &why), error = errno;
    faults_hold();
    if (one >= 0 || over_old)
        os_file_remove(dir, "new");
    os_net_close(one);
    errno = error;
    return said(one >= 0, why);
}

static bool is_free(void)
{
    char to[OS_LOCAL_PATH_BYTES];
    const char *why = "";

    snprintf(to, sizeof to, "%.90s/new", path);
    bool good = os_local_is_free(to, &why);
    return said(good, why);
}

static bool connects_to_path(void)
{
    struct os_local_name name;
    char to[OS_LOCAL_PATH_BYTES];
    const char *why;

    snprintf(to, sizeof to, "%.90s/new", path);
    faults_hold();
    int there = os_local_bind(to, &name, &why);
    os_net_listen_on(there, 8);
    faults_go_on();
    int one = os_local_connect_to(to), error = errno;
    faults_hold();
    os_local_remove(&name);
    os_net_close(one);
    os_net_close(there);
    errno = error;
    return one >= 0;
}

static bool trusts(void)
{
    int ends[2];

    faults_hold();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        give_up("no pair of sockets");
    faults_go_on();
    bool good = os_local_peer_is_trusted(ends[0]);
    os_net_close(ends[0]);
    os_net_close(ends[1]);
    return good;
}

static bool adopts(bool udp)
{
    const char *why = "";
    bool good = udp ? os_systemd_adopt_udp(bound, &why) : os_systemd_adopt(listener, &why);

    return said(good, why);
}

static bool reaches_supervisor(void)
{
    setenv("NOTIFY_SOCKET", supervisor_name, 1);
    int one = os_systemd_connect(), error = errno;
    bool good = one >= 0 && !getenv("NOTIFY_SOCKET");
    os_net_close(one);
    errno = error;
    return good;
}

static bool is_in_journal(void)
{
    struct stat st;
    char text[48];

    faults_hold();
    fstat(fd, &st);
    snprintf(text, sizeof text, "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", text, 1);
    faults_go_on();
    return os_systemd_is_journal(fd);
}

#define NEW_SOCKET "file:content new:/ file.new:- sub:/ sub/inner:inside "

ACT(listen, listens())
ACT(connect, connects(false))
ACT(connect_waiting, connects(true))
ACT(accept, accepts())
ACT(remote, tells_remote())
ACT(local, tells_local())
ACT(udp_bind, binds())
ACT(udp_adopt, os_udp_adopt(bound))
ACT(udp_share, shares(false))
ACT(udp_share_other, shares(true))
ACT(udp_session, opens_session())
ACT(udp_receive, receives(false))
ACT(udp_receive_pieces, receives(true))
ACT(udp_send_pieces, sends_pieces())
ACT(udp_connect, connects_udp())
ACT(local_listen, opened(os_local_listen(dir, "new")))
ACT(local_connect, connects_locally())
ACT(local_bind, binds_path(false))
ACT(local_bind_again, binds_path(true))
ACT(local_free, is_free())
ACT(local_connect_to, connects_to_path())
ACT(local_trusted, trusts())
ACT(systemd_adopt, adopts(false))
ACT(systemd_adopt_udp, adopts(true))
ACT(systemd_connect, reaches_supervisor())
ACT(systemd_journal, is_in_journal())

static const struct row rows[] = {
    {"os_net_listen", "setsockopt", BEFORE, do_listen},
    {"os_net_connect", "no delay", BEFORE, do_connect},
    {"os_net_connect, waiting", "no delay eventfd pthread_create", BEFORE, do_connect_waiting},
    {"os_net_accept", "no delay setsockopt", BEFORE, do_accept},
    {"os_net_remote", "", BEFORE, do_remote},
    {"os_net_local", "", BEFORE, do_local},
    {"os_udp_bind", "buffer", BEFORE, do_udp_bind},
    {"os_udp_adopt", "buffer", BEFORE, do_udp_adopt},
    {"os_udp_share", "fstat64", BEFORE, do_udp_share},
    {"os_udp_share, of another user", "fstat64 buffer getsockopt", BEFORE, do_udp_share_other},
    {"os_udp_session", "buffer getsockopt", BEFORE, do_udp_session},
    {"os_udp_receive", "", BEFORE, do_udp_receive},
    {"os_udp_receive_pieces", "", BEFORE, do_udp_receive_pieces},
    {"os_udp_send_pieces", "", BEFORE, do_udp_send_pieces},
    {"os_udp_connect", "buffer", BEFORE, do_udp_connect},
    {"os_local_listen", "unlinkat", NEW_SOCKET, do_local_listen},
    {"os_local_connect", "", BEFORE, do_local_connect},
    {"os_local_bind", "", BEFORE, do_local_bind},
    {"os_local_bind, over an old one", "", BEFORE, do_local_bind_again},
    {"os_local_is_free", "", BEFORE, do_local_free},
    {"os_local_connect_to", "", BEFORE, do_local_connect_to},
    {"os_local_peer_is_trusted", "", BEFORE, do_local_trusted},
    {"os_systemd_adopt", "", BEFORE, do_systemd_adopt},
    {"os_systemd_adopt_udp", "buffer getpeername", BEFORE, do_systemd_adopt_udp},
    {"os_systemd_connect", "", BEFORE, do_systemd_connect},
    {"os_systemd_is_journal", "", BEFORE, do_systemd_journal},
};

/* An answer that cannot be sent is lost, and no other one is. */
static void test_answer(void)
{
    char bytes[16];

    for (int nth = 1; nth <= (HAS_OTHER_NAMES ? 1 : 2); nth++) {
        faults_arm(nth, EIO);
        os_udp_answer(bound, &peer, SPAN("lost"));
        ok(faults.failed, "os_udp_answer: call %d fails", nth);
    }
    faults_disarm();
    os_udp_answer(bound, &peer, SPAN("content"));
    wait_for(client);
    is_int(os_udp_receive(client, bytes, sizeof bytes, NULL), 7,
           "os_udp_answer: the next one comes");
}

/* A system without IPv6, of which the first socket is. */
static void test_only_v4(void)
{
    struct address_place any, v6;
    struct os_udp_peer from;
    const char *why = NULL;
    char bytes[16];
    int one = -1, to = -1;

    address_parse_place(SPAN("127.0.0.1:0"), &any);
    address_parse_place(SPAN("[::1]:0"), &v6);
    faults_arm(1, EAFNOSUPPORT);
    is_int(os_udp_bind(&any, &one, 1, &why), 1, "os_udp_bind: an IPv4 address without IPv6");
    faults_arm(1, EAFNOSUPPORT);
    ok(os_udp_bind(&v6, &to, 1, &why) == -1 && errno == EAFNOSUPPORT,
       "os_udp_bind: no IPv6 address then");
    faults_arm(1, EAFNOSUPPORT);
    ok(os_net_listen(&v6, 8, &to, 1, &why) == -1 && errno == EAFNOSUPPORT,
       "os_net_listen: the same");
    is_str(why, os_error_text(EAFNOSUPPORT), "... and it says why");
    faults_disarm();
    put_port(&any, one);
    if (os_udp_connect(&any, &to, 1, NULL, &why) != 1)
        return ok(false, "a client: %s", why), (void)0;
    os_udp_send(to, SPAN("question"));
    wait_for(one);
    is_int(os_udp_receive(one, bytes, sizeof bytes, &from), 8, "os_udp_receive: by an IPv4 socket");
    os_udp_answer(one, &from, SPAN("answer"));
    wait_for(to);
    is_int(os_udp_receive(to, bytes, sizeof bytes, NULL), 6, "os_udp_answer: by an IPv4 socket");
    os_net_close(one);
    os_net_close(to);
}

/* A recv that cannot be limited must not wait; a connection for which neither works is closed. */
static void test_accept(void)
{
    for (int error = 0; error < 2; error++) {
        faults_arm(1, error ? ECONNABORTED : EINTR);
        ok(accepts() && faults.failed, "os_net_accept: takes the next one after %s",
           error ? "one that is gone" : "a signal");
    }
    int before = open_descriptors();
    faults_arm(2, EIO);
    faults.last = 3;
    ok((!accepts() && errno == EIO) || HAS_OTHER_NAMES,
       "os_net_accept: fails if its recv would wait");
    faults_disarm();
    is_int(open_descriptors(), before, "... and closes the connection");
}

int main(void)
{
    open_all();
    test_only_v4();
    test_accept();
    test_answer();
    each_test(rows, sizeof rows / sizeof *rows);
    close_all();
    return done_testing();
}
