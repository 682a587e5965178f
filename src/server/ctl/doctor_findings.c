/* SPDX-License-Identifier: ISC */
/* What is wrong with the facts: tables of test, finding and advice. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/descriptors.h"
#include "ctl/doctor_private.h"
#include "os/udp.h"

#define SPARE_THREADS 64 /* beside those of clients */
#define THREAD_MAPS   2  /* a stack and its guard */
#define YEAR_2024     INT64_C(1704067200)
#define YEAR_2100     INT64_C(4102444800)

/* --- the store --- */

/* %1 is the number of files, %t the first of them, %2 the owner of the store. */
static const struct doctor_row odd_rows[ODDS] = {
    [ODD_OWNER] = ROW(false, ERROR, "files of another owner: %1, such as %t",
                      "find -H %q ! -uid %2 -exec chown -h %2 {} +"),
    [ODD_DIR_WIDE] = ROW(false, WARNING, "directories open to other users: %1, such as %t",
                         "find -H %q -mindepth 1 -type d -perm /077 -exec chmod 0700 {} +"),
    [ODD_FILE_WIDE] = ROW(false, WARNING, "files open to other users: %1, such as %t",
                          "find -H %q -type f -perm /077 -exec chmod 0600 {} +"),
    [ODD_DIR_NARROW] = ROW(false, ERROR, "directories closed to their owner: %1, such as %t",
                           "find -H %q -type d ! -perm -700 -exec chmod u+rwx {} \\;"),
    [ODD_FILE_NARROW] = ROW(false, ERROR, "files closed to their owner: %1, such as %t",
                            "find -H %q -type f ! -perm -600 -exec chmod u+rw {} +"),
    [ODD_KIND] = ROW(false, ERROR,
                     "symbolic links and special files, which the server does not open: "
                     "%1, such as %t",
                     "mkdir -p %q.aside && find -H %q -mindepth 1 -type p,b,c "
                     "-exec mv -n -t %q.aside {} + && find -H %q -mindepth 3 -type l "
                     "-exec mv -n -t %q.aside {} +"),
    [ODD_LINK] = ROW(false, ERROR,
                     "symbolic links in place of parts of the store, which the server does not "
                     "follow: %1, such as %t",
                     "stop the server, and put what the link leads to in its place"),
    [ODD_CLOSED] =
        ROW(false, ERROR, "files that this user cannot check: %1, such as %t", "run this as root"),
    [ODD_ACCOUNT] =
        ROW(false, ERROR,
            "accounts whose file account is missing, unreadable or damaged: %1, such as %t",
            "restore the file account from a backup"),
    [ODD_TEMPORARY] = ROW(false, WARNING, "files left over from a crash: %1, such as %t",
                          "start the server: it removes them"),
    [ODD_OLD_LOG] = ROW(false, WARNING,
                        "parts of the delivery log that could not be recovered, with messages that "
                        "may be nowhere else: %1, such as %t",
                        "remove the cause, which the server has logged, and start the server "
                        "again; see pochta-store(5)"),
    [ODD_BROKEN] = ROW(false, WARNING,
                       "damaged messages set aside: %1, such as %t; restore from a backup "
                       "what fsck cannot bring back",
                       "pochtactl --store %q fsck --repair"),
    [ODD_FULL] = ROW(false, WARNING,
                     "accounts with more mail than their quota, which receive nothing new: %1, "
                     "such as %t",
                     "pochtactl --store %q user quota NAME BYTES MESSAGES, or change quota-bytes"),
    [ODD_RESERVED] = ROW(false, WARNING,
                         "accounts with a reserved name, so that messages of the server, or from "
                         "outside, seem to come from that user: %1, such as %t",
                         "move its mail to another account with pochta export and import, then "
                         "pochtactl --store %q user delete NAME"),
    [ODD_GONE] = ROW(false, WARNING,
                     "members of groups whose accounts were deleted, of which all who write to "
                     "the group are told: %1, such as %t",
                     "pochtactl --store %q group remove %t"),
    [ODD_EMPTY] =
        ROW(false, WARNING, "groups without members, to which nobody can send mail: %1, such as %t",
            "pochtactl --store %q group delete %t"),
    [ODD_FUTURE] = ROW(false, WARNING, "messages from the future: %1, such as %t",
                       "set the clock; if it is right now, wait"),
};

