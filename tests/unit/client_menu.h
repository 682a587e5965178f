/* SPDX-License-Identifier: ISC */
/*
 * client_menu: the client's menu in this process. Its server is in memory: rows say what is asked
 * and what the answer is. What the user types is a file, and what the menu shows is kept. For a
 * test that is linked with --wrap for os_net_connect, socket_io_init, os_clock_sleep, os_clock_ms
 * and os_tty_wait.
 */
#ifndef CLIENT_MENU_TEST_H
#define CLIENT_MENU_TEST_H

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client/menu.h"
#include "os/file.h"
#include "os/net.h"
#include "tap.h"
#include "transport/socket_io.h"

#define SAYS_MAX  16
#define CONNECTED "connect" /* the request that stands for a connection */

/* Answers: payloads of frames with \f between them, or one of these. */
#define HANGS_UP NULL
#define SILENT   ""

#define YES       "Answer|1|Yes|"
#define NOOP(why) "Answer|2|Noop|" why "|"
#define UNKNOWN   NOOP("unknown command")

/* What the request begins with, and the answer. A row counts once, before those that always do. */
struct says {
    const char *request, *answer;
};

/* Of a server that has what the menu wants. Each letter has the body "hi". */
static const struct says always[] = {
    {"Start", "Answer|2|Yes|2|"},
    {"Peek mes|1|1|", "Answer|2|Yes|1^bob^2017-12-03T12:51:33Z^2^2^hi^|"},
    {"Peek", NOOP("no such message")},
    {"Show list", "Answer|3|Yes|1^bob^2017-12-03T12:51:33Z^2^2^hi^|"
                  "2^bob^2017-12-03T12:51:33Z^2^0^hi^|"},
    {"Status", "Answer|6|Yes|2|1|4|0|0|"},
    {"", YES},
};

static struct {
    struct says says[SAYS_MAX];
    bool used[SAYS_MAX];
    bool old; /* knows the report's operations only, in version 1 */
    bool hung_up;
    struct buf asked; /* the payloads of all requests, a line each */
    struct buf sent;  /* what the client has to read */
} peer;

static const char *answer_to(struct span request)
{
    for (size_t i = 0; i < SAYS_MAX && peer.says[i].request; i++)
        if (!peer.used[i] && span_starts(request, span_str(peer.says[i].request))) {
            peer.used[i] = true;
            return peer.says[i].answer;
        }
    if (peer.old && span_starts(request, SPAN("Start")))
        return YES;
    size_t i = 0;
    while (!span_starts(request, span_str(always[i].request)))
        i++;
    return always[i].answer;
}

static void peer_say(const char *answer)
{
    struct span rest, payload;
    peer.hung_up = !answer;
    if (!answer || !*answer)
        return;
    for (rest = span_str(answer); rest.n > 0;) {
        if (!span_cut(&rest, '\f', &payload)) {
            payload = rest;
            rest.n = 0;
        }
        buf_printf(&peer.sent, "%010zu%.*s", payload.n, SPAN_PRINTF(payload));
    }
}

/* The client writes each request at once. */
static enum io_result peer_write(struct io *io, const void *bytes, size_t size, int64_t deadline_ms)
{
    struct span request = span_skip(span_of(bytes, size), 10);
    (void)io, (void)deadline_ms;
    if (peer.hung_up)
        return IO_CLOSED;
    buf_add(&peer.asked, request);
    buf_add_char(&peer.asked, '\n');
    peer_say(answer_to(request));
    return IO_OK;
}

static enum io_result peer_read(struct io *io, void *bytes, size_t size, int64_t deadline_ms,
                                size_t *n)
{
    (void)io, (void)deadline_ms;
    if (peer.sent.n == 0)
        return peer.hung_up ? IO_CLOSED : IO_TIMEOUT;
    *n = peer.sent.n < size ? peer.sent.n : size;
    memcpy(bytes, peer.sent.p, *n);
    buf_consume(&peer.sent, *n);
    return IO_OK;
}

/* The linker sends all calls of these functions here. */
int here_os_net_connect(const struct address_place *place, int64_t deadline_ms,
                        const struct os_net_waiting *waiting,
                        const char **why) __asm__("__wrap_os_net_connect");
void here_socket_io_init(struct socket_io *s, int fd) __asm__("__wrap_socket_io_init");

int here_os_net_connect(const struct address_place *place, int64_t deadline_ms,
                        const struct os_net_waiting *waiting, const char **why)
{
    (void)place, (void)deadline_ms, (void)waiting;
    buf_clear(&peer.sent);
    peer.hung_up = !answer_to(SPAN(CONNECTED));
    if (!peer.hung_up)
        return eventfd(0, EFD_CLOEXEC);
    *why = "connection refused";
    return -1;
}

void here_socket_io_init(struct socket_io *s, int fd)
{
    *s = (struct socket_io){.io = {peer_read, peer_write}, .fd = fd, .hurry_ms = IO_FOREVER};
}

/* What happens while the user is asked something, before there is an answer. */
static struct later {
    int asked;        /* how many questions come before */
    const char *says; /* what the server says then, or NULL */
    bool hangs_up;    /* the server hangs up */
    bool unnoticed;   /* an answer is there, and nobody looks */
    int64_t ms;       /* how much time passes */
} later;

/* Nobody waits. A test in which calls fail has functions of its own for this (store_faults.h). */
#ifndef STORE_FAULTS_H
void here_os_clock_sleep(int64_t ms) __asm__("__wrap_os_clock_sleep");
int64_t real_os_clock_ms(void) __asm__("__real_os_clock_ms");
int64_t here_os_clock_ms(void) __asm__("__wrap_os_clock_ms");
bool here_os_tty_wait(int fd, int64_t until_ms) __asm__("__wrap_os_tty_wait");

