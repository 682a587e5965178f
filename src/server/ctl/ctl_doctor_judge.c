/* What it means. Pure. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/descriptors.h"
#include "ctl/ctl_doctor.h"
#include "os/udp.h"

#define SPARE_THREADS 64 /* beside those of clients */
#define THREAD_MAPS   2  /* a stack and its guard */
#define YEAR_2024     INT64_C(1704067200)
#define YEAR_2100     INT64_C(4102444800)

/* One row, in pieces: begin, the words, mend, the words, end. */
static void begin(struct buf *rows, const char *level, const char *subject)
{
    buf_printf(rows, "%s\t", level);
    ctl_table_text(rows, span_str(subject));
    buf_add_char(rows, '\t');
}

static void mend(struct buf *rows)
{
    buf_add_char(rows, '\t');
}

static void end(struct buf *rows)
{
    buf_add_char(rows, '\n');
}

static void row(struct buf *rows, const char *level, const char *subject, const char *what,
                const char *how)
{
    begin(rows, level, subject);
    ctl_table_text(rows, span_str(what));
    mend(rows);
    ctl_table_text(rows, span_str(how));
    end(rows);
}

void doctor_quote(struct buf *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+,:@%-";

    if (*path && *path != '-' && strspn(path, plain) == strlen(path)) {
        buf_add_str(out, path);
        return;
    }
    buf_add_str(out, "$'");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        if (c < ' ' || c >= 0x7f || c == '\'' || c == '\\')
            buf_printf(out, "\\x%02x", (unsigned)c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '\'');
}

/* --- the store --- */

/* In mends, %S stands for the store's path, %O for its owner. */
struct oddity {
    const char *level, *what, *mend;
};

static const struct oddity oddities[ODDS] = {
    [ODD_OWNER] = {"error", "not of the store's owner", "find %S ! -uid %O -exec chown -h %O {} +"},
    [ODD_DIR_WIDE] = {"warning", "directories open to others",
                      "find %S -mindepth 1 -type d -perm /077 -exec chmod 0700 {} +"},
    [ODD_FILE_WIDE] = {"warning", "files open to others",
                       "find %S -type f -perm /077 -exec chmod 0600 {} +"},
    [ODD_DIR_NARROW] = {"error", "directories closed to their owner",
                        "find %S -type d ! -perm -700 -exec chmod u+rwx {} \\;"},
    [ODD_FILE_NARROW] = {"error", "files closed to their owner",
                         "find %S -type f ! -perm -600 -exec chmod u+rw {} +"},
    [ODD_KIND] = {"error", "symbolic links, or other things that the server does not open",
                  "find %S -type l,p,b,c -delete"},
    [ODD_CLOSED] = {"error", "cannot be looked at by this user", "run this as root"},
    [ODD_ACCOUNT] = {"error", "accounts whose file cannot be read or is damaged",
                     "restore the file account from a backup"},
    [ODD_TEMPORARY] = {"warning", "left half-done by a crash",
                       "start the server: it clears them away"},
    [ODD_BROKEN] =
        {"warning", "damaged messages set aside; to give them up, with no server running",
         "find %S/users -name '*-b,*' -exec sh -c 'mv \"$1\" \"${1%%-b,*}-x,${1#*-b,}\"' "
         "- {} \\;"},
    [ODD_FUTURE] = {"warning", "messages of a time to come",
                    "set the clock; if it is right now, wait"},
};

static void add_mend(struct buf *rows, const char *pattern, const struct doctor_store *s)
{
    for (; *pattern; pattern++) {
        if (*pattern != '%') {
            buf_add_char(rows, *pattern);
            continue;
        }
        pattern++;
        if (*pattern == 'S')
            doctor_quote(rows, s->path);
        else if (*pattern == 'O')
            buf_printf(rows, "%u", s->info.owner);
        else
            buf_add_char(rows, *pattern);
    }
}

static void store_row(struct buf *rows, const struct doctor_store *s, const char *level,
                      const char *what, const char *pattern)
{
    begin(rows, level, s->path);
    buf_add_str(rows, what);
    mend(rows);
    add_mend(rows, pattern, s);
    end(rows);
}

