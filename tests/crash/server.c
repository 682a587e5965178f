/* SPDX-License-Identifier: ISC */
#include "server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"

#define START_MS 20000
#define END_MS   30000

#define OPTIONS_BYTES 512

void server_init(struct server *s, const char *program, const char *store, const char *scratch)
{
    *s = (struct server){.program = program, .store = store};
    snprintf(s->port_file, sizeof s->port_file, "%s/port", scratch);
    snprintf(s->log, sizeof s->log, "%s/log", scratch);
}

void server_pause_us(long us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};

    nanosleep(&t, NULL);
}

pid_t server_run_beside(struct server *s, const char *const *words)
{
    char *argv[SERVER_WORDS] = {NULL};
    pid_t pid = fork();
    sigset_t none;
    int fd;

    if (pid != 0)
        return pid;
    fd = open(s->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; words[i]; i++)
        argv[i] = strdup(words[i]);
    if (argv[0])
        execv(argv[0], argv);
    _exit(127);
}

/* Of this way, or 0. */
static unsigned read_port(const struct server *s, enum server_way way)
{
    static const char *const names[SERVER_WAYS] = {"tcp ", "submission ", "lmtp ", "pop3 "};
    FILE *f = fopen(s->port_file, "r");
    const char *transport = s->udp && way == WAY_FRAMES ? "udp " : names[way];
    char line[128];
    unsigned port = 0;

    while (f && port == 0 && fgets(line, sizeof line, f))
        if (strncmp(line, transport, strlen(transport)) == 0)
            port = (unsigned)strtoul(strrchr(line, ' '), NULL, 10);
    if (f)
        fclose(f);
    return port;
}

static pid_t launch(struct server *s)
{
    const char *words[SERVER_WORDS] = {
        s->program, "--listen",      "127.0.0.1:0", "--store",
        s->store,   "--port-file",   s->port_file,  "--reserve-bytes",
        "0",        "--login-delay", "0",           "--recipients-per-minute",
        "0"};
    char options[OPTIONS_BYTES], *rest = NULL;
    size_t n = 13;

    static const char *const doors[] = {"--submission", "127.0.0.1:0", "--lmtp",    "127.0.0.1:0",
                                        "--pop3",       "127.0.0.1:0", "--domains", SERVER_DOMAIN};

    if (s->udp) {
        words[n++] = "--udp";
        words[n++] = "127.0.0.1:0";
    }
    for (size_t i = 0; s->doors && i < sizeof doors / sizeof *doors; i++)
        words[n++] = doors[i];
    snprintf(options, sizeof options, "%s", s->options ? s->options : "");
    for (char *word = strtok_r(options, " ", &rest); word && n + 1 < SERVER_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[n++] = word;
    return server_run_beside(s, words);
}

bool server_start(struct server *s)
{
    int64_t until = os_clock_ms() + START_MS;
    unsigned port = 0;

    unlink(s->port_file);
    s->pid = launch(s);
    while (s->pid > 0 && port == 0 && os_clock_ms() < until) {
        if (server_is_dead(s))
            break;
        server_pause_us(500);
        port = read_port(s, WAY_FRAMES); /* the file is whole when it is there */
    }
    if (port == 0) {
        printf("# the server does not start, see %s\n", s->log);
        return false;
    }
    for (enum server_way way = WAY_FRAMES + 1; s->doors && way < SERVER_WAYS; way++)
        atomic_store(&s->doors_at[way], read_port(s, way));
    s->starts++;
    atomic_store(&s->where, (unsigned long long)s->starts << 16 | port);
    return true;
}

bool server_is_dead(struct server *s)
{
    if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
        s->pid = 0;
    return s->pid <= 0;
}

unsigned server_port(const struct server *s)
{
    return (unsigned)(atomic_load(&s->where) & 65535);
}

void server_kill(struct server *s)
{
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGKILL);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

bool server_start_and_kill(struct server *s, long us)
{
    s->pid = launch(s);
    if (s->pid <= 0)
        return false;
    server_pause_us(us);
    server_kill(s);
    return true;
}

int server_exit_code(pid_t pid)
{
    int64_t until = os_clock_ms() + END_MS;
    int status = 1;
    pid_t ended;

    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && os_clock_ms() < until)
        server_pause_us(1000);
    if (ended == 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    return ended == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool server_wait(pid_t pid)
{
    return server_exit_code(pid) == 0;
}

bool server_stop(struct server *s)
{
    pid_t pid = s->pid;

    s->pid = 0;
    return pid > 0 && kill(pid, SIGTERM) == 0 && server_wait(pid);
}
