/* SPDX-License-Identifier: ISC */
/*
 * session_fixture: whole sessions from memory. The clock stands still and passwords are not hashed
 * here, so the answers are the same to the byte each time, and quick: what the server asks of
 * os_clock and os_crypt is defined below, and the linker takes no other.
 */
#ifndef SESSION_FIXTURE_H
#define SESSION_FIXTURE_H

#include "os/clock.h"
#include "proto/frame.h"
#include "random.h"
#include "session/session.h"
#include "store_fixture.h"

#define WORLD_TIME 1512316293 /* Sun Dec  3 15:51:33 2017, in UTC and here in local time, too */

static int64_t world_ms = 1;

int64_t os_clock_ms(void)
{
    return world_ms;
}

void os_clock_sleep(int64_t ms)
{
    world_ms += ms;
}

int64_t os_clock_now(void)
{
    return WORLD_TIME;
}

int64_t os_clock_uptime(void)
{
    return 0;
}

void os_clock_local(int64_t seconds, struct tm *tm)
{
    os_clock_utc(seconds, tm);
}

void os_clock_utc(int64_t seconds, struct tm *tm)
{
    time_t t = seconds;

    gmtime_r(&t, tm);
}

int64_t os_clock_from_utc(const struct tm *tm)
{
    struct tm copy = *tm;

    return (int64_t)timegm(&copy);
}

/* What happens elsewhere while a password is being looked at; once. */
static void (*world_meanwhile)(void *ctx);
static void *world_meanwhile_ctx;

static void happen_meanwhile(void)
{
    void (*happens)(void *ctx) = world_meanwhile;

    world_meanwhile = NULL;
    if (happens)
        happens(world_meanwhile_ctx);
}

static unsigned world_hashed; /* how often a password was */
static bool world_no_memory;  /* to hash with */

bool os_crypt_hash(const char *password, char hash[OS_CRYPT_HASH_BYTES])
{
    world_hashed++;
    if (world_no_memory)
        return false;
    happen_meanwhile();
    return snprintf(hash, OS_CRYPT_HASH_BYTES, "%.250s", password) >= 0;
}

enum os_crypt_match os_crypt_verify(const char *password, const char *hash)
{
    world_hashed++;
    if (world_no_memory)
        return OS_CRYPT_FAILED;
    happen_meanwhile();
    return hash && strcmp(password, hash) == 0 ? OS_CRYPT_RIGHT : OS_CRYPT_WRONG;
}

void os_crypt_wipe(void *secret, size_t size)
{
    if (size > 0)
        memset(secret, 0, size);
}

/* What a session ran on, and what became of it. */
struct world {
    struct fixture fixture;
    struct service service;
    const struct conversation *talk; /* what is spoken */
    struct gate gate;
    struct counters counters;
    struct budget budget;
    struct watch watch;
    struct leaving leaving;

    struct io io;
    struct span input;
    size_t split; /* so many bytes come first, the rest later; 0: all that there is room for */
    bool scatter; /* pieces of random size */
    enum io_result end; /* what a read says when the input is at its end */
    uint64_t room;      /* so many bytes can be written, then the connection breaks */
    uint64_t rate;      /* so many a second, 0: at once */
    struct buf output;

    struct session_host host;
    const char *reason; /* to end, once a read was interrupted */
    bool interrupted, interrupt_writes;
    bool (*meanwhile)(struct world *w); /* at the end of the input; true: it woke the session */
    int woken;                          /* how often the session was */
    bool watching;                      /* it expects to be */
    const char *address;                /* of the client */
    int64_t paused_ms;                  /* in this session */
    bool rivals; /* in each pause this guess takes the turn that is waited for */
    struct guess rival;
    bool end_in_pause;
    int users;       /* logins less logouts: to be 0 at the end */
    char ended[64];  /* whose other sessions were ended */
    struct buf told; /* what the log would have of this session */
};

#define WORLD_OF(member_pointer, member) \
    ((struct world *)(void *)((char *)(member_pointer)-offsetof(struct world, member)))