static void judge_odds(struct buf *rows, const struct doctor_store *s)
{
    for (size_t i = 0; i < ODDS; i++) {
        if (s->odd[i].n == 0 || (i == ODD_TEMPORARY && s->lock.used))
            continue;
        begin(rows, oddities[i].level, s->path);
        buf_printf(rows, "%s: %" PRIu64 ", such as ", oddities[i].what, s->odd[i].n);
        ctl_table_text(rows, span_str(s->odd[i].first));
        mend(rows);
        add_mend(rows, oddities[i].mend, s);
        end(rows);
    }
}

static void judge_directory(struct buf *rows, const struct doctor_store *s)
{
    /* The group may pass through, to control.sock. */
    if (s->info.mode & 067)
        store_row(rows, s, "warning", "the store is open to others", "chmod g-rw,o-rwx %S");
    if ((s->info.mode & 0700) != 0700)
        store_row(rows, s, "error", "the store is closed to its owner", "chmod u+rwx %S");
    if (s->socket_mode & 07117)
        store_row(rows, s, "warning", "control.sock is open to others",
                  "chmod 0660 %S/control.sock");
    if (*s->system) {
        begin(rows, "warning", s->path);
        buf_printf(rows, "it is on %s, where what was answered may be lost, or locks not hold",
                   s->system);
        mend(rows);
        buf_add_str(rows, "move it to a disk of this machine with ext4 or XFS");
        end(rows);
    }
}

static void judge_locks(struct buf *rows, const struct doctor_store *s, enum doctor_server server)
{
    if (s->lock_there && !s->lock_sound)
        store_row(rows, s, "error", "the lock file is not of this version; with nothing running",
                  "rm -r %S/lock");
    if (!s->shm_there)
        row(rows, "error", "/dev/shm", "it is not there, or closed to the store's owner",
            "mountpoint -q /dev/shm || mount -t tmpfs tmpfs /dev/shm; chmod 1777 /dev/shm");
    if (s->semaphores == 0 || !s->lock_sound)
        return;
    if (s->semaphores_foreign || (server == SERVER_NONE && !s->lock.used)) {
        begin(rows, s->semaphores_foreign ? "error" : "warning", "/dev/shm");
        buf_printf(rows, "semaphores of the store %s: %" PRIu64,
                   s->semaphores_foreign ? "belong to another user"
                                         : "were left by a process that was killed",
                   s->semaphores);
        mend(rows);
        buf_printf(rows, "rm -f /dev/shm/sem.pochta-%s-*", s->lock.key);
        end(rows);
    }
}

void doctor_judge_store(struct buf *rows, const struct doctor_store *s, enum doctor_server server)
{
    if (s->why) {
        begin(rows, "error", s->path);
        buf_printf(rows, "the store cannot be looked at: %s", s->why);
        mend(rows);
        buf_add_str(rows, "start the server, which makes it, or say --store");
        end(rows);
        return;
    }
    if (s->missing) {
        begin(rows, "error", s->path);
        buf_printf(rows, "it is no store, or has lost a part: no directory %s", s->missing);
        mend(rows);
        buf_add_str(rows, "start the server, which makes what is missing; or say --store");
        end(rows);
    }
    judge_directory(rows, s);
    judge_odds(rows, s);
    judge_locks(rows, s, server);
}

void doctor_judge_server(struct buf *rows, const char *store, enum doctor_server server)
{
    if (server == SERVER_HANGS)
        row(rows, "error", store, "its server is there, but does not answer",
            "end it, with SIGKILL if need be, and start it again");
    if (server == SERVER_SECRET)
        row(rows, "warning", store, "whether a server runs is not for this user to know",
            "run this as root or as the server's user");
}

/* --- the space --- */

static void judge_free(struct buf *rows, const struct doctor_store *s, const char *key,
                       const char *what, uint64_t there, uint64_t reserve)
{
    if (reserve == 0 || there / 2 >= reserve)
        return;
    begin(rows, there < reserve ? "error" : "warning", s->path);
    buf_printf(rows, "%" PRIu64 " %s free, %s is %" PRIu64 "%s", there, what, key, reserve,
               there < reserve ? ": nothing new is accepted" : "");
    mend(rows);
    buf_printf(rows, "make room on its file system, or lower %s", key);
    end(rows);
}

