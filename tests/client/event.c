/* SPDX-License-Identifier: ISC */
#include "event.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "client/draft.h"
#include "client/error.h"
#include "stage.h"

/* Runs a program to its end, beside the client. Returns its exit code, or -1. */
static int run_beside(struct stage_world *w, const char *const *words)
{
    pid_t pid = server_run_beside(&w->server, words);
    return pid > 0 ? server_exit_code(pid) : -1;
}

static void kick(struct stage_world *w)
{
    const char *const words[] = {w->ctl, "--store", w->server.store, "kick", "ann", NULL};
    run_beside(w, words); /* it is no fault if the user is not there */
}

static void restart(struct stage *s)
{
    if (!server_stop(&s->world->server))
        s->wrong = "the server does not end as it should";
    else if (!stage_start_server(s->world))
        s->wrong = "the server does not start";
}

/* The number of the draft, or 0. */
static unsigned find_draft(struct state_dir *dir)
{
    unsigned number = 0;
    state_dir_find(dir, DRAFT_DIR);
    draft_numbers(dir, &number, 1);
    return number;
}

/* As on a disk that is full, what is there can be written over. */
static void fill_disk(struct stage *s)
{
    struct rlimit limit = {0, RLIM_INFINITY};
    struct os_file_info info;
    struct state_dir dir;
    char name[16];
    snprintf(name, sizeof name, "%u", find_draft(&dir));
    if (dir.fd >= 0 && os_file_look(dir.fd, name, &info))
        limit.rlim_cur = info.bytes;
    state_dir_close(&dir);
    if (prlimit(s->person.pid, RLIMIT_FSIZE, &limit, NULL) != 0)
        s->wrong = "the disk cannot be filled";
    s->full_since = s->person.seen.n;
}

/*
 * A second client gets the draft only if the first one has just ended its work on it, or has not
 * begun: then it is the one that sends it.
 */
static void want_draft(struct stage *s)
{
    struct state_dir dir;
    unsigned number = find_draft(&dir);
    bool writing = s->way < WAYS_TO_WRITE, ended = s->event.when == AT_STEP;
    const char *verb = writing && s->event.at % 2 == 0 ? "discard" : "send";
    char server[64], text[16];
    const char *const words[] = {s->world->client, server, "drafts", verb, text, NULL};
    state_dir_close(&dir);
    if (number == 0)
        return;
    snprintf(server, sizeof server, "--server=127.0.0.1:%u", server_port(&s->world->server));
    snprintf(text, sizeof text, "%u", number);
    setenv("POCHTA_PASSWORD", "secret", 1);
    int code = run_beside(s->world, words);
    unsetenv("POCHTA_PASSWORD");
    if (writing && code != ERROR_TEMPORARY && !(ended && code == ERROR_DATA))
        s->wrong = "a second client may work on the draft";
}

static void kill_editor(struct stage *s)
{
    char text[16] = "";
    FILE *f = fopen(s->world->editor, "r");
    if (!f || !fgets(text, sizeof text, f) || kill((pid_t)strtol(text, NULL, 10), SIGKILL) != 0)
        s->wrong = "there is no editor";
    if (f)
        fclose(f);
}

bool event_happen(struct stage *s)
{
    struct stage_world *w = s->world;
    s->happened = true;
    switch (s->event.what) {
    case CLIENT_KILLED:
        person_kill(&s->person);
        return false;
    case TERMINAL_CLOSED:
        person_hang_up(&s->person);
        return false;
    case INTERRUPTED:
        person_type(&s->person, "\003", 1);
        return true;
    case SERVER_RESTARTED:
        restart(s);
        return true;
    case USER_KICKED:
        kick(w);
        return true;
    case CONNECTION_CUT:
        return false;
    case DISK_FULL:
        fill_disk(s);
        return true;
    case DRAFT_WANTED:
        want_draft(s);
        return true;
    case EDITOR_KILLED:
        kill_editor(s);
        return true;
    case SERVER_AWAY:
        w->relay.away = true;
        break;
    case SERVER_KILLED:
        break;
    }
    server_kill(&w->server);
    if (!w->relay.away && !stage_start_server(w))
        s->wrong = "the server does not start";
    return false;
}

void event_at(struct stage *s, enum event_when when, unsigned at)
{
    if (s->event.when == when && s->event.at == at && !s->happened && !event_happen(s))
        relay_cut(&s->world->relay);
}

void event_describe(struct buf *out, struct event event)
{
    static const char *const whens[] = {
        [NEVER] = "nothing",   [AT_KEY] = "at key",          [AT_ONCE] = "right after key",
        [AT_STEP] = "at step", [AT_CALL] = "at system call", [AT_WAIT] = "while the editor waits:"};
    static const char *const whats[] = {[CLIENT_KILLED] = "client killed",
                                        [TERMINAL_CLOSED] = "terminal closed",
                                        [INTERRUPTED] = "Ctrl-C",
                                        [SERVER_KILLED] = "server killed",
                                        [SERVER_RESTARTED] = "server restarted",
                                        [USER_KICKED] = "user kicked",
                                        [CONNECTION_CUT] = "connection cut",
                                        [SERVER_AWAY] = "server away",
                                        [DISK_FULL] = "disk full",
                                        [DRAFT_WANTED] = "draft wanted by another client",
                                        [EDITOR_KILLED] = "editor killed"};
    if (event.when == NEVER)
        buf_add_str(out, whens[NEVER]);
    else
        buf_printf(out, "%s %s %u", whats[event.what], whens[event.when], event.at);
}