static inline enum io_result world_read(struct io *io, void *bytes, size_t size, int64_t deadline,
                                        size_t *n)
{
    struct world *w = WORLD_OF(io, io);
    size_t want = size;

    if (w->input.n == 0 && w->meanwhile && w->meanwhile(w))
        return IO_INTERRUPT;
    if (w->input.n == 0) {
        if (w->end == IO_TIMEOUT)
            world_ms = deadline;
        if (w->interrupted && !w->reason)
            return IO_CLOSED; /* the session was woken for nothing, and went on */
        w->interrupted = w->end == IO_INTERRUPT;
        return w->end;
    }
    if (w->split > 0)
        want = w->split;
    else if (w->scatter)
        want = 1 + random_below(random_below(4) ? 20 : 5000);
    struct span piece = span_first(w->input, want < size ? want : size);
    memcpy(bytes, piece.p, piece.n);
    w->input = span_skip(w->input, piece.n);
    w->split = w->split > piece.n ? w->split - piece.n : 0;
    *n = piece.n;
    return IO_OK;
}

static inline enum io_result world_write(struct io *io, const void *bytes, size_t size,
                                         int64_t deadline)
{
    struct world *w = WORLD_OF(io, io);

    if (size > w->room) {
        w->room = 0;
        return IO_CLOSED;
    }
    if (w->rate > 0) {
        int64_t done_ms = world_ms + (int64_t)(size * 1000 / w->rate);

        world_ms = done_ms < deadline ? done_ms : deadline;
        if (done_ms > deadline)
            return IO_TIMEOUT;
    }
    w->room -= size;
    w->interrupted = w->interrupt_writes;
    buf_add(&w->output, span_of(bytes, size));
    return IO_OK;
}

static inline const char *world_end_reason(struct session_host *host)
{
    const struct world *w = WORLD_OF(host, host);

    return w->interrupted ? w->reason : NULL;
}

static inline const char *world_address(struct session_host *host)
{
    return WORLD_OF(host, host)->address;
}

static inline void world_heard(struct session_host *host, int64_t ms)
{
    (void)host, (void)ms;
}

static inline void world_pause(struct session_host *host, int64_t ms)
{
    struct world *w = WORLD_OF(host, host);

    w->paused_ms += ms;
    world_ms += ms;
    w->interrupted = w->end_in_pause;
    w->rival.since_ms = 0;
    if (w->rivals)
        login_throttle_ask(w->service.login_throttle, (struct login_throttle_rule){200, 10000},
                           &w->rival, world_ms);
}

/*
 * From now on, sessions from the address "peer" wait for a turn to log in, as others guess
 * passwords there and are faster.
 */
static inline void world_guessed(struct world *w)
{
    const struct login_throttle_rule rule = {200, 10000};
    const struct span peer = SPAN("peer");

    for (int i = 0; i < 20; i++) {
        char password[12];
        struct guess g;

        snprintf(password, sizeof password, "%d", i);
        g = login_throttle_make(w->service.login_throttle, peer, SPAN("ann"), span_str(password),
                                world_ms);
        login_throttle_wrong(w->service.login_throttle, rule, &g, world_ms);
    }
    w->address = "peer";
    w->rival =
        login_throttle_make(w->service.login_throttle, peer, SPAN("bob"), SPAN("x"), world_ms);
    w->rivals = true;
}

static inline void world_wake(struct session_host *host)
{
    WORLD_OF(host, host)->woken++;
}

static inline void world_set_watching(struct session_host *host, bool watching)
{
    WORLD_OF(host, host)->watching = watching;
}

static inline void world_set_user(struct session_host *host, const struct who *who)
{
    WORLD_OF(host, host)->users = who != NULL;
}

static inline void world_end_others(struct session_host *host, const struct who *who,
                                    const char *reason)
{
    (void)reason;
    snprintf(WORLD_OF(host, host)->ended, sizeof(((struct world *)0)->ended), "%s", who->name);
}

static inline void world_tell(struct session_host *host, struct event *e)
{
    char line[1024];
    struct buf *told = &WORLD_OF(host, host)->told;

    buf_add(told, span_of(line, event_write(e, line, sizeof line)));
    buf_add_char(told, '\n');
}