void doctor_judge_space(struct buf *rows, const struct doctor_store *s, const struct config *c)
{
    if (s->why)
        return;
    judge_free(rows, s, "reserve-bytes", "bytes", s->free_bytes, c->reserve_bytes);
    judge_free(rows, s, "reserve-inodes", "inodes", s->free_inodes, c->reserve_inodes);
    if (s->quotas <= s->free_bytes)
        return;
    begin(rows, "warning", s->path);
    buf_printf(rows, "quotas allow %" PRIu64 " bytes more than there is mail, %" PRIu64 " are free",
               s->quotas, s->free_bytes);
    mend(rows);
    buf_add_str(rows, "lower quota-bytes, or those of users: pochtactl user quota");
    end(rows);
}

/* --- the clock --- */

void doctor_judge_clock(struct buf *rows, const struct doctor_clock *c)
{
    if (c->now < YEAR_2024 || c->now >= YEAR_2100)
        row(rows, "error", "clock", "the year cannot be right", "date -s 'YYYY-MM-DD hh:mm:ss'");
    if (!c->kept_right)
        row(rows, "warning", "clock", "nothing keeps it right", "timedatectl set-ntp true");
    if (c->zone)
        row(rows, "warning", c->zone, "the time zone cannot be read: dates are shown in UTC",
            "install tzdata; see tzset(3)");
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

/* --- the configuration --- */

static bool can_read(const struct os_file_info *file, const struct os_file_info *who)
{
    if (who->owner == 0)
        return true;
    if (file->owner == who->owner)
        return file->mode & 0400;
    return file->mode & (file->group == who->group ? 0040 : 0004);
}

static void config_row(struct buf *rows, const struct doctor_config *f, const char *level,
                       const char *what, const char *command)
{
    begin(rows, level, f->file);
    ctl_table_text(rows, span_str(what));
    mend(rows);
    buf_add_str(rows, command);
    doctor_quote(rows, f->file);
    end(rows);
}

void doctor_judge_config(struct buf *rows, const struct doctor_config *f,
                         const struct os_file_info *store)
{
    if (f->why)
        config_row(rows, f, "error", f->why, "edit ");
    if (!f->there)
        return;
    if (f->info.mode & 022)
        config_row(rows, f, "error", "others than its owner can write it", "chmod go-w ");
    if (store && !can_read(&f->info, store))
        config_row(rows, f, "error", "the store's owner cannot read it", "chmod a+r ");
    if (store && f->info.owner != 0 && f->info.owner != store->owner)
        config_row(rows, f, "warning", "it belongs neither to root nor to the store's owner",
                   "chown root ");
}

/* --- the ports --- */

static void port_row(struct buf *rows, const struct doctor_port *p, const char *level,
                     const char *what, const char *how)
{
    char subject[ADDRESS_HOST_BYTES + 20];
    bool v6 = strchr(p->place.host, ':'), udp = strcmp(p->key, "udp") == 0;

    snprintf(subject, sizeof subject, "%s%s%s%s:%s", udp ? "udp " : "", v6 ? "[" : "",
             p->place.host, v6 ? "]" : "", p->place.port);
    row(rows, level, subject, what, how);
}

void doctor_judge_port(struct buf *rows, const struct doctor_port *p, enum doctor_server server)
{
    char elsewhere[64], why[256];
    bool mine = server == SERVER_RUNS || server == SERVER_HANGS;

    snprintf(elsewhere, sizeof elsewhere, "end it, or set %s to another address", p->key);
    if (p->answer == DOCTOR_STRANGER) {
        port_row(rows, p, "error", "what answers there is no Pochta server", elsewhere);
    } else if (p->answer == DOCTOR_FULL) {
        port_row(rows, p, "warning", "the server there turns clients away",
                 "raise clients, or wait until it is drained");
    } else if (p->answer == DOCTOR_POCHTA && server == SERVER_NONE) {
        port_row(rows, p, "error", "the server of another store answers there", elsewhere);
    } else if (p->answer == DOCTOR_NOBODY && mine) {
        port_row(rows, p, "error", "the server runs, but does not answer there",
                 "start it again with this configuration, or say --config");
    } else if (p->answer == DOCTOR_NOBODY && p->why) {
        snprintf(elsewhere, sizeof elsewhere, "set %s to another address", p->key);
        snprintf(why, sizeof why, "it cannot be listened on: %s", p->why);
        port_row(rows, p, "error", why, elsewhere);
    }
}

void doctor_judge_version_1(struct buf *rows, const struct doctor_port *p)
{
    if (p->open)
        port_row(rows, p, "warning",
                 "version 1 is open to more than this machine: who forges the address of a user's "
                 "client can speak in that user's name",
                 "set udp-versions to 2, or udp to 127.0.0.1 or [::1]");
}

void doctor_judge_user(struct buf *rows, const struct doctor_port *p, const struct doctor_limits *l,
                       const char *user)
{
    char what[256], how[64];
    uint64_t port;

    if (!*user || l->first_port == UINT64_MAX ||
        !span_u64(span_str(p->place.port), UINT64_MAX, &port) || port >= l->first_port)
        return;
    snprintf(what, sizeof what, "each session binds this port, which user %.64s may not", user);
    snprintf(how, sizeof how, "set udp to a port from %" PRIu64 " on", l->first_port);
    port_row(rows, p, "error", what, how);
}

/* --- the limits --- */

uint64_t doctor_limit(struct span text, struct span key, unsigned word)
{
    struct span line = text, value = text;
    uint64_t number;
    bool found = false;

    while (!found && text.n > 0) {
        if (!span_cut(&text, '\n', &line)) {
            line = text;
            text = span_skip(text, text.n);
        }
        found = span_starts(line, key);
    }
    line = span_skip(line, key.n);
    for (unsigned i = 0; found && i <= word; i++) {
        while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
            line = span_skip(line, 1);
        value = span_first(line, span_find(line, ' '));
        line = span_skip(line, value.n);
    }
    return found && span_u64(value, UINT64_MAX, &number) ? number : UINT64_MAX;
}

static void judge_limit(struct buf *rows, const char *what, uint64_t there, uint64_t needed,
                        uint64_t clients, const char *set)
{
    if (there >= needed)
        return;
    begin(rows, "warning", "limits");
    buf_printf(rows, "%s: %" PRIu64 " are allowed, %" PRIu64 " clients need %" PRIu64, what, there,
               clients, needed);
    mend(rows);
    buf_printf(rows, "%s%" PRIu64 ", or lower clients", set, needed);
    end(rows);
}

void doctor_judge_limits(struct buf *rows, const struct doctor_limits *l, uint64_t clients)
{
    uint64_t descriptors = (clients + DESCRIPTORS_OWN_CLIENTS + 1) * DESCRIPTORS_EACH;
    uint64_t threads = clients + SPARE_THREADS;

    descriptors += descriptors / (DESCRIPTORS_LEFT_PART - 1) + 1;
    judge_limit(rows, "descriptors", l->descriptors, descriptors, clients,
                "in the unit LimitNOFILE=");
    judge_limit(rows, "threads of the user", l->processes, threads, clients,
                "in the unit LimitNPROC=");
    judge_limit(rows, "threads of the machine", l->threads, threads, clients,
                "sysctl kernel.threads-max=");
    judge_limit(rows, "tasks of the control group", l->tasks, threads, clients,
                "in the unit TasksMax=");
    judge_limit(rows, "pieces of memory", l->maps, threads * THREAD_MAPS, clients,
                "sysctl vm.max_map_count=");
}

void doctor_judge_buffer(struct buf *rows, const struct doctor_limits *l)
{
    if (l->receive_bytes >= OS_UDP_BUFFER_BYTES)
        return;
    begin(rows, "warning", "limits");
    buf_printf(rows,
               "receive buffers: %" PRIu64 " bytes are allowed, %d are asked for: what finds no "
               "room is lost, in version 1 over UDP for good",
               l->receive_bytes, OS_UDP_BUFFER_BYTES);
    mend(rows);
    buf_printf(rows, "sysctl net.core.rmem_max=%d", OS_UDP_BUFFER_BYTES);
    end(rows);
}
