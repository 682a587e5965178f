/* SPDX-License-Identifier: ISC */
/* Facts about the machine: server, clock, limits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/control_wire.h"
#include "ctl/connect.h"
#include "ctl/doctor.h"
#include "os/clock.h"
#include "os/environment.h"
#include "os/local.h"

enum doctor_server doctor_look_server(const char *store, unsigned *process)
{
    struct admin_answer a = {.code = EX_OK};
    int fd = ctl_connect_server(store);
    *process = 0;
    if (fd < 0 && errno == EAGAIN)
        return SERVER_HANGS;
    if (fd < 0)
        return errno == EACCES || errno == EPERM ? SERVER_SECRET : SERVER_NONE;
    *process = os_local_peer_process(fd);
    buf_init(&a.text, CONTROL_LIMIT);
    int result = ctl_connect_ask(fd, verb_get(VERB_stats), NULL, 0, &a);
    buf_free(&a.text);
    os_net_close(fd);
    return result == EX_OK ? SERVER_RUNS : SERVER_HANGS;
}

bool doctor_zone_file(const char *tz, char path[PATH_MAX])
{
    if (!tz) {
        strcpy(path, "/etc/localtime");
        return true;
    }
    if (*tz == ':')
        tz++;
    /* A rule, such as CET-1CEST, is in no file. */
    if (!*tz || (!strchr(tz, '/') && strpbrk(tz, "0123456789<,")) || strlen(tz) > PATH_MAX / 2)
        return false;
    snprintf(path, PATH_MAX, "%s%s", *tz == '/' ? "" : "/usr/share/zoneinfo/", tz);
    return true;
}

void doctor_look_clock(struct doctor_clock *c, char zone[PATH_MAX])
{
    struct buf text;
    *c = (struct doctor_clock){.now = os_clock_now(), .kept_right = os_clock_is_kept_right()};
    if (!doctor_zone_file(os_environment("TZ"), zone))
        return;
    buf_init(&text, DOCTOR_FILE_LIMIT);
    /* A missing /etc/localtime means UTC. */
    if (!os_file_load_path(zone, &text) &&
        (os_environment("TZ") || os_file_exists(OS_FILE_CWD, zone)))
        c->zone = zone;
    buf_free(&text);
}

uint64_t doctor_limit(struct span text, struct span key, unsigned word)
{
    uint64_t number;
    while (text.n > 0 && !span_starts(text, key))
        text = span_skip(text, span_line(text).n);
    if (text.n == 0)
        return UINT64_MAX;
    text = span_skip(span_first(text, span_find(text, '\n')), key.n);
    for (;; word--) {
        while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t'))
            text = span_skip(text, 1);
        if (word == 0)
            break;
        text = span_skip(text, span_find(text, ' '));
    }
    return span_u64(span_first(text, span_find(text, ' ')), UINT64_MAX, &number) ? number
                                                                                 : UINT64_MAX;
}

static bool load_file(struct buf *text, const char *path)
{
    buf_clear(text);
    return os_file_load(OS_FILE_CWD, path, text);
}

static uint64_t number_in(struct buf *text, const char *path)
{
    return load_file(text, path) ? doctor_limit(buf_span(text), SPAN(""), 0) : UINT64_MAX;
}

/* With control groups version 2: the lowest limit of the process's group and those above it. */
static uint64_t tasks_of(struct buf *text, const char *proc)
{
    char path[PATH_MAX], group[PATH_MAX / 2];
    struct span line;
    uint64_t lowest = UINT64_MAX;
    snprintf(path, sizeof path, "%s/cgroup", proc);
    if (!load_file(text, path))
        return UINT64_MAX;
    struct span all = buf_span(text);
    do
        if (!span_cut(&all, '\n', &line))
            return UINT64_MAX;
    while (!span_starts(line, SPAN("0::")));
    line = span_skip(line, 3);
    snprintf(group, sizeof group, "%.*s", SPAN_PRINTF(line));
    for (char *slash; (slash = strrchr(group, '/')); *slash = '\0') {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/pids.max", group);
        uint64_t here = number_in(text, path);
        if (here < lowest)
            lowest = here;
    }
    return lowest;
}

void doctor_look_limits(struct doctor_limits *l, unsigned process)
{
    char proc[32] = "/proc/self", path[64];
    struct buf text;
    if (process)
        snprintf(proc, sizeof proc, "/proc/%u", process);
    buf_init(&text, DOCTOR_FILE_LIMIT);
    snprintf(path, sizeof path, "%s/limits", proc);
    bool there = load_file(&text, path);
    /* The second number is the hard limit, to which the server raises the soft one. */
    l->descriptors = there ? doctor_limit(buf_span(&text), SPAN("Max open files"), 1) : UINT64_MAX;
    l->processes = there ? doctor_limit(buf_span(&text), SPAN("Max processes"), 1) : UINT64_MAX;
    l->threads = number_in(&text, "/proc/sys/kernel/threads-max");
    l->receive_bytes = number_in(&text, "/proc/sys/net/core/rmem_max");
    l->first_port = number_in(&text, "/proc/sys/net/ipv4/ip_unprivileged_port_start");
    l->maps = number_in(&text, "/proc/sys/vm/max_map_count");
    l->tasks = tasks_of(&text, proc);
    buf_free(&text);
}
