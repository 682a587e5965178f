/* SPDX-License-Identifier: ISC */
#include "ctl/doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/connect.h"
#include "ctl/format.h"
#include "ctl/store_place.h"
#include "os/clock.h"
#include "os/process.h"

/* Reads the configuration as the server does: without a file, the defaults. */
static void read_config(const struct ctl_options *o, struct config *c, struct doctor_config *f,
                        char why[CONFIG_WHY_BYTES])
{
    char name[] = "pochtad", option[] = "--config", file[PATH_MAX];
    char *argv[] = {name, option, file, NULL};
    int argc = o->config ? 3 : 1;
    if (o->config)
        snprintf(file, sizeof file, "%s", o->config);
    else
        argv[1] = NULL;
    *f = (struct doctor_config){.file = o->config};
    if (config_read(argc, argv, c, why) != CONFIG_OK)
        f->why = why;
    f->there = o->config && os_file_look(OS_FILE_CWD, o->config, &f->info) &&
               f->info.kind == OS_FILE_REGULAR;
    c->file = NULL;
}

/* Port 0 lets the system choose one: there is nothing to look at. */
static bool is_chosen_by_system(const struct address_place *place)
{
    return strcmp(place->port, "0") == 0;
}

static void examine_doors(const struct config *c, enum doctor_server server, struct buf *rows)
{
    const struct config_places *const places[] = {
        [DOCTOR_POP3] = &c->pop3, [DOCTOR_SUBMISSION] = &c->submission, [DOCTOR_LMTP] = &c->lmtp};
    struct doctor_port port;
    for (enum doctor_door door = DOCTOR_POP3; door <= DOCTOR_LMTP; door++) {
        for (unsigned i = 0; i < places[door]->n; i++) {
            const struct address_place *place = &places[door]->at[i];
            if (is_chosen_by_system(place) || !doctor_look_door(&port, door, place, &c->proxy_from))
                continue;
            port.standby = c->standby;
            doctor_judge_port(rows, &port, server);
            doctor_judge_plain_text(rows, &port);
        }
    }
}

static void examine_ports(const struct config *c, const struct doctor_limits *limits,
                          enum doctor_server server, struct buf *rows)
{
    bool version_1 = c->udp_versions != CONFIG_UDP_2;
    bool anyone = c->registration == CONFIG_REGISTRATION_OPEN;
    struct doctor_port port;
    for (unsigned i = 0; i < c->listen.n; i++) {
        if (is_chosen_by_system(&c->listen.at[i]))
            continue;
        doctor_look_port(&port, &c->listen.at[i], &c->proxy_from);
        port.standby = c->standby;
        doctor_judge_port(rows, &port, server);
        if (anyone)
            doctor_judge_registration(rows, &port);
    }
    for (unsigned i = 0; i < c->udp.n; i++) {
        if (is_chosen_by_system(&c->udp.at[i]))
            continue;
        doctor_look_udp(&port, &c->udp.at[i]);
        port.standby = c->standby;
        doctor_judge_port(rows, &port, server);
        doctor_judge_user(rows, &port, limits, c->user);
        if (anyone)
            doctor_judge_registration(rows, &port);
        if (version_1)
            doctor_judge_version_1(rows, &port);
    }
    if (version_1 && c->udp.n > 0)
        doctor_judge_buffer(rows, limits);
}

/*
 * The owner of the store, with the group that a server has which runs as this user: the directory
 * may belong to another one. configured: the key user.
 */
static struct os_file_info server_user(const struct os_file_info *store, const char *configured)
{
    struct os_file_info who = *store;
    struct os_process_user user;
    char name[OS_PROCESS_NAME_BYTES];
    const char *why;
    if ((*configured && os_process_find_user(configured, &user, &why) &&
         user.uid == store->owner) ||
        (os_process_user_name(store->owner, name) && os_process_find_user(name, &user, &why)))
        who.group = user.gid;
    return who;
}

/* A file that cannot be read, or is very long, counts as one that mentions no key. */
static void examine_upgrade(const struct ctl_options *o, const struct doctor_store *s,
                            const struct config *c, struct buf *rows)
{
    struct buf text;
    buf_init(&text, DOCTOR_FILE_LIMIT);
    bool read = o->config && os_file_load_path(o->config, &text);
    doctor_judge_upgrade(rows, s, c, read ? buf_span(&text) : SPAN(""));
    buf_free(&text);
}

static void examine(const struct ctl_options *o, struct config *c, struct doctor_store *s,
                    struct buf *rows)
{
    char why[CONFIG_WHY_BYTES], zone[PATH_MAX];
    struct doctor_config file;
    struct doctor_clock clock;
    struct doctor_limits limits;
    unsigned process;

    read_config(o, c, &file, why);
    bool named = c->origin[CONFIG_KEY_store].source == CONFIG_FILE;
    const char *store = ctl_store_find_here(o->store, named ? c->store : NULL).path;
    enum doctor_server server = doctor_look_server(store, &process);
    doctor_look_clock(&clock, zone);
    doctor_look_store(s, store, c, clock.now);
    const struct os_file_info who = server_user(&s->info, c->user);
    doctor_judge_config(rows, &file, s->why ? NULL : &who);
    doctor_judge_server(rows, store, server);
    doctor_judge_store(rows, s, server);
    examine_upgrade(o, s, c, rows);
    doctor_judge_clock(rows, &clock);
    if (file.why)
        return; /* the rest depends on the configuration */
    doctor_judge_space(rows, s, c);
    doctor_judge_log(rows, s, server, c->log_size);
    doctor_look_limits(&limits, process);
    doctor_judge_limits(rows, &limits, c->clients);
    examine_ports(c, &limits, server, rows);
    examine_doors(c, server, rows);
    doctor_judge_values(rows, c);
}

int ctl_doctor(const struct ctl_options *o)
{
    struct config *c = malloc(sizeof *c);
    struct doctor_store *s = malloc(sizeof *s);
    struct buf rows;
    int result = EX_OSERR;
    buf_init(&rows, SIZE_MAX / 4);
    if (c && s) {
        examine(o, c, s, &rows);
        struct format f = {.columns = o->verb->columns, .form = o->json ? VERB_JSON : 0};
        result = format_print(&f, &rows, true);
        if (result == EX_OK && rows.n == 0 && !o->json)
            puts("ok");
        if (result == EX_OK && rows.n > 0)
            result = CTL_FINDINGS;
    } else {
        ctl_connect_say(result, "out of memory", "");
    }
    buf_free(&rows);
    free(c);
    free(s);
    return result;
}
