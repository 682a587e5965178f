/* SPDX-License-Identifier: ISC */
/* What is wrong with the file system under a store; docs/hosts.md has the reasons. Pure. */
#include <stdio.h>
#include <string.h>

#include "ctl/doctor_private.h"

#define LOCAL "move it to a local disk with ext4 or XFS"
#define HOSTS LOCAL ", or to a shared file system that docs/hosts.md in the source recommends"

#define NO_MODES    "which has no file modes, and is easily damaged by a power cut"
#define NO_DIR_SYNC "which does not sync directories, so that acknowledged mail may be lost"
#define OWN_LOCKS                                                                     \
    "where a lock may be visible on one machine only, so that two servers could use " \
    "the store at once"

/* Where no store should be. */
static const struct unsuitable {
    const char *system, *why, *advice;
} unsuitable[] = {
    {"tmpfs", "which loses all mail when the machine stops", LOCAL},
    {"ramfs", "which loses all mail when the machine stops", LOCAL},
    {"overlay", "which is removed with its container",
     "give the container a volume for the store, on a local disk with ext4 or XFS"},
    {"vfat", NO_MODES, LOCAL},
    {"exfat", NO_MODES, LOCAL},
    {"smb", NO_DIR_SYNC, HOSTS},
    {"cifs", NO_DIR_SYNC, HOSTS},
    {"smb3", NO_DIR_SYNC, HOSTS},
    {"9p", OWN_LOCKS, HOSTS},
    {"virtiofs", OWN_LOCKS, HOSTS},
    {"vboxsf", OWN_LOCKS, HOSTS},
    {"fuse.vmhgfs-fuse", OWN_LOCKS, HOSTS},
    {"fuse.sshfs", OWN_LOCKS, HOSTS},
};

/* Shared with other hosts, and tested. */
static const char *const tested[] = {"nfs", "nfs4", "fuse.glusterfs"};

static const struct unsuitable *find_unsuitable(const char *system)
{
    for (size_t i = 0; i < sizeof unsuitable / sizeof *unsuitable; i++)
        if (strcmp(system, unsuitable[i].system) == 0)
            return &unsuitable[i];
    return NULL;
}

static bool is_tested(const char *system)
{
    for (size_t i = 0; i < sizeof tested / sizeof *tested; i++)
        if (strcmp(system, tested[i]) == 0)
            return true;
    return false;
}

bool doctor_lacks_log(const struct doctor_hosts *h)
{
    return h->shared || find_unsuitable(h->mount.system);
}

/* Version 3 does not tell a host that it has lost its locks; 4.0 may carry out a call twice. */
static void judge_nfs(struct buf *rows, const char *store, const struct doctor_hosts *h)
{
    const struct os_mount *m = &h->mount;
    struct span version, locks, none;
    char text[64];
    os_mount_option(m, "vers", &version);
    bool old = span_starts(version, SPAN("2")) || span_starts(version, SPAN("3")) ||
               span_eq(version, SPAN("4.0"));
    bool own = os_mount_option(m, "local_lock", &locks) && !span_eq(locks, SPAN("none"));
    bool soft = os_mount_option(m, "soft", &none) || os_mount_option(m, "softerr", &none);
    snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(old ? version : locks));
    const struct doctor_row table[] = {
        ROW(old, ERROR,
            "it is mounted with NFS version %t: a server may not notice that it has lost its "
            "locks, and a change may be made twice",
            "mount it with vers=4.2", .text = text),
        ROW(own && !old, ERROR,
            "it is mounted with local_lock=%t: another host does not see the locks of this one",
            "mount it without nolock and local_lock", .text = text),
        ROW(soft, ERROR,
            "it is mounted with soft or softerr: written data is dropped when the NFS server does "
            "not answer in time",
            "mount it with hard"),
        ROW(os_mount_option(m, "nocto", &none), ERROR,
            "it is mounted with nocto: this host does not see what another one has changed",
            "mount it without nocto"),
        ROW(os_mount_option(m, "softreval", &none), ERROR,
            "it is mounted with softreval: while the NFS server does not answer, this host reads "
            "old data from its cache",
            "mount it without softreval"),
        ROW(h->recovers_lost_locks, ERROR,
            "the NFS client takes lost locks again: a server may not notice that another one has "
            "used the store",
            "echo N >/sys/module/nfs/parameters/recover_lost_locks, and remove the option "
            "recover_lost_locks from /etc/modprobe.d"),
    };

    ADD_ROWS(rows, store, table);
}