static void judge_odds(struct buf *rows, const struct doctor_store *s, enum doctor_server server)
{
    for (size_t i = 0; i < ODDS; i++) {
        struct doctor_row row = odd_rows[i];
        /* Those of a process that has the store open are no leftovers. */
        row.is_so = s->odd[i].n > 0 && !(i == ODD_TEMPORARY && s->lock.used) &&
                    !(i == ODD_OLD_LOG && server == SERVER_HANGS); /* it may be at its recovery */
        row.text = s->odd[i].first;
        row.n[0] = s->odd[i].n;
        row.n[1] = s->info.owner;
        doctor_add_rows(rows, s->path, &row, 1);
    }
}

static void judge_directory(struct buf *rows, const struct doctor_store *s)
{
    const struct doctor_row table[] = {
        ROW(s->missing && s->replaced, ERROR, "its %t is not a directory",
            "put the directory in its place; the server does not start without it",
            .text = s->missing),
        ROW(s->missing && !s->replaced, ERROR,
            "not a Pochta store, or a damaged one: it has no directory %t",
            "start the server, which creates it; or give another directory with --store",
            .text = s->missing),
        ROW(s->apart, ERROR,
            "%t is on another file system than new: the server does not start, since it cannot "
            "rename files from one to the other",
            "unmount it, and copy what was in it to the file system of the store",
            .text = s->apart),
        /* The group may pass through, to control.sock. */
        ROW(s->info.mode & 067, WARNING, "the store is open to other users", "chmod g-rw,o-rwx %q"),
        ROW((s->info.mode & 0700) != 0700, ERROR, "the store is closed to its owner",
            "chmod u+rwx %q"),
        ROW(s->socket_mode & 07117, WARNING, "control.sock is open to other users",
            "chmod 0660 %q/control.sock"),
        ROW(s->doors_damaged, ERROR,
            "the file doors is damaged: a server with doors does not start",
            "copy the newest file DATE.doors of a backup over it; pochta-store(5) says what it "
            "means to remove it"),
        ROW(s->read_only, ERROR,
            "the file system is mounted read-only: the server does not start, or changes nothing",
            "see dmesg for an I/O error, check the file system, and mount it with the option rw"),
    };

    ADD_ROWS(rows, s->path, table);
    doctor_judge_hosts(rows, s->path, &s->hosts);
}

static void judge_locks(struct buf *rows, const struct doctor_store *s, enum doctor_server server)
{
    bool foreign = s->lock_sound && s->semaphores > 0 && s->semaphores_foreign;
    bool stale =
        s->lock_sound && s->semaphores > 0 && !foreign && server == SERVER_NONE && !s->lock.used;
    const struct doctor_row lock[] = {
        ROW(s->version_unknown, ERROR,
            "this program does not know the version of the store, or cannot read it",
            "cat %q/version; a newer Pochta may have made the store"),
        ROW(s->lock_there && !s->lock_sound, ERROR,
            "the lock file is damaged or of another version; stop all users of the store first",
            "rm -r %q/lock"),
    };
    const struct doctor_row shm[] = {
        ROW(!s->shm_there, ERROR, "missing, or closed to the store's owner",
            "mountpoint -q /dev/shm || mount -t tmpfs tmpfs /dev/shm; chmod 1777 /dev/shm"),
        ROW(foreign, ERROR, "semaphores of the store belong to another user: %1",
            "rm -f /dev/shm/sem.pochta-%t-*", .text = s->lock.key, .n = {s->semaphores}),
        ROW(stale, WARNING, "semaphores of the store were left by a killed process: %1",
            "rm -f /dev/shm/sem.pochta-%t-*", .text = s->lock.key, .n = {s->semaphores}),
    };

    ADD_ROWS(rows, s->path, lock);
    ADD_ROWS(rows, "/dev/shm", shm);
}

