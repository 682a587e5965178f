/* SPDX-License-Identifier: ISC */
/*
 * server: processes of the machine: a server with its people, as src/server/server.c sets one up,
 * and a tool. Each is one fiber, which starts others.
 */
#ifndef MACHINE_SERVER_H
#define MACHINE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "person.h"

/* How a server is set up, and what became of it. One runs at a time. */
struct server {
    struct house house;
    uint64_t log_bytes; /* 0: no delivery log */
    uint64_t trash_s;
    bool audit;    /* it looks at everything once, checks the store, and ends */
    bool opened;   /* the store could be opened */
    bool stop;     /* to be set by others: it shall stop in order */
    bool stopped;  /* it has */
    char why[200]; /* it could not start */
    unsigned life; /* one more with each server */
    bool whole;    /* the disk had lost nothing, since the last audit, when the life began */
    uint64_t lost; /* of disk_counts then */
    bool sound;    /* nothing has failed since the last audit */
};

extern struct server server;

/* The functions of the processes, for machine_start. */
void server_run(void *unused);
void server_tool(void *unused);

#endif
