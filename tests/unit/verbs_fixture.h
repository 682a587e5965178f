/* SPDX-License-Identifier: ISC */
/*
 * verbs_fixture: a command of pochta, in a process of its own, and a server that says what the test
 * wants. A call of the command may fail, as in store_faults.h.
 */
#ifndef VERBS_FIXTURE_H
#define VERBS_FIXTURE_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/draft_edit.h"
#include "client/output.h"
#include "client/sent.h"
#include "client/verbs.h"
#include "os/edit.h"
#include "os/net.h"
#include "os/wait.h"
#include "store_faults.h"
#include "tap.h"

#define WORDS_MAX  12
#define SAYS_MAX   16
#define PATIENT_MS 20000 /* only a defect makes a test wait so long */

#define YES     "Answer|1|Yes|"
#define YES_2   "Answer|2|Yes|2|"
#define LOGIN   YES_2, YES /* how a session begins, */
#define LOGIN_1 YES, YES   /* and with a server that knows only the report */
#define HANG_UP ""         /* the server ends the connection, and waits for the next one */
#define SILENCE "raw:"     /* no answer to this request */

/* A command, and what the server says: the payload of a frame for each request. */
struct play {
    const char *words[WORDS_MAX]; /* of the command line, after the server and the user */
    /* "raw:...": these bytes. A form feed stands between frames. After the last it hangs up. */
    const char *says[SAYS_MAX];
    const char *input;  /* what comes through a pipe; NULL: nothing */
    bool typed;         /* it comes from a terminal */
    const char *output; /* a file that takes standard output; NULL: struct played */
    int64_t idle_ms;    /* how long a server may be silent; 0: a minute */
    int nth, error;     /* which of the calls fails, and with what; 0: none */
    bool ever;          /* and all calls after it */
};

/* What came of it. */
struct played {
    int code;    /* the exit code; 1000 and the signal if one ended it */
    int calls;   /* how many there were that can fail, if one was to */
    bool leaked; /* memory was not given back */
    /* NUL-terminated. The server is called SERVER, and the working directory DIR. */
    struct buf out;   /* standard output, */
    struct buf err;   /* and error */
    struct buf asked; /* the requests, in lines; NUL-terminated */
};

/* --- calls that only the client makes --- */

/* The time stands still: Sun Dec  3 12:51:33 2017, in UTC. */
REPLACED(int64_t, os_clock_now, (void))
{
    return 1512305493;
}

/* Put forward by those who sleep, as os_clock_ms is. */
REPLACED(int64_t, os_clock_us, (void))
{
    return real_os_clock_us() + 1000 * atomic_load(&faults_slept_ms);
}

FAILING(int, os_file_open_path, -1, path, (const char *path), (path))
FAILING(bool, os_file_load_path, false, path, (const char *path, struct buf *into), (path, into))
FAILING(bool, os_file_load_standard, false, NULL, (struct buf * into), (into))
FAILING(bool, os_file_resolve, false, path, (const char *path, char target[OS_FILE_PATH_BYTES]),
        (path, target))
FAILING(int, os_edit_open, -1, path, (const char *path), (path))
FAILING(bool, os_edit_date, false, NULL, (int fd, int64_t seconds), (fd, seconds))
FAILING(bool, os_edit_cut, false, NULL, (int fd, uint64_t bytes), (fd, bytes))

/* --- the command --- */

/* Does the same as main() of the program. */
static inline enum error_code play_main(const struct play *p, const char *server)
{
    const char *argv[WORDS_MAX + 5] = {"pochta", "--server", server, "--user=ann"};
    const char *bad, *why;
    struct options o;
    int argc = 4;
    for (size_t i = 0; i < WORDS_MAX && p->words[i]; i++)
        argv[argc++] = p->words[i];
    os_wake_setup();
    if (!options_parse(&o, argc, (char *const *)(const void *)argv, &bad, &why))
        return error_say(ERROR_USAGE, "%s: %s", bad, why);
    enum error_code code = settings_read(&o.set, o.setting);
    const struct call_way way = {.proxy = o.set.proxy_command,
                                 .idle_ms = p->idle_ms > 0 ? p->idle_ms : 60000};
    sent_set_place(o.set.sent);
    draft_edit_set(o.set.editor);
    if (code == ERROR_NONE)
        code = verbs_execute(&o, &way);
    settings_free(&o.set);
    return code;
}

/* --- the server --- */

static inline bool play_read(int fd, char *bytes, size_t n)
{
    for (ssize_t got; n > 0; bytes += got, n -= (size_t)got)
        if ((got = read(fd, bytes, n)) <= 0)
            return false;
    return true;
}

/* Reads a request and notes it. False: the client has hung up. */
static inline bool play_hear(int fd, struct buf *asked)
{
    char digits[11] = "";
    if (!play_read(fd, digits, 10))
        return false;
    size_t n = (size_t)strtoul(digits, NULL, 10);
    char *room = buf_space(asked, n);
    if (!room || !play_read(fd, room, n))
        return false;
    buf_added(asked, n);
    return buf_add_char(asked, '\n');
}

