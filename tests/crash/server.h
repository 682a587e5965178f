/* SPDX-License-Identifier: ISC */
/*
 * server: the pochtad of a campaign, started and ended, over and over. For the main thread, but for
 * where.
 */
#ifndef SERVER_H
#define SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

/* How a client speaks with it. */
enum server_way { WAY_FRAMES, WAY_SUBMISSION, WAY_LMTP, WAY_POP3, SERVER_WAYS };

#define SERVER_DOMAIN "ship.example"

struct server {
    const char *program, *store; /* pochtad, and its directory */
    const char *options;         /* more options of pochtad, set off by blanks; or NULL */
    bool udp;                    /* clients of frames come over UDP */
    bool doors;                  /* it serves the other ways, too */
    char port_file[256], log[256];
    pid_t pid;           /* 0: none runs */
    unsigned starts;     /* how many have started */
    atomic_ullong where; /* for clients: the port, and above 16 bits how many have started */
    atomic_uint doors_at[SERVER_WAYS]; /* the ports of the other ways */
};

/* scratch: a directory for the port file and the log. */
void server_init(struct server *s, const char *program, const char *store, const char *scratch);

/* Starts it and waits until it listens. False, said why: it does not. At most 14 words of options.
 */
bool server_start(struct server *s);

/* Starts it, waits so long and not until it listens, and ends it with SIGKILL. */
bool server_start_and_kill(struct server *s, long us);

/* Where it listens. */
unsigned server_port(const struct server *s);

/* Ends it with SIGKILL. */
void server_kill(struct server *s);

/* Whether it has ended by itself or by somebody else's hand; then it counts as not running. */
bool server_is_dead(struct server *s);

/* Ends it with SIGTERM. False: it did not end with exit code 0. */
bool server_stop(struct server *s);

#define SERVER_WORDS 40

/* Runs a command of less than SERVER_WORDS words beside it, output to the log. Its id, or -1. */
pid_t server_run_beside(struct server *s, const char *const *words);

/*
 * Waits for a process of ours, which is killed if it takes too long. Its exit code, or -1; true: it
 * ended with 0.
 */
int server_exit_code(pid_t pid);
bool server_wait(pid_t pid);

void server_pause_us(long us);

#endif
