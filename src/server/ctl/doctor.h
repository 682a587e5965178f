/* SPDX-License-Identifier: ISC */
/*
 * doctor: the verb doctor of pochtactl: checks whether the store, the configuration and the machine
 * let a server do its work. It changes nothing, with a server or without one; fsck checks the
 * messages.
 *
 * doctor_store.c, doctor_mount.c, doctor_machine.c and doctor_ports.c collect facts;
 * doctor_findings.c, which is pure, has the table of what is wrong with them: test, finding and
 * advice. doctor_hosts.c has the table for file systems, doctor_values.c that for values of the
 * configuration, doctor_upgrade.c the one of what each
 * version has added that an administrator should decide about.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <limits.h>

#include "config/config.h"
#include "ctl/options.h"
#include "os/file.h"
#include "os/mount.h"
#include "os/net.h"
#include "store/lock_file.h"
#include "store/programs.h"

#define DOCTOR_FILE_LIMIT 65536 /* the most that is read of a file */

/* Returns the exit code, CTL_FINDINGS if there are findings. o->store may be NULL. */
int ctl_doctor(const struct ctl_options *o);

/* --- facts --- */

/* What can be odd about the files of a store. Each is one finding, for any number of files. */
enum doctor_odd {
    ODD_OWNER,       /* has another owner than the store */
    ODD_DIR_WIDE,    /* a directory that others may use */
    ODD_FILE_WIDE,   /* a file that others may use */
    ODD_DIR_NARROW,  /* a directory that its owner may not use */
    ODD_FILE_NARROW, /* a file that its owner may not use */
    ODD_KIND,        /* a symbolic link, or anything else but a file or directory */
    ODD_LINK,      /* a symbolic link in place of a part of the store, such as users or users/ann */
    ODD_CLOSED,    /* this process may not look at it */
    ODD_ACCOUNT,   /* an account whose file is missing, unreadable or damaged */
    ODD_TEMPORARY, /* left over from an interrupted change */
    ODD_OLD_LOG,   /* a part of the delivery log that could not be recovered */
    ODD_BROKEN,    /* a damaged message that was set aside */
    ODD_FULL,      /* an account with more mail than its quota */
    ODD_RESERVED,  /* an account that has had its name since before that was reserved */
    ODD_GONE,      /* a member of a group, as "group member", whose account was deleted */
    ODD_EMPTY,     /* a group without members */
    ODD_FUTURE,    /* a message with a time in the future */
    ODDS
};

/*
 * The most names in users/ that it looks at, and the longest time that it spends on each directory
 * in layout.h: it must not take longer because there are more accounts, nor long on a network file
 * system, where each look is slow.
 */
#define DOCTOR_USERS 1000
#define DOCTOR_MS    2000

struct doctor_odds {
    uint64_t n;
    char first[PATH_MAX]; /* one of them; if it is a file, its path relative to the store */
};

/* Translators of GlusterFS that remember what another host may have changed. */
enum doctor_cache {
    CACHE_WRITE_BEHIND,
    CACHE_OPEN_BEHIND,
    CACHE_QUICK_READ,
    CACHE_MD_CACHE,
    CACHE_READ_AHEAD,
    CACHE_READDIR_AHEAD,
    CACHE_IO_CACHE,
    CACHE_NL_CACHE,
    CACHES
};

/* How a volume of GlusterFS is mounted. */
struct doctor_gluster {
    bool known;        /* the rest was found out */
    bool loose_locks;  /* client.strict-locks is off */
    bool eager_lock;   /* cluster.eager-lock is on */
    bool delays;       /* cluster.post-op-delay-secs is not 0 */
    bool remembers;    /* the kernel keeps names or attributes */
    unsigned replicas; /* the least number of copies of a file */
    bool caches[CACHES];
};

/* The file system under a store. */
struct doctor_hosts {
    struct os_mount mount;
    bool shared;              /* see os_mount_is_shared */
    bool recovers_lost_locks; /* the NFS client takes lost locks again */
    struct doctor_gluster gluster;
};

struct doctor_store {
    const char *path;
    const char *why;          /* the error when the store cannot be opened, or NULL */
    struct os_file_info info; /* of its directory */
    struct doctor_hosts hosts;
    bool read_only;              /* its file system is mounted read-only */
    bool replaced;               /* its path, or the name missing, is there, but no directory */
    const char *missing;         /* a directory that it lacks, or NULL */
    const char *apart;           /* a directory on another file system (layout_apart), or NULL */
    char unmounted[PATH_MAX];    /* the mount point above it where nothing is mounted, or "" */
    const char *no_log;          /* see store_why_no_log */
    bool logged;                 /* it has a delivery log that is in use, or was */
    bool version_unknown;        /* see lock_file_check_version */
    struct programs programs;    /* which versions of the server have run on it */
    bool doors_damaged;          /* see door_key_is_damaged */
    bool lock_there, lock_sound; /* its lock file exists; has this version */
    struct lock_file_look lock;
    struct doctor_odds odd[ODDS];
    uint64_t
        quotas; /* bytes that the quotas allow beyond the mail there is, of what was looked at */
    uint64_t unlimited; /* the number of accounts without a quota */
    uint64_t free_bytes, free_inodes;
    unsigned socket_mode;    /* of control.sock; 0: there is none */
    uint64_t semaphores;     /* the number of semaphores of this store */
    bool semaphores_foreign; /* one has another owner */
    bool shm_there;          /* the owner may create semaphores */
};