static const char *const cache_options[CACHES] = {
    [CACHE_WRITE_BEHIND] = "performance.write-behind",
    [CACHE_OPEN_BEHIND] = "performance.open-behind",
    [CACHE_QUICK_READ] = "performance.quick-read",
    [CACHE_MD_CACHE] = "performance.stat-prefetch",
    [CACHE_READ_AHEAD] = "performance.read-ahead",
    [CACHE_READDIR_AHEAD] = "performance.readdir-ahead",
    [CACHE_IO_CACHE] = "performance.io-cache",
    [CACHE_NL_CACHE] = "performance.nl-cache",
};

/* A mount shows the options of the time when it was made, or when a translator came or went. */
#define AGAIN ", and mount it again"

static void judge_gluster(struct buf *rows, const char *store, const struct doctor_hosts *h)
{
    const struct doctor_gluster *g = &h->gluster;
    const char *colon = strrchr(h->mount.source, ':');
    const char *volume = colon ? colon + 1 : h->mount.source;
    volume += *volume == '/';
    const struct doctor_row table[] = {
        ROW(!g->known, WARNING, "the options of GlusterFS cannot be read", "run this as root"),
        ROW(g->loose_locks, ERROR,
            "client.strict-locks is off: a host that was cut off goes on as if it still had its "
            "locks",
            "gluster volume set %t client.strict-locks on" AGAIN, .text = volume),
        ROW(g->eager_lock, WARNING,
            "cluster.eager-lock is on: other hosts wait for files that a lost host has just "
            "changed",
            "gluster volume set %t cluster.eager-lock off" AGAIN, .text = volume),
        ROW(g->delays, WARNING,
            "cluster.post-op-delay-secs is not 0: files that a lost host has just changed need "
            "healing",
            "gluster volume set %t cluster.post-op-delay-secs 0" AGAIN, .text = volume),
        ROW(g->remembers, ERROR,
            "it is mounted without attribute-timeout=0 or entry-timeout=0: for a while this host "
            "does not see what another one has changed",
            "mount it with attribute-timeout=0,entry-timeout=0"),
        ROW(g->known && g->replicas < 3, ERROR,
            "the volume keeps fewer than three copies of each file: if one is lost, it stops, or "
            "the copies diverge",
            "make it a volume with replica 3: see gluster volume add-brick %t", .text = volume),
    };

    ADD_ROWS(rows, store, table);
    for (size_t i = 0; i < CACHES; i++) {
        const struct doctor_row row =
            ROW(g->caches[i], ERROR, "%t is on: this host may not see what another one has changed",
                "gluster volume set %u %t off", .text = cache_options[i], .more = volume);
        doctor_add_rows(rows, store, &row, 1);
    }
}

static void judge_ceph(struct buf *rows, const char *store, const struct os_mount *m)
{
    struct span mode;
    bool clean = os_mount_option(m, "recover_session", &mode) && span_eq(mode, SPAN("clean"));
    const struct doctor_row table[] = {
        ROW(clean, ERROR,
            "it is mounted with recover_session=clean: a host that was shut out comes back without "
            "its locks",
            "mount it with recover_session=no"),
    };

    ADD_ROWS(rows, store, table);
}

void doctor_judge_hosts(struct buf *rows, const char *store, const struct doctor_hosts *h)
{
    const char *system = h->mount.system;
    const struct unsuitable *u = find_unsuitable(system);
    char text[sizeof h->mount.system + 128];
    snprintf(text, sizeof text, "%s, %s", system, u ? u->why : "");
    const struct doctor_row table[] = {
        ROW(u, WARNING, "the store is on %t", u ? u->advice : "", .text = text),
        ROW(!u && h->shared && !is_tested(system), WARNING,
            "the store is on %t, which was not tested: acknowledged mail may be lost, and "
            "two servers may use the store at once",
            HOSTS, .text = *system ? system : "an unknown file system"),
    };

    ADD_ROWS(rows, store, table);
    if (strcmp(system, "nfs") == 0 || strcmp(system, "nfs4") == 0)
        judge_nfs(rows, store, h);
    if (strcmp(system, "fuse.glusterfs") == 0)
        judge_gluster(rows, store, h);
    if (strcmp(system, "ceph") == 0)
        judge_ceph(rows, store, &h->mount);
}