void doctor_judge_store(struct buf *rows, const struct doctor_store *s, enum doctor_server server)
{
    const struct doctor_row closed[] = {
        ROW(s->why && s->replaced, ERROR, "cannot open the store: %t",
            "make it a directory that its owner may use; or give another one with --store",
            .text = s->why),
        ROW(s->why && !s->replaced, ERROR, "cannot open the store: %t",
            "start the server, which creates it; or give another directory with --store",
            .text = s->why),
    };
    const struct doctor_row unmounted =
        ROW(*s->unmounted, ERROR,
            "the store %t lies on this file system, which is in /etc/fstab but not mounted; a "
            "server would make a new store in its place",
            "mount %q", .text = s->path);
    doctor_add_rows(rows, s->unmounted, &unmounted, 1);
    if (*s->unmounted)
        return; /* what is there now is not the store */
    ADD_ROWS(rows, s->path, closed);
    if (s->why)
        return;
    judge_directory(rows, s);
    judge_odds(rows, s, server);
    judge_locks(rows, s, server);
}

void doctor_judge_server(struct buf *rows, const char *store, enum doctor_server server)
{
    const struct doctor_row table[] = {
        ROW(server == SERVER_HANGS, ERROR, "a server is running, but does not answer",
            "stop it, with SIGKILL if necessary, and start it again"),
        ROW(server == SERVER_SECRET, WARNING, "this user may not ask whether a server is running",
            "run this as root or as the server's user"),
    };

    ADD_ROWS(rows, store, table);
}

/* --- the space --- */

void doctor_judge_space(struct buf *rows, const struct doctor_store *s, const struct config *c)
{
    bool bytes = s->free_bytes / 2 < c->reserve_bytes;
    bool inodes = s->free_inodes / 2 < c->reserve_inodes;
    bool no_bytes = s->free_bytes < c->reserve_bytes;
    bool no_inodes = s->free_inodes < c->reserve_inodes;
    const struct doctor_row table[] = {
        ROW(bytes, no_bytes ? ERROR : WARNING, "%1 bytes free, reserve-bytes is %2%t",
            "free space on its file system, or lower reserve-bytes",
            .text = no_bytes ? ": the server accepts no new mail" : "",
            .n = {s->free_bytes, c->reserve_bytes}),
        ROW(inodes, no_inodes ? ERROR : WARNING, "%1 inodes free, reserve-inodes is %2%t",
            "free inodes on its file system, or lower reserve-inodes",
            .text = no_inodes ? ": the server accepts no new mail" : "",
            .n = {s->free_inodes, c->reserve_inodes}),
        ROW(s->quotas > s->free_bytes, WARNING,
            "the quotas allow %1 more bytes of mail, but only %2 are free",
            "lower quota-bytes, or the quotas of users: pochtactl --store %q user quota",
            .n = {s->quotas, s->free_bytes}),
    };

    if (!s->why)
        ADD_ROWS(rows, s->path, table);
}

/* --- the delivery log --- */

void doctor_judge_log(struct buf *rows, const struct doctor_store *s, enum doctor_server server,
                      uint64_t log_size)
{
    const char *unused = "mail is received without the delivery log, which is slower: %t";
    bool idle = server == SERVER_RUNS && !s->no_log && !s->logged && s->odd[ODD_OLD_LOG].n == 0;
    const struct doctor_row table[] = {
        /* Of a file system without one, or shared with other hosts, nobody can change that. */
        ROW(s->no_log && !doctor_lacks_log(&s->hosts), WARNING, unused,
            "have all of the store on one file system, ext4 or XFS, with Linux 5.17 or later; or "
            "set log-size = 0",
            .text = s->no_log),
        ROW(idle, WARNING, unused,
            "look for delivery_log in the log of the server, and restart it with this "
            "configuration",
            .text = "the server does not use it"),
    };

    if (!s->why && log_size > 0)
        ADD_ROWS(rows, s->path, table);
}

/* --- the clock --- */

