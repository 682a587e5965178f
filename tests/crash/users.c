/* SPDX-License-Identifier: ISC */
#include "users.h"

#include <crypt.h>
#include <stdio.h>

#include "client.h"
#include "door_request.h"
#include "os/file.h"

static bool register_user(struct server *server, unsigned user)
{
    struct client_wire wire;
    struct link link;
    char name[16];
    struct span args[2];
    bool ok;

    if (!client_dial(server, &wire, &link, NULL))
        return false;
    client_name(user, name);
    args[0] = span_str(name);
    args[1] = span_str(client_password(0));
    ok = link_start(&link) == REPLY_OK && link_ask(&link, OP_REGISTER, args, 2) == REPLY_OK;
    client_hang_up(&wire, &link);
    return ok;
}

/* Gives an account a hash that costs nothing: clients log in again after each kill. */
static bool make_cheap(struct server *server, unsigned user)
{
    char name[16], path[512];
    struct crypt_data data = {.initialized = 0};
    const char *hash = crypt_r(client_password(0), "$5$rounds=1000$campaign", &data);
    struct buf file, cheap;
    struct span rest, password;
    bool ok;
    int dir;

    client_name(user, name);
    snprintf(path, sizeof path, "%s/users/%s", server->store, name);
    dir = os_file_open_dir(path);
    buf_init(&file, 4096);
    buf_init(&cheap, 4096);
    ok = dir >= 0 && hash && os_file_load(dir, "account", &file);
    rest = buf_span(&file);
    while (ok && span_cut(&rest, '\n', &password))
        if (!span_starts(password, SPAN("password ")))
            buf_printf(&cheap, "%.*s\n", SPAN_PRINTF(password));
    buf_printf(&cheap, "password %s\n", hash ? hash : "");
    ok = ok && os_file_replace(dir, "account", buf_span(&cheap)) && os_file_sync(dir);
    buf_free(&file);
    buf_free(&cheap);
    os_file_close(dir);
    return ok;
}

static bool make_group(struct server *server, const char *ctl)
{
    char names[DOOR_MEMBERS][16];
    const char *words[6 + DOOR_MEMBERS + 1] = {ctl,     "--store", server->store,
                                               "group", "add",     DOOR_GROUP};
    pid_t pid;

    for (unsigned i = 0; i < DOOR_MEMBERS; i++) {
        client_name(i, names[i]);
        words[6 + i] = names[i];
    }
    pid = server_run_beside(server, words);
    return pid > 0 && server_wait(pid);
}

bool users_make(struct server *server, const char *ctl)
{
    bool ok = server_start(server);

    for (unsigned i = 0; ok && i < LEDGER_USERS; i++)
        ok = register_user(server, i);
    ok = ok && make_group(server, ctl) && server_stop(server);
    for (unsigned i = 0; ok && i < LEDGER_USERS; i++)
        ok = make_cheap(server, i);
    if (!ok)
        printf("# the users cannot be made, see %s\n", server->log);
    return ok;
}