/* message_bytes: the largest message; memory_bytes: for all long frames. */
static inline void world_begin(struct world *w, uint64_t message_bytes, size_t memory_bytes)
{
    static const unsigned char key[SIPHASH_KEY_BYTES] = "0123456789abcde";

    *w = (struct world){.io = {world_read, world_write}, .address = "192.0.2.7"};
    fixture_begin_in(&w->fixture, "/dev/shm"); /* thousands of sessions: no disk */
    gate_init(&w->gate, 2);
    budget_init(&w->budget, memory_bytes);
    watch_init(&w->watch, key);
    w->service = (struct service){.store = fixture_open(&w->fixture, true),
                                  .limits = {1800000, 30000, 60000, 10000, message_bytes,
                                             .login_delay_ms = 200, .login_delay_max_ms = 10000,
                                             .v6_bits = 64},
                                  .hashing = &w->gate,
                                  .memory = &w->budget,
                                  .login_throttle = login_throttle_new(key),
                                  .send_rate = send_rate_new(key),
                                  .counters = &w->counters,
                                  .watch = &w->watch,
                                  .leaving = &w->leaving};
    w->host = (struct session_host){world_end_reason,
                                    world_address,
                                    world_heard,
                                    world_pause,
                                    world_wake,
                                    world_set_watching,
                                    world_set_user,
                                    world_end_others,
                                    world_tell,
                                    false,
                                    false};
    w->talk = &session_conversation;
    w->end = IO_CLOSED;
    w->room = UINT64_MAX;
    buf_init(&w->output, SIZE_MAX / 2);
    buf_init(&w->told, SIZE_MAX / 2);
}

static inline void world_end(struct world *w)
{
    store_close(w->service.store);
    watch_destroy(&w->watch);
    login_throttle_free(w->service.login_throttle);
    send_rate_free(w->service.send_rate);
    gate_destroy(&w->gate);
    budget_destroy(&w->budget);
    buf_free(&w->output);
    buf_free(&w->told);
    fixture_end(&w->fixture);
}

/* Runs one session. What it wrote, as a string too; valid until the next. */
static inline const char *world_run(struct world *w, struct span input)
{
    size_t memory = budget_used(&w->budget);

    buf_clear(&w->output);
    buf_clear(&w->told);
    w->input = input;
    w->interrupted = false;
    w->paused_ms = 0;
    w->talk->run(&w->service, &w->io, &w->host);
    if (w->users != 0 || budget_used(&w->budget) != memory)
        ok(false, "a session gives back what it had");
    if (buf_reserve(&w->output, 1))
        w->output.p[w->output.n] = '\0';
    return w->output.p;
}

/* Runs a session on what is said: how many lines of the answers begin so. */
static inline int world_count(struct world *w, const char *said, const char *start)
{
    const char *got = world_run(w, span_str(said));
    int n = 0;

    for (; got; got = strchr(got, '\n'), got += got ? 1 : 0)
        n += strncmp(got, start, strlen(start)) == 0;
    return n;
}

/* Whether what was written is nothing but whole frames, in the form that what was said has fixed.
 */
static inline bool world_well_formed(const struct world *w, struct span said)
{
    struct span out = buf_span(&w->output), line;
    enum form form = frame_form(said) == FORM_LINE ? FORM_LINE : FORM_LENGTH;

    while (out.n > 0) {
        struct frame_scan scan = {.skipped = 0};
        struct span payload, op;
        uint64_t nargs;
        if (frame_scan(out, form, SIZE_MAX, &scan) != FRAME_DONE || scan.skipped > 0)
            return false;
        payload = scan.payload;
        if (span_starts(payload, SPAN("<")))
            payload = span_of(payload.p + 1, payload.n - 2);
        if (!frame_head(&payload, &op, &nargs))
            return false;
        out = span_skip(out, scan.total);
        size_t args = span_count(payload, '|');
        bool help = form == FORM_LINE && args == 1; /* a line for each argument */
        for (; help && args < nargs; args++)
            if (!span_cut(&out, '\n', &line) || span_count(line, '|') != 1)
                return false;
        if (args != nargs || !(span_eq(op, SPAN("Answer")) || span_eq(op, SPAN("Exit"))))
            return false;
    }
    return true;
}

#endif
