/*
 * config: what the administrator asks for, on the command line and in a file. One table,
 * config_table.c, describes every key: an option --KEY VALUE says the same as a line "KEY = VALUE",
 * and wins over it. In a key's name - and _ are the same.
 *
 * To add a key: a member below, a row in that table, and in the manual, pochtad.conf(5). A key that
 * a reload takes is also handed on in reload.c.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/buf.h"
#include "log/log.h"
#include "os/net.h"
#include "os/process.h"

#define CONFIG_CLIENTS_MAX 1000000
#define CONFIG_VALUES      16 /* of a key that may be given several times */
#define CONFIG_KEYS        64 /* as many at most */
#define CONFIG_PATH_BYTES  4096
#define CONFIG_WHY_BYTES   512
#define CONFIG_USER_BYTES  (2 * OS_PROCESS_NAME_BYTES)

struct config_places {
    struct address_place at[CONFIG_VALUES];
    unsigned n;
};

struct config_networks {
    struct address_net at[CONFIG_VALUES];
    unsigned n;
};

/* Where a key's values are from, the weakest first. */
enum config_source { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_OPTION };

struct config_origin {
    enum config_source source;
    unsigned n;                   /* how many values there are */
    unsigned line[CONFIG_VALUES]; /* of each, in the file */
};

/* What pochtad is to do. */
enum config_action {
    CONFIG_SERVE,
    CONFIG_CHECK,   /* --check-config: only see whether all is well */
    CONFIG_PRINT,   /* --print-config: only print what counts */
    CONFIG_EXAMPLE, /* --example-config: print a file with the defaults */
    CONFIG_HELP,
    CONFIG_VERSION
};

struct config {
    struct config_places listen, udp;
    struct config_networks proxy_from;
    char store[CONFIG_PATH_BYTES];
    char port_file[CONFIG_PATH_BYTES]; /* "": none */
    char user[CONFIG_USER_BYTES];      /* "NAME" or "NAME:GROUP"; "": stay who we are */
    uint64_t idle_ms, frame_ms, write_ms;
    uint64_t minimum_rate, message_bytes, memory_bytes;
    uint64_t clients, clients_per_address, connections_per_minute;
    uint64_t login_delay_ms, login_delay_max_ms, per_minute;
    uint64_t trash_ms, kept_bytes, quota_bytes, quota_messages, reserve_bytes, reserve_inodes,
        index_bytes;
    unsigned udp_versions; /* enum udp_versions */
    uint64_t udp_datagram, udp_clients, udp_rate, udp_rate_all;
    unsigned registration; /* enum registration */
    unsigned log_to;       /* enum log_target */
    unsigned log_level;    /* enum event_level */

    /* Of these the table knows nothing. */
    enum config_action action;
    const char *file; /* NULL: none. Points into argv */
    struct config_origin origin[CONFIG_KEYS];
};

enum config_result {
    CONFIG_OK,
    CONFIG_BAD_USAGE, /* why says what is wrong with the command line */
    CONFIG_BAD_FILE   /* why says what is wrong with the file, and in which line */
};

/*
 * Reads command line and file, the rest being defaults. After --help, --version and
 * --example-config nothing more is read. Where the file is bad, what the command line says counts.
 */
enum config_result config_read(int argc, char **argv, struct config *c, char why[CONFIG_WHY_BYTES]);

/*
 * Takes from next, read anew, all that can be changed while the server runs. Of the rest nothing:
 * its keys, where their values differ, are added to restart, each ended by LF.
 */
void config_adopt(struct config *running, const struct config *next, struct buf *restart);

/*
 * The text for --help; what counts, as a file, with where each key is from; and a file with every
 * key, each as a comment, and its default. On standard output.
 */
void config_print_help(void);
void config_print(const struct config *c);
void config_print_example(void);

#endif
