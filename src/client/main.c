/* SPDX-License-Identifier: ISC */
/*
 * pochta: the terminal client. With a command it does one thing for a script; without one, on a
 * terminal, it is the menu.
 */
#include <stdlib.h>

#include "client/error.h"
#include "client/menu.h"
#include "client/options.h"
#include "client/output.h"
#include "client/proxy.h"
#include "client/verbs.h"
#include "os/file.h"
#include "os/net.h"
#include "os/tty.h"
#include "os/wait.h"

/* The value of a variable, or NULL if it is not set or empty. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* Variables stand in for options that were not given; an empty --proxy-command means none. */
static void take_variables(struct options *o)
{
    if (!o->server)
        o->server = variable("POCHTA_SERVER");
    if (!o->user)
        o->user = variable("POCHTA_USER");
    if (!o->proxy_command)
        o->proxy_command = variable("POCHTA_PROXY_COMMAND");
    else if (*o->proxy_command == '\0')
        o->proxy_command = NULL;
    if (!o->message_limit)
        o->message_limit = variable("POCHTA_MESSAGE_LIMIT");
    if (!o->udp)
        o->udp = variable("POCHTA_UDP") != NULL;
}

/* Checks the options that say how to reach the server. */
static enum error_code find_way(const struct options *o, struct call_way *way)
{
    uint64_t bytes = DATAGRAM_SIZE_DEFAULT;
    *way = (struct call_way){.proxy = o->proxy_command};
    if (o->proxy_command && !proxy_text_ok(o->proxy_command))
        return error_say(ERROR_USAGE, "proxy command: %s: %s", o->proxy_command, PROXY_TEXT_RULE);
    if (o->proxy_command && o->udp)
        return error_say(ERROR_USAGE, "a proxy command and --udp: only one of them can be");
    if (o->udp_datagram &&
        (!span_u64(span_str(o->udp_datagram), DATAGRAM_MAX, &bytes) || bytes < DATAGRAM_SIZE_MIN))
        return error_say(ERROR_USAGE, "--udp-datagram: %s: it is a number from %d to %d",
                         o->udp_datagram, DATAGRAM_SIZE_MIN, DATAGRAM_MAX);
    if (o->udp)
        way->udp_datagram = (size_t)bytes;
    return ERROR_NONE;
}

int main(int argc, char **argv)
{
    struct options o;
    const char *wrong, *why;
    /* The connection would take its place: a message would be written back to the server. */
    if (!os_file_standard_open())
        return error_say(ERROR_IO, "standard input, output or error is closed");
    os_wake_setup(); /* ignores SIGPIPE: a write must fail with EPIPE instead */
    if (!options_parse(&o, argc, argv, &wrong, &why))
        return error_say(ERROR_USAGE, "%s: %s: see pochta --help", wrong, why);
    if (o.help)
        return verbs_help();
    if (o.version) {
        output_write(SPAN("pochta " POCHTA_VERSION "\n"));
        return output_finish();
    }
    take_variables(&o);
    struct call_way way;
    enum error_code code = find_way(&o, &way);
    if (code != ERROR_NONE)
        return code;
    if (o.nwords > 0)
        return verbs_execute(&o, &way);
    if (o.raw || o.json || o.yes || o.password_file || o.new_password_file || o.invite_file ||
        o.nattach > 0)
        return error_say(ERROR_USAGE,
                         "the menu has no --raw, --json, --yes, --password-file, "
                         "--new-password-file, --invite-file and --attach: see pochta --help");
    if (!os_tty_is_terminal(0))
        return error_say(ERROR_USAGE, "no command, and standard input is no terminal: "
                                      "see pochta --help");
    return menu_run(&o, &way);
}
