/*
 * config: what the administrator asks for, on the command line and in a file. One table describes
 * every key: an option --KEY VALUE says the same as a line "KEY = VALUE", and wins over it. In a
 * key's name - and _ are the same.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "os_net.h"

#define CONFIG_PLACES     16
#define CONFIG_PATH_BYTES 4096
#define CONFIG_WHY_BYTES  512

struct config {
    struct os_net_place listen[CONFIG_PLACES];
    unsigned listens;
    char store[CONFIG_PATH_BYTES];
    char port_file[CONFIG_PATH_BYTES]; /* "": none */
    uint64_t idle_ms, frame_ms, write_ms;
    uint64_t message_bytes, memory_bytes, clients;
    uint64_t trash_ms, kept_bytes, quota_bytes, quota_messages, reserve_bytes, reserve_inodes,
        index_bytes;
    unsigned log_to;    /* enum log_target */
    unsigned log_level; /* enum event_level */
};

enum config_result {
    CONFIG_OK,
    CONFIG_HELP,      /* --help was asked for */
    CONFIG_VERSION,   /* --version was */
    CONFIG_BAD_USAGE, /* why says what is wrong with the command line */
    CONFIG_BAD_FILE   /* why says what is wrong with the file, and in which line */
};

/* Reads command line and file, the rest being defaults. argv's strings are copied. */
enum config_result config_read(int argc, char **argv, struct config *c, char why[CONFIG_WHY_BYTES]);

/* The text for --help. */
void config_print_help(void);

#endif
