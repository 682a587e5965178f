/* SPDX-License-Identifier: ISC */
/* What is mounted, and who else may use it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "os/file.h"
#include "os/mount.h"

#define ID_BYTES    24
#define TABLE_BYTES (1 << 20) /* the most that is read of the table of mounts */

/* Of all kinds of FUSE only the program that serves it knows where locks are kept. */
static const struct system {
    unsigned long type; /* as in statfs(2) */
    const char *name;
    bool shared; /* with other hosts */
} systems[] = {
    {0xef53, "ext4", false}, /* and ext2, ext3 */
    {0x58465342, "xfs", false},   {0x9123683e, "btrfs", false},
    {0xf2f52010, "f2fs", false},  {0xca451a4e, "bcachefs", false},
    {0x2fc12fc1, "zfs", false},   {0x3434, "nilfs2", false},
    {0x3153464a, "jfs", false},   {0x52654973, "reiserfs", false},
    {0x24051905, "ubifs", false}, {0x01021994, "tmpfs", false},
    {0x858458f6, "ramfs", false}, {0x794c7630, "overlay", false}, /* whatever lies below it */
    {0x4d44, "vfat", false},      {0x2011bab0, "exfat", false},
    {0x7366746e, "ntfs3", false}, {0x6969, "nfs", true},
    {0x517b, "smb", true},        {0xff534d42, "cifs", true},
    {0xfe534d42, "smb3", true},   {0x01021997, "9p", true},
    {0x65735546, "fuse", true},   {0x00c36400, "ceph", true},
    {0x5346414f, "afs", true},    {0x01161970, "gfs2", true},
    {0x7461636f, "ocfs2", true},  {0x0bd00bd0, "lustre", true},
};

static const struct system *find_system(int fd)
{
    struct statfs st;
    if (TEMP_FAILURE_RETRY(fstatfs(fd, &st)) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (((unsigned long)st.f_type & 0xffffffff) == systems[i].type)
            return &systems[i];
    return NULL;
}

bool os_mount_is_shared(int fd)
{
    const struct system *s = find_system(fd);
    return !s || s->shared;
}

/* False: it cannot be read, or is very long. */
static bool load(struct buf *text, const char *path)
{
    buf_clear(text);
    return os_file_load(OS_FILE_CWD, path, text);
}

/* The number of the mount that a descriptor is below, or "". */
static void find_id(int fd, struct buf *text, char id[ID_BYTES])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    struct span rest = load(text, path) ? buf_span(text) : SPAN(""), key = SPAN("mnt_id:");
    while (rest.n > 0 && !span_starts(rest, key))
        span_take(&rest, '\n');
    rest = span_trim(span_take(&rest, '\n'));
    snprintf(id, ID_BYTES, "%.*s", SPAN_PRINTF(span_trim(span_skip(rest, key.n))));
}

/* A space, a tab, a newline and a backslash are written as three octal digits: \040. */
static char next_char(struct span *from)
{
    char c = from->p[0];
    size_t used = 1;
    if (c == '\\' && from->n >= 4) {
        c = (char)((from->p[1] - '0') * 64 + (from->p[2] - '0') * 8 + (from->p[3] - '0'));
        used = 4;
    }
    *from = span_skip(*from, used);
    return c;
}

static void copy_word(struct span word, char *to, size_t room)
{
    size_t n = 0;
    while (word.n > 0 && n + 1 < room)
        to[n++] = next_char(&word);
    to[n] = '\0';
}

/*
 * The rest of a line of mountinfo after its number, see proc(5):
 *
 *     PARENT MAJOR:MINOR ROOT POINT OPTIONS [FIELD...] - SYSTEM SOURCE OPTIONS
 *
 * The first options are those of the mount, the others those of the file system.
 */
static void parse_line(struct span rest, struct os_mount *m)
{
    for (int i = 0; i < 3; i++)
        span_take(&rest, ' ');
    copy_word(span_take(&rest, ' '), m->point, sizeof m->point);
    copy_word(span_take(&rest, ' '), m->options, sizeof m->options);
    while (rest.n > 0 && !span_eq(span_take(&rest, ' '), SPAN("-")))
        ;
    copy_word(span_take(&rest, ' '), m->system, sizeof m->system);
    copy_word(span_take(&rest, ' '), m->source, sizeof m->source);
    size_t n = strlen(m->options);
    if (n + 1 < sizeof m->options)
        m->options[n++] = ',';
    copy_word(rest, m->options + n, sizeof m->options - n);
}

void os_mount_look(int fd, struct os_mount *m)
{
    char id[ID_BYTES];
    struct buf text;
    *m = (struct os_mount){.system = ""};
    buf_init(&text, TABLE_BYTES);
    find_id(fd, &text, id);
    struct span rest = *id && load(&text, "/proc/self/mountinfo") ? buf_span(&text) : SPAN("");
    while (rest.n > 0 && !m->system[0]) {
        struct span line = span_take(&rest, '\n');
        if (span_eq(span_take(&line, ' '), span_str(id)))
            parse_line(line, m);
    }
    buf_free(&text);
    const struct system *s = m->system[0] ? NULL : find_system(fd);
    if (s)
        snprintf(m->system, sizeof m->system, "%s", s->name);
}

bool os_mount_option(const struct os_mount *m, const char *name, struct span *value)
{
    struct span rest = span_str(m->options), found;
    bool is_it = false;
    while (!is_it && rest.n > 0) {
        found = span_take(&rest, ',');
        is_it = span_eq(span_take(&found, '='), span_str(name));
    }
    *value = is_it ? found : span_str("");
    return is_it;
}