static int64_t passed_ms;

void here_os_clock_sleep(int64_t ms)
{
    (void)ms;
}

int64_t here_os_clock_ms(void)
{
    return real_os_clock_ms() + passed_ms;
}

bool here_os_tty_wait(int fd, int64_t until_ms)
{
    (void)fd, (void)until_ms;
    if (later.asked-- != 0)
        return true;
    if (later.says)
        peer_say(later.says);
    peer.hung_up = peer.hung_up || later.hangs_up;
    passed_ms += later.ms;
    return later.unnoticed;
}
#endif

/* What menu_play() has shown, with standard error. */
static char shown[1 << 17];

static int put_file(int fd, int file)
{
    int before = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    dup2(file, fd);
    return before;
}

static void put_back(int fd, int before)
{
    dup2(before, fd);
    close(before);
}

/* Runs the menu until what the user has typed ends; out: where standard output goes. */
static enum error_code menu_play(const struct options *o, const char *typed, int out)
{
    const struct call_way way = {.idle_ms = 10};
    size_t size = strlen(typed);
    int in = memfd_create("typed", MFD_CLOEXEC);
    fflush(stdout);
    if (write(in, typed, size) != (ssize_t)size || lseek(in, 0, SEEK_SET) != 0)
        abort();
    int before[] = {put_file(0, in), put_file(1, out), put_file(2, out)};
    enum error_code code = menu_run(o, &way);
    fflush(stdout);
    for (int fd = 0; fd < 3; fd++)
        put_back(fd, before[fd]);
    close(in);
    return code;
}

/* --- plays: what is typed, what the server says, and what must come of it --- */

#define PARTS_MAX 5

struct play {
    const char *name, *typed;
    struct says says[SAYS_MAX];
    const char *shows[PARTS_MAX]; /* parts of what is shown, in this order */
    const char *asks;             /* a part of what the server is asked, or NULL */
    const char *user;             /* of the settings */
    const char *never;            /* what is not shown, or NULL */
    bool old;                     /* the server knows the report's operations only */
    bool full;                    /* standard output cannot be written */
    struct later later;
    void (*first)(void); /* before the menu begins */
};

static char play_root[] = "/dev/shm/pochta-menu.XXXXXX";

/* The environment is as it is at the beginning. */
static void play_set_state(void)
{
    char path[100];
    snprintf(path, sizeof path, "%s/state", play_root);
    setenv("XDG_STATE_HOME", path, 1);
    setenv("HOME", play_root, 1);
    unsetenv("POCHTA_PASSWORD");
}

static void play_end(void)
{
    os_file_remove_tree(OS_FILE_CWD, play_root);
    buf_free(&peer.asked);
    buf_free(&peer.sent);
}

static void play_init(void)
{
    char path[100];
    buf_init(&peer.asked, SIZE_MAX / 2);
    buf_init(&peer.sent, SIZE_MAX / 2);
    if (!mkdtemp(play_root) || !buf_reserve(&peer.asked, 1 << 16) ||
        !buf_reserve(&peer.sent, 1 << 16))
        abort();
    play_set_state();
    snprintf(path, sizeof path, "%s/data", play_root);
    setenv("XDG_DATA_HOME", path, 1);
    atexit(play_end); /* also when a test stops at its first failure */
}

static void play_begin(const struct play *p, struct options *o)
{
    os_file_remove_tree(OS_FILE_CWD, play_root);
    os_file_make_dir(OS_FILE_CWD, play_root);
    play_set_state();
    buf_clear(&peer.asked);
    memset(peer.used, 0, sizeof peer.used);
    memcpy(peer.says, p->says, sizeof peer.says);
    peer.old = p->old;
    later = p->later;
    if (p->first)
        p->first();
    *o = (struct options){.nwords = 0};
    settings_init(&o->set);
    o->set.origin[SETTINGS_server].source = SETTINGS_OPTION;
    o->set.user = p->user;
}

/* Whether a text has all parts, one after the other. */
static bool has_parts(const char *text, const char *const parts[PARTS_MAX])
{
    for (size_t i = 0; i < PARTS_MAX && parts[i]; i++) {
        const char *at = strstr(text, parts[i]);
        if (!at) {
            diag("not shown: %s", parts[i]);
            return false;
        }
        text = at + strlen(parts[i]);
    }
    return true;
}

static bool was_asked(const char *part)
{
    buf_add_char(&peer.asked, '\0');
    bool was = !part || strstr(peer.asked.p, part);
    if (!was)
        diag("not asked: %s", part);
    return was;
}

/* What is shown is written to a file, so that a pager or a terminal plays no part. */
static inline void play(const struct play *p)
{
    struct options o;
    int out = p->full ? open("/dev/full", O_RDWR | O_CLOEXEC) : memfd_create("shown", MFD_CLOEXEC);
    play_begin(p, &o);
    bool ran = menu_play(&o, p->typed, out) == ERROR_NONE;
    ssize_t n = p->full ? 0 : pread(out, shown, sizeof shown - 1, 0);
    shown[n > 0 ? n : 0] = '\0';
    close(out);
    settings_free(&o.set);
    bool well = ran && has_parts(shown, p->shows) && was_asked(p->asks) &&
                !(p->never && strstr(shown, p->never));
    if (!well)
        diag("shown: %s\nasked: %s", shown, peer.asked.p);
    ok(well, "%s", p->name);
}

static inline void play_all(const struct play *plays, size_t n)
{
    for (size_t i = 0; i < n; i++)
        play(&plays[i]);
}

#define PLAY_ALL(plays) play_all(plays, sizeof(plays) / sizeof *(plays))

#endif
