/* SPDX-License-Identifier: ISC */
/* Mounts and file systems other than those of this machine. */
#include "os/mount.h"

#include <stdio.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "os/file.h"
#include "tap.h"

#define REPLACED(type, name, parameters)                  \
    type real_##name parameters __asm__("__real_" #name); \
    type here_##name parameters __asm__("__wrap_" #name); \
    type here_##name parameters

static const char *info, *mounts; /* of fdinfo and mountinfo; NULL: there is no such file */
static unsigned long type;

REPLACED(bool, os_file_load, (int dir, const char *name, struct buf *out))
{
    const char *text = strcmp(name, "/proc/self/mountinfo") == 0      ? mounts
                       : strncmp(name, "/proc/self/fdinfo/", 18) == 0 ? info
                                                                      : NULL;

    (void)dir;
    if (text)
        buf_add_str(out, text);
    return text != NULL;
}

REPLACED(int, fstatfs64, (int fd, struct statfs *st))
{
    *st = (struct statfs){.f_bsize = 4096};
    memcpy(&st->f_type, &type, sizeof st->f_type < sizeof type ? sizeof st->f_type : sizeof type);
    return fd < 0 ? -1 : 0;
}

static void test_shared(void)
{
    static const struct {
        unsigned long type;
        bool shared;
    } rows[] = {
        {0xef53, false},     {0x58465342, false}, {0x01021994, false}, /* ext4, xfs, tmpfs */
        {0x794c7630, false}, {0xf2f52010, false}, {0x9123683e, false}, /* overlay, f2fs, btrfs */
        {0x6969, true},      {0x65735546, true},  {0x00c36400, true},  /* nfs, fuse, ceph */
        {0xff534d42, true},  {0x01021997, true},  {0x01161970, true},  /* cifs, 9p, gfs2 */
        {0x7461636f, true},  {0x0bd00bd0, true},  {0x12345678, true},  /* ocfs2, lustre, unknown */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        type = rows[i].type;
        is_int(os_mount_is_shared(0), rows[i].shared, "os_mount_is_shared: %lx", type);
    }
    ok(os_mount_is_shared(-1), "os_mount_is_shared: yes if it cannot be found out");
}

#define INFO "pos:\t0\nflags:\t02100000\nmnt_id:\t31\nino:\t2\n"

#define MOUNTS                                                                    \
    "310 1 8:1 / /first rw - ext4 /dev/a rw\n"                                    \
    "30 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"   \
    "31 30 0:52 /a /srv/with\\040space\\134 rw,noatime shared:2 master:1 - nfs4 " \
    "10.0.0.1:/mail\\011box rw,vers=4.2,hard,local_lock=none,addr=10.0.0.1\n"     \
    "32 30 0:53 / /srv/gluster rw - fuse.glusterfs one:/vol rw,user_id=0\n"

static void test_look(void)
{
    struct os_mount m;
    struct span value;

    info = INFO;
    mounts = MOUNTS;
    os_mount_look(0, &m);
    is_str(m.system, "nfs4", "os_mount_look: the kind");
    is_str(m.source, "10.0.0.1:/mail\tbox", "... the source, with a tab");
    is_str(m.point, "/srv/with space\\", "... the mount point, with a space and a backslash");
    is_str(m.options, "rw,noatime,rw,vers=4.2,hard,local_lock=none,addr=10.0.0.1",
           "... the options of mount and file system");
    ok(os_mount_option(&m, "vers", &value) && span_eq(value, SPAN("4.2")),
       "os_mount_option: one with a value");
    ok(os_mount_option(&m, "hard", &value) && value.n == 0, "... one without a value");
    ok(os_mount_option(&m, "addr", &value) && span_eq(value, SPAN("10.0.0.1")),
       "... the last option");
    ok(!os_mount_option(&m, "har", &value) && value.n == 0,
       "... the beginning of an option is no option");
    ok(!os_mount_option(&m, "hard,local_lock", &value), "... nor are two options");
    info = "mnt_id:\t32";
    os_mount_look(0, &m);
    is_str(m.system, "fuse.glusterfs", "os_mount_look: a kind of FUSE, without optional fields");
    is_str(m.point, "/srv/gluster", "... its mount point");
}

/* What is told if /proc does not tell. */
static void test_without(void)
{
    static const struct {
        const char *info, *mounts, *name;
    } rows[] = {
        {NULL, NULL, "without /proc"},
        {NULL, MOUNTS, "without the number"},
        {INFO, NULL, "without the table"},
        {INFO, "30 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "with a table that lacks it"},
        {INFO, "31\n31 \n31 30 0:52 / /x rw", "with a table that is cut"},
        {"pos:\t0\n", MOUNTS, "with a number from no kernel"},
    };
    struct os_mount m;
    struct span value;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        info = rows[i].info;
        mounts = rows[i].mounts;
        type = 0x65735546;
        os_mount_look(0, &m);
        is_str(m.system, "fuse", "os_mount_look: the kind %s", rows[i].name);
    }
    type = 0x12345678;
    os_mount_look(0, &m);
    is_str(m.system, "", "os_mount_look: an unknown kind");
    os_mount_look(-1, &m);
    is_str(m.system, "", "os_mount_look: a descriptor that is closed");
    m.options[0] = '\0';
    ok(!os_mount_option(&m, "rw", &value), "os_mount_option: without options");
}

/* Options and names that are longer than there is room for. */
static void test_long(void)
{
    static char table[20000];
    struct os_mount m;
    char *end = table;

    end += sprintf(end, "31 30 0:52 / /x rw - overlay over rw,lowerdir=");
    memset(end, 'x', 15000);
    end += 15000;
    sprintf(end, ",volatile\n");
    info = INFO;
    mounts = table;
    os_mount_look(0, &m);
    is_str(m.system, "overlay", "os_mount_look: options that are too long");
    is_int(strlen(m.options), sizeof m.options - 1, "... are cut");
    end = table + sprintf(table, "31 30 0:52 / /x ");
    memset(end, 'o', 15000);
    sprintf(end + 15000, " - ext4 /dev/sda1 rw\n");
    os_mount_look(0, &m);
    is_str(m.system, "ext4", "... options of the mount that are too long");
    is_int(strlen(m.options), sizeof m.options - 1, "... are cut");
}

int main(void)
{
    test_shared();
    test_look();
    test_without();
    test_long();
    return done_testing();
}
