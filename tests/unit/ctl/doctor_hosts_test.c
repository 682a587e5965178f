/* SPDX-License-Identifier: ISC */
/* What doctor finds wrong with file systems, most of which this machine does not have. */
#include "ctl/doctor.h"

#include "tap.h"

static struct doctor_hosts hosts;
static struct buf rows;

static void mounted(const char *system, bool shared, const char *options)
{
    hosts = (struct doctor_hosts){.shared = shared};
    snprintf(hosts.mount.system, sizeof hosts.mount.system, "%s", system);
    snprintf(hosts.mount.options, sizeof hosts.mount.options, "%s", options);
    buf_clear(&rows);
    doctor_judge_hosts(&rows, "/x", &hosts);
    buf_add_char(&rows, '\0');
}

static void test_systems(void)
{
    static const struct {
        const char *system;
        bool shared;
        const char *want; /* "": nothing */
    } table[] = {
        {"ext4", false, ""},
        {"xfs", false, ""},
        {"zfs", false, ""},
        {"bcachefs", false, ""},
        {"tmpfs", false, "warning\t/x\tthe store is on tmpfs, which loses all mail when the"},
        {"overlay", false, "which in a container is removed with it\tgive the container a volume"},
        {"exfat", false, "the store is on exfat, which has no modes of files"},
        {"cifs", true, "the store is on cifs, which does not sync directories, so that"},
        {"fuse.sshfs", true, "the store is on fuse.sshfs, where a lock may be known to one"},
        {"virtiofs", true, "the store is on virtiofs, where a lock may be known to one"},
        {"fuse.rclone", true, "the store is on fuse.rclone, on which no server was tested"},
        {"fuse", true, "the store is on fuse, on which no server was tested"},
        {"gfs2", true, "the store is on gfs2, on which no server was tested"},
        {"ceph", true, "the store is on ceph, on which no server was tested"},
        {"", true, "the store is on an unknown file system, on which no server was tested"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mounted(table[i].system, table[i].shared, "rw");
        if (*table[i].want)
            ok(strstr(rows.p, table[i].want), "a store on %s", table[i].system);
        else
            is_str(rows.p, "", "a store on %s", table[i].system);
        is_int(span_count(buf_span(&rows), '\n'), *table[i].want != '\0', "... at most one row");
    }
}

#define GOOD "rw,vers=4.2,hard,local_lock=none,addr=10.0.0.1"

static void test_options(void)
{
    static const struct {
        const char *system, *options, *want;
    } table[] = {
        {"nfs4", GOOD, ""},
        {"nfs", GOOD, ""},
        {"nfs4", "", ""}, /* they cannot be told */
        {"nfs", "rw,vers=3,hard,nolock,local_lock=all",
         "error\t/x\tit is mounted with version 3 of NFS: a server does not notice that it has "
         "lost its locks\tmount it with vers=4.2\n"},
        {"nfs4", "rw,vers=4.1,hard,local_lock=posix",
         "error\t/x\tit is mounted with local_lock=posix: another host does not see the locks of "
         "this one\tmount it without nolock and local_lock\n"},
        {"nfs4", "rw,vers=4.2,soft,local_lock=none", "with soft or softerr: what was written"},
        {"nfs4", "rw,vers=4.2,softerr,local_lock=none", "with soft or softerr: what was written"},
        {"nfs4", GOOD ",nocto", "with nocto: this host does not see what another one has changed"},
        {"ceph", "rw,recover_session=clean", "recover_session=clean: a host that was shut out"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mounted(table[i].system, true, table[i].options);
        if (*table[i].want)
            ok(strstr(rows.p, table[i].want), "%s: %s", table[i].system, table[i].options);
        else
            is_str(rows.p, "", "%s: %s", table[i].system, table[i].options);
    }
    mounted("nfs4", true, "rw,vers=4.2,soft,nocto,local_lock=all");
    is_int(span_count(buf_span(&rows), '\n'), 3, "each option is a finding of its own");
    mounted("ceph", true, "rw,recover_session=no");
    ok(!strstr(rows.p, "recover_session"), "ceph: recover_session=no");
    mounted("ext4", false, "rw,soft,nocto");
    is_str(rows.p, "", "options of NFS on another file system");
}

int main(void)
{
    buf_init(&rows, SIZE_MAX / 4);
    test_systems();
    test_options();
    buf_free(&rows);
    return done_testing();
}
