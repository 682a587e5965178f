/* SPDX-License-Identifier: ISC */
/* Facts about the file system under a store. */
#include <stdio.h>
#include <string.h>

#include "ctl/doctor.h"

#define RECOVERS "/sys/module/nfs/parameters/recover_lost_locks"

static const char *const caches[CACHES] = {
    [CACHE_WRITE_BEHIND] = "performance/write-behind",
    [CACHE_OPEN_BEHIND] = "performance/open-behind",
    [CACHE_QUICK_READ] = "performance/quick-read",
    [CACHE_MD_CACHE] = "performance/md-cache",
    [CACHE_READ_AHEAD] = "performance/read-ahead",
    [CACHE_READDIR_AHEAD] = "performance/readdir-ahead",
    [CACHE_IO_CACHE] = "performance/io-cache",
    [CACHE_NL_CACHE] = "performance/nl-cache",
};

/* A translator in the volume file. */
struct translator {
    struct span type;
    unsigned below; /* how many others it stands on */
    bool strict_locks, no_eager_lock, no_delay;
};

static bool is_off(struct span value)
{
    static const char *const words[] = {"off", "no", "false", "disable", "0"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_eq(value, span_str(words[i])))
            return true;
    return false;
}

static void take_option(struct translator *t, struct span rest)
{
    struct span key = span_take(&rest, ' '), value = span_trim(rest);
    if (span_eq(key, SPAN("strict-locks")))
        t->strict_locks = !is_off(value);
    else if (span_eq(key, SPAN("eager-lock")))
        t->no_eager_lock = is_off(value);
    else if (span_eq(key, SPAN("post-op-delay-secs")))
        t->no_delay = span_eq(value, SPAN("0"));
}

static void add_translator(struct doctor_gluster *g, const struct translator *t)
{
    for (size_t i = 0; i < CACHES; i++)
        g->caches[i] = g->caches[i] || span_eq(t->type, span_str(caches[i]));
    if (span_eq(t->type, SPAN("protocol/client")) && !t->strict_locks)
        g->loose_locks = true;
    if (!span_eq(t->type, SPAN("cluster/replicate")))
        return;
    g->eager_lock = g->eager_lock || !t->no_eager_lock;
    g->delays = g->delays || !t->no_delay;
    if (g->replicas == 0 || t->below < g->replicas)
        g->replicas = t->below;
}

/*
 * A volume file has a part for each translator:
 *
 *     volume NAME
 *         type KIND/NAME
 *         option KEY VALUE
 *         subvolumes NAME...
 *     end-volume
 */
static void parse_volume(struct doctor_gluster *g, struct span volfile)
{
    struct translator t = {.below = 0};
    while (volfile.n > 0) {
        struct span rest = span_trim(span_take(&volfile, '\n')), word = span_take(&rest, ' ');
        if (span_eq(word, SPAN("volume")))
            t = (struct translator){.below = 0};
        else if (span_eq(word, SPAN("type")))
            t.type = rest;
        else if (span_eq(word, SPAN("option")))
            take_option(&t, rest);
        else if (span_eq(word, SPAN("subvolumes")))
            t.below = (unsigned)span_count(rest, ' ') + 1;
        else if (span_eq(word, SPAN("end-volume")))
            add_translator(g, &t);
    }
}

/* Whether the option is not there, or not 0. Without it, it is a second. */
static bool has_timeout(struct span command, struct span option)
{
    while (command.n > 0) {
        struct span word = span_take(&command, ' ');
        if (span_starts(word, option))
            return !span_eq(span_skip(word, option.n), SPAN("0"));
    }
    return true;
}

void doctor_parse_gluster(struct doctor_gluster *g, struct span volfile, struct span command)
{
    *g = (struct doctor_gluster){.known = true};
    parse_volume(g, volfile);
    g->remembers = has_timeout(command, SPAN("--attribute-timeout=")) ||
                   has_timeout(command, SPAN("--entry-timeout="));
}

static bool load(struct buf *text, const char *dir, const char *name)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s%s", dir, name);
    return os_file_load(OS_FILE_CWD, path, text);
}

/* The client of GlusterFS tells this in files that no list of its mount point shows. */
static void look_gluster(struct doctor_gluster *g, const char *point)
{
    struct buf volfile, command;
    buf_init(&volfile, DOCTOR_FILE_LIMIT * 16);
    buf_init(&command, DOCTOR_FILE_LIMIT);
    if (load(&volfile, point, "/.meta/graphs/active/volfile") &&
        load(&command, point, "/.meta/cmdline"))
        doctor_parse_gluster(g, buf_span(&volfile), buf_span(&command));
    buf_free(&volfile);
    buf_free(&command);
}

void doctor_look_hosts(struct doctor_hosts *h, int dir)
{
    struct buf text;
    *h = (struct doctor_hosts){.shared = os_mount_is_shared(dir)};
    os_mount_look(dir, &h->mount);
    buf_init(&text, DOCTOR_FILE_LIMIT);
    h->recovers_lost_locks = load(&text, RECOVERS, "") && span_starts(buf_span(&text), SPAN("Y"));
    buf_free(&text);
    if (strcmp(h->mount.system, "fuse.glusterfs") == 0)
        look_gluster(&h->gluster, h->mount.point);
}
