/* SPDX-License-Identifier: ISC */
/*
 * server: the processes of the machine: a server with its users, set up as in src/server/server.c,
 * and a tool. Each begins with one fiber, which starts other fibers.
 */
#ifndef MACHINE_SERVER_H
#define MACHINE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "person.h"

/* How a server is set up, and how it ended. One server runs at a time. */
struct server {
    struct house house;
    uint64_t log_bytes; /* 0: no delivery log */
    uint64_t trash_s;
    unsigned people; /* how many of the ledger's users use it; 0: all */
    bool audit;      /* it shows everything once, checks the store, and ends */
    bool opened;     /* the store could be opened */
    bool stop;       /* others set this: the server must stop in good order */
    bool stopped;    /* it has stopped in good order */
    char why[200];   /* the reason why it could not start, or "" */
    unsigned life;   /* counts the servers */
    bool whole;      /* between the last audit and the start, the disk lost nothing */
    uint64_t lost;   /* disk_counts.lost at the start */
    bool sound;      /* no call has failed since the last audit */
};

extern struct server server;

/* The functions of the processes, for machine_start. */
void server_run(void *unused);
void server_tool(void *unused);

#endif