void doctor_judge_clock(struct buf *rows, const struct doctor_clock *c)
{
    const struct doctor_row table[] = {
        ROW(c->now < YEAR_2024 || c->now >= YEAR_2100, ERROR, "the year is wrong",
            "date -s 'YYYY-MM-DD hh:mm:ss'"),
        ROW(!c->kept_right, WARNING, "not synchronized", "timedatectl set-ntp true"),
    };
    const struct doctor_row zone =
        ROW(c->zone, WARNING, "cannot read the time zone: dates are shown in UTC",
            "install tzdata; see tzset(3)");

    ADD_ROWS(rows, "clock", table);
    doctor_add_rows(rows, c->zone, &zone, 1);
}

/* --- the configuration --- */

static bool can_read(const struct os_file_info *file, const struct os_file_info *who)
{
    if (who->owner == 0)
        return true;
    if (file->owner == who->owner)
        return file->mode & 0400;
    return file->mode & (file->group == who->group ? 0040 : 0004);
}

void doctor_judge_config(struct buf *rows, const struct doctor_config *f,
                         const struct os_file_info *owner)
{
    const struct doctor_row table[] = {
        ROW(f->why, ERROR, "%t", "edit %q", .text = f->why),
        ROW(f->there && f->info.mode & 022, ERROR, "other users than its owner can write it",
            "chmod go-w %q"),
        ROW(f->there && owner && !can_read(&f->info, owner), ERROR,
            "the store's owner cannot read it", "chmod a+r %q"),
        ROW(f->there && owner && f->info.owner != 0 && f->info.owner != owner->owner, WARNING,
            "it belongs neither to root nor to the store's owner", "chown root %q"),
    };

    ADD_ROWS(rows, f->file, table);
}

/* --- the ports --- */

static void add_port_rows(struct buf *rows, const struct doctor_port *p,
                          const struct doctor_row *table, size_t n)
{
    char subject[ADDRESS_HOST_BYTES + 30];
    const char *host = p->place.host, *port = p->place.port;
    const char *kind = strcmp(p->key, "listen") == 0 ? "" : p->key, *gap = *kind ? " " : "";
    if (*port)
        snprintf(subject, sizeof subject, strchr(host, ':') ? "%s%s[%s]:%s" : "%s%s%s:%s", kind,
                 gap, host, port);
    else
        snprintf(subject, sizeof subject, "%s%s%s", kind, gap, host);
    doctor_add_rows(rows, subject, table, n);
}

#define ADD_PORT_ROWS(rows, p, table) add_port_rows(rows, p, table, sizeof(table) / sizeof *(table))

void doctor_judge_port(struct buf *rows, const struct doctor_port *p, enum doctor_server server)
{
    bool ours = server == SERVER_RUNS || server == SERVER_HANGS;
    bool silent = p->answer == DOCTOR_NOBODY && !p->standby;
    char why[256];
    const struct doctor_row table[] = {
        ROW(p->answer == DOCTOR_STRANGER, ERROR, "another program answers there",
            "stop it, or set %t to another address", .text = p->key),
        ROW(p->answer == DOCTOR_FULL, WARNING, "the server there turns clients away",
            "raise clients, or wait until it is drained"),
        ROW(p->answer == DOCTOR_POCHTA && server == SERVER_NONE, ERROR,
            "the server of another store answers there", "stop it, or set %t to another address",
            .text = p->key),
        ROW(silent && ours, ERROR, "the server is running, but does not answer there",
            "restart it with this configuration, or give its configuration with --config"),
        ROW(silent && !ours && p->why, ERROR, why,
            p->no_directory ? "make its directory as pochtad.conf(5) says under lmtp, or set %t to "
                              "another path"
                            : "set %t to another address",
            .text = p->key),
    };

    snprintf(why, sizeof why, "cannot listen there: %s", p->why ? p->why : "");
    ADD_PORT_ROWS(rows, p, table);
}

void doctor_judge_version_1(struct buf *rows, const struct doctor_port *p)
{
    const struct doctor_row table[] = {
        ROW(p->reach == OS_NET_WORLD, WARNING,
            "machines of other networks can reach version 1 there: anyone who forges the address "
            "of a client can speak in the name of its user",
            "set udp-versions = 2, or udp to an address of this host or of its own network"),
    };

    ADD_PORT_ROWS(rows, p, table);
}