struct doctor_clock {
    int64_t now; /* seconds since 1970 */
    bool kept_right;
    const char *zone; /* the file of the time zone if it cannot be read, or NULL */
};

struct doctor_config {
    const char *file; /* NULL: none was given */
    const char *why;  /* the error in it, or NULL */
    bool there;
    struct os_file_info info;
};

enum doctor_answer { DOCTOR_NOBODY, DOCTOR_POCHTA, DOCTOR_FULL, DOCTOR_STRANGER };

struct doctor_port {
    const char *key; /* the configuration key that has the address, such as "listen" or "udp" */
    struct address_place place; /* without a port: the path of a Unix socket */
    enum doctor_answer answer;
    const char *why;   /* without an answer: why it is impossible to listen there, or NULL */
    bool no_directory; /* because the directory of the Unix socket does not exist */
    enum os_net_reach reach;
    bool standby; /* the server may stand by, and then answers nobody */
};

enum doctor_door { DOCTOR_POP3, DOCTOR_SUBMISSION, DOCTOR_LMTP };

enum doctor_server { SERVER_NONE, SERVER_RUNS, SERVER_HANGS, SERVER_SECRET };

/* UINT64_MAX: unlimited or unknown. */
struct doctor_limits {
    uint64_t descriptors;   /* of a process */
    uint64_t processes;     /* threads of the user */
    uint64_t threads;       /* of the machine */
    uint64_t tasks;         /* of the control group */
    uint64_t maps;          /* memory mappings of a process */
    uint64_t receive_bytes; /* of a socket */
    uint64_t first_port;    /* the lowest that every user may bind */
};

void doctor_look_store(struct doctor_store *s, const char *path, const struct config *c,
                       int64_t now);

/* dir: the directory of the store. */
void doctor_look_hosts(struct doctor_hosts *h, int dir);

/* From the volume file of a client of GlusterFS, and from the command line with its options. Pure.
 */
void doctor_parse_gluster(struct doctor_gluster *g, struct span volfile, struct span command);

/* *process becomes the server's, or 0. */
enum doctor_server doctor_look_server(const char *store, unsigned *process);

/* c->zone may point to zone afterwards. */
void doctor_look_clock(struct doctor_clock *c, char zone[PATH_MAX]);

/* The limits of a process; 0: of this one. */
void doctor_look_limits(struct doctor_limits *l, unsigned process);
void doctor_look_port(struct doctor_port *p, const struct address_place *place,
                      const struct config_networks *proxies);
void doctor_look_udp(struct doctor_port *p, const struct address_place *place);

/* Tries the address or Unix socket of a door, and fills *p. False: this user may not connect to the
 * Unix socket, so nothing is known of it. */
bool doctor_look_door(struct doctor_port *p, enum doctor_door door,
                      const struct address_place *place, const struct config_networks *proxies);

/* The file that has the time zone of a value of TZ (NULL: not set). False: the zone is in no file.
 */
bool doctor_zone_file(const char *tz, char path[PATH_MAX]);

/*
 * The number word, counted from 0, after a key at the start of a line, as in /proc/PID/limits.
 * UINT64_MAX if it is "unlimited" or not there.
 */
uint64_t doctor_limit(struct span text, struct span key, unsigned word);

/* --- findings: append rows of level, subject, finding and advice --- */

void doctor_judge_store(struct buf *rows, const struct doctor_store *s, enum doctor_server server);
void doctor_judge_server(struct buf *rows, const char *store, enum doctor_server server);
void doctor_judge_space(struct buf *rows, const struct doctor_store *s, const struct config *c);
void doctor_judge_log(struct buf *rows, const struct doctor_store *s, enum doctor_server server,
                      uint64_t log_size);
void doctor_judge_clock(struct buf *rows, const struct doctor_clock *c);

/* Adds the findings about the file system of a store. */
void doctor_judge_hosts(struct buf *rows, const char *store, const struct doctor_hosts *h);

/* Whether no store has a delivery log on such a file system, whatever an administrator does. */
bool doctor_lacks_log(const struct doctor_hosts *h);

/*
 * Adds a row for each new key to decide about since the version of the server that ran on the store
 * before this one. file: the text of the configuration file; a key that it sets, or has as a
 * comment, needs no row.
 */
void doctor_judge_upgrade(struct buf *rows, const struct doctor_store *s, const struct config *c,
                          struct span file);

/* owner: the user and group that the server runs as, or NULL if there is no store. */
void doctor_judge_config(struct buf *rows, const struct doctor_config *f,
                         const struct os_file_info *owner);
void doctor_judge_limits(struct buf *rows, const struct doctor_limits *l, uint64_t clients);

/* An address of any kind, or the path of a Unix socket. */
void doctor_judge_port(struct buf *rows, const struct doctor_port *p, enum doctor_server server);

/* An address for UDP: as to the key user ("": not set), and version 1. */
void doctor_judge_user(struct buf *rows, const struct doctor_port *p, const struct doctor_limits *l,
                       const char *user);
void doctor_judge_version_1(struct buf *rows, const struct doctor_port *p);

/* An address, where anyone may register. */
void doctor_judge_registration(struct buf *rows, const struct doctor_port *p);

/* Adds a finding if other machines can reach the address of a door that takes passwords. */
void doctor_judge_plain_text(struct buf *rows, const struct doctor_port *p);

/* Adds findings about values that the server takes, but that lose mail, are open or do nothing. */
void doctor_judge_values(struct buf *rows, const struct config *c);

/* The receive buffer that UDP wants. */
void doctor_judge_buffer(struct buf *rows, const struct doctor_limits *l);

#endif
