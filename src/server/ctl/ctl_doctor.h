/*
 * ctl_doctor: the verb doctor of pochtactl: looks whether the store, the configuration and the
 * machine are such that a server can do its work. It changes nothing, with a server or without one.
 *
 * What is found out (ctl_doctor_look.c, ctl_doctor_machine.c, ctl_doctor_ports.c) is apart from
 * what it means (ctl_doctor_judge.c, pure). What letters hold is for fsck to see.
 */
#ifndef CTL_CTL_DOCTOR_H
#define CTL_CTL_DOCTOR_H

#include <limits.h>

#include "config/config.h"
#include "ctl/options.h"
#include "os/file.h"
#include "store/lock.h"

/* What can be odd about the files of a store; each is told once, however many there are. */
enum doctor_odd {
    ODD_OWNER,       /* of another owner than the store */
    ODD_DIR_WIDE,    /* open to others */
    ODD_FILE_WIDE,   /* likewise */
    ODD_DIR_NARROW,  /* closed to the owner */
    ODD_FILE_NARROW, /* likewise */
    ODD_KIND,        /* a symbolic link or other thing that is no file */
    ODD_CLOSED,      /* that this process could not look at */
    ODD_ACCOUNT,     /* an account's file that cannot be read or understood */
    ODD_TEMPORARY,   /* left half-done */
    ODD_BROKEN,      /* damaged messages that were set aside */
    ODD_FUTURE,      /* messages of a time to come */
    ODDS
};

struct doctor_odds {
    uint64_t n;
    char first[PATH_MAX]; /* one of them, below the store */
};

struct doctor_store {
    const char *path;
    const char *why;             /* why it cannot be looked at; NULL: it was */
    struct os_file_info info;    /* of its directory */
    const char *system;          /* see os_file_doubtful_system */
    const char *missing;         /* of its parts, or NULL */
    bool lock_there, lock_sound; /* its lock file */
    struct locks_look lock;
    struct doctor_odds odd[ODDS];
    uint64_t quotas;    /* the sum of those that there are */
    uint64_t unlimited; /* accounts without one */
    uint64_t free_bytes, free_inodes;
    unsigned socket_mode;    /* of control.sock, 0: there is none */
    uint64_t semaphores;     /* of this store */
    bool semaphores_foreign; /* of another owner */
    bool shm_there;          /* where semaphores live can be written to by the owner */
};

struct doctor_clock {
    int64_t now;
    bool kept_right;
    const char *zone; /* the file of the time zone where it cannot be read; or NULL */
};

struct doctor_config {
    const char *file; /* NULL: none was given */
    const char *why;  /* what is wrong with it, or NULL */
    bool there;
    struct os_file_info info;
};

enum doctor_answer { DOCTOR_NOBODY, DOCTOR_POCHTA, DOCTOR_FULL, DOCTOR_STRANGER };

struct doctor_port {
    const char *key; /* of the configuration, that names it: listen or udp */
    struct address_place place;
    enum doctor_answer answer;
    const char *why; /* why it cannot be listened on, where nobody answers; or NULL */
    bool open;       /* udp: others than this machine can reach it */
};

enum doctor_server { SERVER_NONE, SERVER_RUNS, SERVER_HANGS, SERVER_SECRET };

/* UINT64_MAX: no limit is known. */
struct doctor_limits {
    uint64_t descriptors;   /* a process may have */
    uint64_t processes;     /* threads, of the user */
    uint64_t threads;       /* of the machine */
    uint64_t tasks;         /* of the control group */
    uint64_t maps;          /* pieces of memory of a process */
    uint64_t receive_bytes; /* of a socket */
    uint64_t first_port;    /* that every user may bind */
};

/* The findings: rows of level, subject, what is wrong, and its mend. */

void doctor_judge_store(struct buf *rows, const struct doctor_store *s, enum doctor_server server);
void doctor_judge_space(struct buf *rows, const struct doctor_store *s, const struct config *c);
void doctor_judge_clock(struct buf *rows, const struct doctor_clock *c);
void doctor_judge_config(struct buf *rows, const struct doctor_config *f,
                         const struct os_file_info *store);
void doctor_judge_port(struct buf *rows, const struct doctor_port *p, enum doctor_server server);
void doctor_judge_limits(struct buf *rows, const struct doctor_limits *l, uint64_t clients);

/* Of version 1 over UDP: an address that it is served at; and what is lost for want of room. */
void doctor_judge_version_1(struct buf *rows, const struct doctor_port *p);
void doctor_judge_buffer(struct buf *rows, const struct doctor_limits *l);

/* Of an address of UDP: whether the configuration's user ("": none) may bind it. */
void doctor_judge_user(struct buf *rows, const struct doctor_port *p, const struct doctor_limits *l,
                       const char *user);
void doctor_judge_server(struct buf *rows, const char *store, enum doctor_server server);

/* Adds a path as a word of a shell's command. */
void doctor_quote(struct buf *out, const char *path);

/* A number behind a key in lines such as those of /proc/PID/limits; "unlimited": UINT64_MAX. */
uint64_t doctor_limit(struct span text, struct span key, unsigned word);

/* The file that a value of TZ (NULL: none) has the time zone in; false: in none. Pure. */
bool doctor_zone_file(const char *tz, char path[PATH_MAX]);

/* The looking. */
void doctor_look_store(struct doctor_store *s, const char *path, const struct config *c,
                       int64_t now);
enum doctor_server doctor_look_server(const char *store, unsigned *process);
void doctor_look_clock(struct doctor_clock *c, char zone[PATH_MAX]);
void doctor_look_port(struct doctor_port *p, const struct address_place *place,
                      const struct config_networks *proxies);
void doctor_look_udp(struct doctor_port *p, const struct address_place *place);
void doctor_look_limits(struct doctor_limits *l, unsigned process);

/* Returns the exit code, CTL_FINDINGS where there are findings. o->store may be NULL. */
int ctl_doctor_run(const struct ctl_options *o);

#endif