void doctor_judge_registration(struct buf *rows, const struct doctor_port *p)
{
    const struct doctor_row table[] = {
        ROW(p->reach != OS_NET_MACHINE, WARNING,
            "other machines can reach it: anyone there may register, and passwords and mail are "
            "sent in plain text",
            "set registration to closed or invite; for TLS, set %t to 127.0.0.1 or [::1], and see "
            "tls.md in the documentation",
            .text = p->key),
    };

    ADD_PORT_ROWS(rows, p, table);
}

void doctor_judge_plain_text(struct buf *rows, const struct doctor_port *p)
{
    const struct doctor_row table[] = {
        ROW(p->reach != OS_NET_MACHINE, WARNING,
            "other machines can reach it: passwords and mail are sent in plain text",
            "for TLS, set %t to 127.0.0.1 or [::1], and see pochta-doors(7)", .text = p->key),
    };

    ADD_PORT_ROWS(rows, p, table);
}

void doctor_judge_user(struct buf *rows, const struct doctor_port *p, const struct doctor_limits *l,
                       const char *user)
{
    uint64_t port;
    bool closed = *user && l->first_port != UINT64_MAX &&
                  span_u64(span_str(p->place.port), UINT64_MAX, &port) && port < l->first_port;
    const struct doctor_row table[] = {
        ROW(closed, ERROR, "each session binds this port, but user %t may not bind it",
            "set udp to a port from %1 on", .text = user, .n = {l->first_port}),
    };

    ADD_PORT_ROWS(rows, p, table);
}

/* --- the limits --- */

void doctor_judge_limits(struct buf *rows, const struct doctor_limits *l, uint64_t clients)
{
    uint64_t descriptors = (clients + DESCRIPTORS_OWN_CLIENTS + 1) * DESCRIPTORS_EACH;
    uint64_t threads = clients + SPARE_THREADS, maps = threads * THREAD_MAPS;
    char needs[80];
    descriptors += descriptors / (DESCRIPTORS_LEFT_PART - 1) + 1;
    snprintf(needs, sizeof needs, "%" PRIu64 " clients need", clients);
    const struct doctor_row table[] = {
        ROW(l->descriptors < descriptors, WARNING, "descriptors: the limit is %1, %t %2",
            "set LimitNOFILE=%2 in the unit, or lower clients", .text = needs,
            .n = {l->descriptors, descriptors}),
        ROW(l->processes < threads, WARNING, "threads of the user: the limit is %1, %t %2",
            "set LimitNPROC=%2 in the unit, or lower clients", .text = needs,
            .n = {l->processes, threads}),
        ROW(l->threads < threads, WARNING, "threads of the machine: the limit is %1, %t %2",
            "sysctl kernel.threads-max=%2, or lower clients", .text = needs,
            .n = {l->threads, threads}),
        ROW(l->tasks < threads, WARNING, "tasks of the control group: the limit is %1, %t %2",
            "set TasksMax=%2 in the unit, or lower clients", .text = needs,
            .n = {l->tasks, threads}),
        ROW(l->maps < maps, WARNING, "memory mappings: the limit is %1, %t %2",
            "sysctl vm.max_map_count=%2, or lower clients", .text = needs, .n = {l->maps, maps}),
    };

    ADD_ROWS(rows, "limits", table);
}

void doctor_judge_buffer(struct buf *rows, const struct doctor_limits *l)
{
    const struct doctor_row table[] = {
        ROW(l->receive_bytes < OS_UDP_BUFFER_BYTES, WARNING,
            "receive buffers: the limit is %1 bytes, the server wants %2: datagrams that find no "
            "room "
            "are lost, in version 1 over UDP for good",
            "sysctl net.core.rmem_max=%2", .n = {l->receive_bytes, OS_UDP_BUFFER_BYTES}),
    };

    ADD_ROWS(rows, "limits", table);
}