static inline void play_say(int fd, const char *says)
{
    struct buf all;
    buf_init(&all, SIZE_MAX / 2);
    if (strncmp(says, "raw:", 4) == 0)
        buf_add_str(&all, says + 4);
    else
        for (size_t n; n = strcspn(says, "\f"), n > 0; says += n + (says[n] == '\f'))
            buf_printf(&all, "%010zu%.*s", n, (int)n, says);
    for (ssize_t n; all.n > 0; buf_consume(&all, (size_t)n))
        if ((n = send(fd, all.p, all.n, MSG_NOSIGNAL)) <= 0)
            break;
    buf_free(&all);
}

/* Waits for the next connection. -1: the client has ended. */
static inline int play_accept(int listener, int alive)
{
    struct pollfd p[2] = {{.fd = listener, .events = POLLIN}, {.fd = alive}};
    if (poll(p, 2, PATIENT_MS) < 1 || !(p[0].revents & POLLIN))
        return -1;
    /* cppcheck-suppress nullPointer ; who called does not matter */
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

/* alive: a pipe that only the client has open for writing. Closes the listener. */
static inline void play_serve(const struct play *p, int listener, int alive, struct buf *asked)
{
    int fd = -1;
    for (size_t i = 0; i < SAYS_MAX && p->says[i]; i++) {
        if (*p->says[i] == '\0') {
            os_net_close(fd);
            fd = -1;
        } else if ((fd < 0 && (fd = play_accept(listener, alive)) < 0) || !play_hear(fd, asked)) {
            break;
        } else {
            if (i + 1 == SAYS_MAX || !p->says[i + 1]) { /* who calls again is refused */
                os_net_close(listener);
                listener = -1;
            }
            play_say(fd, p->says[i]);
        }
    }
    os_net_close(listener);
    if (fd >= 0 && p->idle_ms > 0) /* until the client is tired of it */
        poll(&(struct pollfd){.fd = alive}, 1, PATIENT_MS);
    os_net_close(fd);
}

/* --- the process --- */

/* Ends it, after telling about itself through alive. */
static inline void play_command(const struct play *p, const char *server, int alive)
{
    int blocks = atomic_load(&faults.blocks);
    if (p->nth > 0)
        faults_arm(p->nth, p->error, p->ever);
    int code = (int)play_main(p, server);
    atomic_store(&faults.armed, false);
    const int told[2] = {atomic_load(&faults.calls), atomic_load(&faults.blocks) != blocks};
    if (write(alive, told, sizeof told) != sizeof told)
        code = 255;
    exit(code);
}

/* Opens both ends of standard input, and writes it. */
static inline bool play_input(const struct play *p, int ends[2])
{
    const char *text = p->input ? p->input : "";
    if (!p->typed && pipe2(ends, O_CLOEXEC) != 0)
        return false;
    if (p->typed) {
        ends[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (ends[1] < 0 || grantpt(ends[1]) != 0 || unlockpt(ends[1]) != 0)
            return false;
        ends[0] = open(ptsname(ends[1]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    return write(ends[1], text, strlen(text)) == (ssize_t)strlen(text);
}

static char play_dir[] = "/tmp/pochta-verbs.XXXXXX"; /* the working directory */

static inline void play_rename(struct buf *text, const char *name, const char *as)
{
    for (size_t at = 0, n = strlen(name); at + n <= text->n; at++)
        if (memcmp(text->p + at, name, n) == 0) {
            buf_erase(text, at, n);
            buf_insert(text, at, span_str(as));
        }
}

/* Appends what a file holds, and a NUL. */
static inline void play_take(struct buf *into, int fd, const char *server)
{
    size_t size = (size_t)lseek(fd, 0, SEEK_END);
    char *room = buf_space(into, size);
    lseek(fd, 0, SEEK_SET);
    if (room && play_read(fd, room, size))
        buf_added(into, size);
    close(fd);
    play_rename(into, server, "SERVER");
    play_rename(into, play_dir, "DIR");
    buf_add_char(into, '\0');
}

/* Sets all of *d, which is freed by played_free. */
static inline void play(const struct play *p, struct played *d)
{
    char address[OS_NET_ADDRESS_BYTES], server[OS_NET_ADDRESS_BYTES + 8];
    struct address_place place;
    const char *why = "nothing";
    unsigned port = 0;
    int listener = -1, alive[2] = {-1, -1}, input[2] = {-1, -1}, status = 0;
    int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
    buf_init(&d->out, SIZE_MAX / 2);
    buf_init(&d->err, SIZE_MAX / 2);
    buf_init(&d->asked, SIZE_MAX / 2);
    address_parse_place(SPAN("127.0.0.1:0"), &place);
    if (os_net_listen(&place, 8, &listener, 1, &why) != 1 ||
        !os_net_local(listener, address, &port) || pipe2(alive, O_CLOEXEC) != 0 ||
        !play_input(p, input) || fcntl(listener, F_SETFL, 0) != 0)
        diag("the test has no server: %s, %s", why, strerror(errno));
    snprintf(server, sizeof server, "%s:%u", address, port);
    if (!p->typed) {
        close(input[1]);
        input[1] = -1;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENT_MS / 1000);
        if (p->output)
            out = open(p->output, O_WRONLY | O_CLOEXEC);
        dup2(input[0], 0);
        dup2(out, 1);
        dup2(err, 2);
        setvbuf(stdout, NULL, _IOFBF, BUFSIZ); /* tests/crash/controls has it in lines */
        os_net_close(listener);
        close(alive[0]);
        play_command(p, server, alive[1]);
    }
    close(alive[1]);
    close(input[0]);
    play_serve(p, listener, alive[0], &d->asked);
    waitpid(child, &status, 0);
    os_net_close(input[1]);
    int told[2] = {0, 0};
    d->leaked = !play_read(alive[0], (char *)told, sizeof told) || told[1];
    d->calls = told[0];
    close(alive[0]);
    d->code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    play_take(&d->out, out, server);
    play_take(&d->err, err, server);
    buf_add_char(&d->asked, '\0');
}

static inline void played_free(struct played *d)
{
    buf_free(&d->out);
    buf_free(&d->err);
    buf_free(&d->asked);
}

/* --- the place --- */

/* Makes the working directory, for all that the commands leave. */
static inline bool play_begin(void)
{
    static const char *const unset[] = {"POCHTA_SERVER", "POCHTA_USER",     "XDG_STATE_HOME",
                                        "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LC_ALL",
                                        "LANG"};
    for (size_t i = 0; i < sizeof unset / sizeof *unset; i++)
        unsetenv(unset[i]);
    if (mkdtemp(play_dir) && chdir(play_dir) == 0 && setenv("HOME", play_dir, 1) == 0 &&
        setenv("POCHTA_PASSWORD", "pw", 1) == 0 && setenv("TZ", "UTC", 1) == 0)
        return true;
    diag("no directory: %s", strerror(errno));
    return false;
}

static inline void play_end(void)
{
    int top = os_file_open_dir("/tmp");
    if (!os_file_remove_tree(top, play_dir + sizeof "/tmp/" - 1))
        diag("%s stays: %s", play_dir, strerror(errno));
    os_file_close(top);
}
static inline void play_put(const char *name, const char *text)
{
    if (!os_file_make(OS_FILE_CWD, name, span_str(text)))
        diag("cannot write %s: %s", name, strerror(errno));
}

/* --- many of them --- */

#define DATE                         "2017-12-03T12:51:33Z"
#define MAIL(id, state, bytes, body) #id "^bob^" DATE "^" #bytes "^" #state "^" body "^|"
#define ONE(mail)                    "Answer|2|Yes|" mail
#define TWO(mails)                   "Answer|3|Yes|" mails
#define NOOP(why)                    "Answer|2|Noop|" why "|"
#define HALF                         "raw:0000000100Answer|2|Yes|1^bob^"
#define EXIT                         "Exit|1|the server stops|"

#define FIRST  MAIL(1, 0, 5, "hello") /* was read, */
#define SECOND MAIL(2, 2, 5, "world") /* was not */

#define HELLO(id) MAIL(id, 0, 25, "MIME-Version: 1.0\n\nhello\n")
#define THIRD     MAIL(3, 2, 5, "again")
#define NEWS      "\fMail|1|" SECOND                    /* is announced after an answer */
#define AWAY      YES_2, NOOP("wrong name or password") /* nobody can log in any more */

/* Two files, the second one damaged, and an image in a message that has no text. */
#define FILES                                                                             \
    MAIL(1, 0, 243,                                                                       \
         "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"               \
         "--b\nContent-Disposition: attachment; filename=one\n\n1\n"                      \
         "--b\nContent-Transfer-Encoding: base64\nContent-Type: image/png\n\n####\n--b\n" \
         "Content-Disposition: attachment; filename=three\n\n3\n--b--\n")

/* clang-format off */
#define L(...) {__VA_ARGS__}
#define PLAY(words_, says_, ...) {.words = words_, .says = says_, __VA_ARGS__}
/* clang-format on */

/* What a row is about, a command, and what must come of it. */
struct play_row {
    const char *what;
    struct play play;
    int code;
    const char *out; /* NULL: has times in it */
    const char *err;
};

static inline void play_rows(const struct play_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct play_row *r = &rows[i];
        struct played d;
        play(&r->play, &d);
        is_int(d.code, r->code, "%s: the exit code", r->what);
        if (r->out)
            is_str(d.out.p, r->out, "%s: standard output", r->what);
        is_str(d.err.p, r->err, "%s: standard error", r->what);
        if (d.leaked)
            ok(false, "%s: nothing leaks", r->what);
        played_free(&d);
    }
}

#endif
