/* SPDX-License-Identifier: ISC */
/* What doctor finds wrong with file systems, most of which this machine does not have. */
#include "ctl/doctor.h"

#include <stdio.h>

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
        {"overlay", false, "which is removed with its container\tgive the container a volume"},
        {"exfat", false, "the store is on exfat, which has no file modes"},
        {"cifs", true, "the store is on cifs, which does not sync directories, so that"},
        {"fuse.sshfs", true, "the store is on fuse.sshfs, where a lock may be visible on one"},
        {"virtiofs", true, "the store is on virtiofs, where a lock may be visible on one"},
        {"fuse.rclone", true, "the store is on fuse.rclone, which was not tested"},
        {"fuse", true, "the store is on fuse, which was not tested"},
        {"gfs2", true, "the store is on gfs2, which was not tested"},
        {"ceph", true, "the store is on ceph, which was not tested"},
        {"", true, "the store is on an unknown file system, which was not tested"},
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
        {"nfs4", "", ""}, /* they are unknown */
        {"nfs", "rw,vers=3,hard,nolock,local_lock=all",
         "error\t/x\tit is mounted with NFS version 3: a server may not notice that it has "
         "lost its locks, and a change may be made twice\tmount it with vers=4.2\n"},
        {"nfs4", "rw,vers=4.0,hard,local_lock=none", "with NFS version 4.0"},
        {"nfs4", "rw,vers=4.1,hard,local_lock=none", ""},
        {"nfs4", GOOD ",softreval", "with softreval: while the NFS server does not answer"},
        {"nfs4", "rw,vers=4.1,hard,local_lock=posix",
         "error\t/x\tit is mounted with local_lock=posix: another host does not see the locks of "
         "this one\tmount it without nolock and local_lock\n"},
        {"nfs4", "rw,vers=4.2,soft,local_lock=none",
         "with soft or softerr: written data is dropped"},
        {"nfs4", "rw,vers=4.2,softerr,local_lock=none",
         "with soft or softerr: written data is dropped"},
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

static void test_lost_locks(void)
{
    mounted("nfs4", true, GOOD);
    hosts.recovers_lost_locks = true;
    doctor_judge_hosts(&rows, "/x", &hosts);
    ok(memmem(rows.p, rows.n, "the NFS client takes lost locks again", 37),
       "nfs: recover_lost_locks");
    mounted("fuse.glusterfs", true, "rw");
    ok(!strstr(rows.p, "NFS"), "... only with NFS");
}

#define CLIENT(n, locks)                                                                 \
    "volume v-client-" n "\n    type protocol/client\n    option ping-timeout 3\n" locks \
    "end-volume\n\n"
#define STRICT "    option strict-locks on\n"

#define REPLICATE(options, below)                                                        \
    "volume v-replicate-0\n    type cluster/replicate\n" options "    subvolumes " below \
    "\nend-volume\n"
#define NO_EAGER "    option eager-lock off\n    option post-op-delay-secs 0\n"
#define THREE    "v-client-0 v-client-1 v-client-2"

#define CACHE(name) \
    "volume v-" name "\n    type performance/" name "\n    subvolumes v-dht\nend-volume\n"

#define COMMAND                                                                            \
    "{ \n  \"Cmdlinestr\": \"/usr/sbin/glusterfs --attribute-timeout=0 --entry-timeout=0 " \
    "--volfile-id=/v /mnt\"\n}"

static void gluster(const char *volfile, const char *command)
{
    mounted("fuse.glusterfs", true, "rw");
    strcpy(hosts.mount.source, "10.9.0.1:/v");
    doctor_parse_gluster(&hosts.gluster, span_str(volfile), span_str(command));
    buf_clear(&rows);
    doctor_judge_hosts(&rows, "/x", &hosts);
    buf_add_char(&rows, '\0');
}

static void test_gluster(void)
{
    static const struct {
        const char *volfile, *command, *want;
    } table[] = {
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, THREE) CACHE("io-threads"), COMMAND, ""},
        {CLIENT("0", STRICT) CLIENT("1", "    option strict-locks off\n")
             REPLICATE(NO_EAGER, THREE),
         COMMAND,
         "error\t/x\tclient.strict-locks is off: a host that was cut off goes on as if it still "
         "had its locks\tgluster volume set v client.strict-locks on, and mount it "
         "again\n"},
        {CLIENT("0", "") REPLICATE(NO_EAGER, THREE), COMMAND, "client.strict-locks is off"},
        {CLIENT("0", STRICT) REPLICATE("    option post-op-delay-secs 0\n", THREE), COMMAND,
         "gluster volume set v cluster.eager-lock off, and mount it again\n"},
        {CLIENT("0", STRICT) REPLICATE("    option eager-lock off\n", THREE), COMMAND,
         "gluster volume set v cluster.post-op-delay-secs 0, and mount it again\n"},
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, "v-client-0 v-client-1"), COMMAND,
         "fewer than three copies"},
        {CLIENT("0", STRICT), COMMAND, "fewer than three copies"},
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, THREE) CACHE("md-cache"), COMMAND,
         "error\t/x\tperformance.stat-prefetch is on: this host may not see what another one has "
         "changed\tgluster volume set v performance.stat-prefetch off\n"},
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, THREE) CACHE("nl-cache"), COMMAND,
         "performance.nl-cache is on"},
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, THREE),
         "glusterfs --attribute-timeout=0 --entry-timeout=1 /mnt", "without attribute-timeout=0"},
        {CLIENT("0", STRICT) REPLICATE(NO_EAGER, THREE), "glusterfs --entry-timeout=0 /mnt",
         "without attribute-timeout=0"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        gluster(table[i].volfile, table[i].command);
        if (*table[i].want)
            ok(strstr(rows.p, table[i].want), "gluster: row %zu: %s", i, table[i].want);
        else
            is_str(rows.p, "", "gluster: row %zu", i);
        is_int(span_count(buf_span(&rows), '\n'), *table[i].want != '\0', "... and nothing else");
    }
    mounted("fuse.glusterfs", true, "rw");
    ok(strstr(rows.p, "warning\t/x\tthe options of GlusterFS cannot be read"),
       "gluster: without its options");
    gluster("", "");
    ok(strstr(rows.p, "fewer than three copies"), "gluster: with an empty volume file");
}

int main(void)
{
    buf_init(&rows, SIZE_MAX / 4);
    test_systems();
    test_options();
    test_lost_locks();
    test_gluster();
    buf_free(&rows);
    return done_testing();
}
