/* SPDX-License-Identifier: ISC */
/*
 * Text files of the system that programs read: the limits of a process, the table of UDP sockets.
 * The kernel writes them, but a container or a later kernel may write them differently.
 */
#include "ctl/doctor.h"
#include "fuzz.h"
#include "memory.h"
#include "os/net.h"
#include "os/udp_table.h"

#define PIDS "/sys/fs/cgroup/a/pids.max"

static bool made;

static void begin(void)
{
    memory_make_dir("/proc/self");
    memory_make_dir("/proc/net");
    memory_make_dir("/proc/sys/kernel");
    memory_make_dir("/sys/fs/cgroup/a");
    made = true;
}

/* A number that is found stands in the line of its key. */
static void limit(struct span in, unsigned word)
{
    const struct span key = SPAN("Max open files");
    struct span rest = in, line = SPAN("");
    uint64_t number = doctor_limit(in, key, word);
    char digits[32];

    if (number == UINT64_MAX)
        return;
    while (rest.n > 0 && !span_starts(line, key)) {
        line = span_first(rest, span_find(rest, '\n'));
        rest = span_skip(rest, line.n + 1);
    }
    snprintf(digits, sizeof digits, "%" PRIu64, number);
    must(span_starts(line, key));
    bool found = false;
    for (struct span s = line; s.n > 0 && !found; s = span_skip(s, 1))
        found = span_starts(s, span_str(digits));
    must(found);
}

void fuzz_one(struct span in)
{
    struct doctor_limits l;
    unsigned port = 0;
    uint32_t user;

    if (!made)
        begin();
    unsigned word = fuzz_byte(&in) % 4;
    limit(in, word);
    memory_write("/proc/self/limits", in);
    memory_write("/proc/self/cgroup", in);
    memory_write("/proc/sys/kernel/threads-max", in);
    memory_write("/proc/net/udp", in);
    memory_write(PIDS, in);
    doctor_look_limits(&l, 0);
    must(l.maps == UINT64_MAX && l.first_port == UINT64_MAX); /* there are no such files */
    must(l.descriptors == doctor_limit(in, SPAN("Max open files"), 1));
    must(os_udp_table_others(NULL, 0, &port, &user) == OS_UDP_ALONE);
}
