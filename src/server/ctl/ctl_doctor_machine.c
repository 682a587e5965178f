/* What is found out about the machine: the server, clock, limits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/control_wire.h"
#include "ctl/connect.h"
#include "ctl/ctl_doctor.h"
#include "os/clock.h"
#include "os/local.h"

#define FILE_LIMIT 65536

enum doctor_server doctor_look_server(const char *store, unsigned *process)
{
    struct admin_answer a = {.code = EX_OK};
    struct ctl_verb stats;
    int fd = ctl_connect_server(store), result;

    *process = 0;
    if (fd < 0 && errno == EAGAIN)
        return SERVER_HANGS;
    if (fd < 0)
        return errno == EACCES || errno == EPERM ? SERVER_SECRET : SERVER_NONE;
    *process = os_local_peer_process(fd);
    ctl_table_named(SPAN("stats"), &stats);
    buf_init(&a.text, CONTROL_LIMIT);
    result = ctl_connect_ask(fd, stats.verb, NULL, 0, &a);
    buf_free(&a.text);
    os_net_close(fd);
    return result == EX_OK ? SERVER_RUNS : SERVER_HANGS;
}

void doctor_look_clock(struct doctor_clock *c, char zone[PATH_MAX])
{
    FILE *file;

    *c = (struct doctor_clock){.now = os_clock_now(), .kept_right = os_clock_is_kept_right()};
    if (!doctor_zone_file(getenv("TZ"), zone))
        return;
    file = fopen(zone, "re");
    /* Without /etc/localtime it is UTC that is meant. */
    if (!file && (getenv("TZ") || os_file_exists(OS_FILE_CWD, zone)))
        c->zone = zone;
    if (file)
        fclose(file);
}

static bool load(struct buf *text, const char *path)
{
    buf_clear(text);
    return os_file_load(OS_FILE_CWD, path, text);
}

static uint64_t number_in(struct buf *text, const char *path)
{
    return load(text, path) ? doctor_limit(buf_span(text), SPAN(""), 0) : UINT64_MAX;
}

/* Of version 2 of control groups: the lowest limit on the way down to the process's own. */
static uint64_t tasks_of(struct buf *text, const char *proc)
{
    char path[PATH_MAX], group[PATH_MAX / 2];
    struct span all, line;
    uint64_t lowest = UINT64_MAX, here;

    snprintf(path, sizeof path, "%s/cgroup", proc);
    if (!load(text, path))
        return UINT64_MAX;
    all = buf_span(text);
    do
        if (!span_cut(&all, '\n', &line))
            return UINT64_MAX;
    while (!span_starts(line, SPAN("0::")));
    line = span_skip(line, 3);
    snprintf(group, sizeof group, "%.*s", SPAN_PRINTF(line));
    for (char *slash; (slash = strrchr(group, '/')); *slash = '\0') {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/pids.max", group);
        here = number_in(text, path);
        if (here < lowest)
            lowest = here;
    }
    return lowest;
}

void doctor_look_limits(struct doctor_limits *l, unsigned process)
{
    char proc[32] = "/proc/self", path[64];
    struct buf text;
    bool there;

    if (process)
        snprintf(proc, sizeof proc, "/proc/%u", process);
    buf_init(&text, FILE_LIMIT);
    snprintf(path, sizeof path, "%s/limits", proc);
    there = load(&text, path);
    /* The second number is how far a process may raise it, which the server does. */
    l->descriptors = there ? doctor_limit(buf_span(&text), SPAN("Max open files"), 1) : UINT64_MAX;
    l->processes = there ? doctor_limit(buf_span(&text), SPAN("Max processes"), 1) : UINT64_MAX;
    l->threads = number_in(&text, "/proc/sys/kernel/threads-max");
    l->receive_bytes = number_in(&text, "/proc/sys/net/core/rmem_max");
    l->first_port = number_in(&text, "/proc/sys/net/ipv4/ip_unprivileged_port_start");
    l->maps = number_in(&text, "/proc/sys/vm/max_map_count");
    l->tasks = tasks_of(&text, proc);
    buf_free(&text);
}
