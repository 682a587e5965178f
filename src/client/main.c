/* SPDX-License-Identifier: ISC */
/*
 * pochta: the terminal client. With a command it does one thing for a script; without one, on a
 * terminal, it is the menu.
 */
#include "client/draft_edit.h"
#include "client/error.h"
#include "client/language.h"
#include "client/menu.h"
#include "client/options.h"
#include "client/output.h"
#include "client/secret.h"
#include "client/sent.h"
#include "client/verbs.h"
#include "os/file.h"
#include "os/net.h"
#include "os/tty.h"
#include "os/wait.h"

/* How to reach the server. */
static enum error_code find_way(const struct settings *set, struct call_way *way)
{
    *way = (struct call_way){.proxy = set->proxy_command, .idle_ms = (int64_t)set->idle_ms};
    if (set->proxy_command && set->udp)
        return error_say(ERROR_USAGE, _("a proxy command and udp cannot both be set; see pochta "
                                        "--print-config"));
    if (set->udp)
        way->udp_datagram = (size_t)set->udp_datagram;
    return ERROR_NONE;
}

static enum error_code print_settings(const struct settings *set)
{
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    settings_print(set, &text);
    enum error_code code = output_text(&text);
    buf_free(&text);
    return code;
}

/* What the menu cannot use. */
static bool is_for_commands(const struct options *o)
{
    return o->raw || o->json || o->yes || o->new_password_file || o->invite_file || o->exec ||
           o->format || o->erase || o->nattach > 0 || o->edit;
}

static enum error_code run(const struct options *o)
{
    struct call_way way;
    enum error_code code = find_way(&o->set, &way);
    if (code != ERROR_NONE)
        return code;
    output_set_pager(o->set.pager);
    sent_set_place(o->set.sent);
    draft_edit_set(o->set.editor);
    if (o->nwords > 0)
        return verbs_execute(o, &way);
    if (is_for_commands(o))
        return error_say(ERROR_USAGE, _("the menu has no --raw, --json, --yes, --format, --delete, "
                                        "--new-password-file, --invite-file, --exec, --attach and "
                                        "--edit: see pochta --help"));
    if (secret_is_standard(&o->set))
        return error_say(ERROR_USAGE, _("standard input is for the menu: it cannot also be the "
                                        "password file"));
    if (!os_tty_is_terminal(0))
        return error_say(ERROR_USAGE, _("no command, and standard input is no terminal: "
                                        "see pochta --help"));
    return menu_run(o, &way);
}

static enum error_code pochta(int argc, char **argv)
{
    struct options o;
    const char *wrong, *why;
    language_choose();
    /* The connection would take its place: a message would be written back to the server. */
    if (!os_file_standard_open())
        return error_say(ERROR_IO, _("standard input, output or error is closed"));
    os_wake_setup(); /* ignores SIGPIPE: a write must fail with EPIPE instead */
    if (!options_parse(&o, argc, argv, &wrong, &why))
        return error_say(ERROR_USAGE, _("%s: %s: see pochta --help"), wrong, why);
    if (o.help)
        return verbs_help();
    if (o.version) {
        output_write(SPAN("pochta " POCHTA_VERSION "\n"));
        return output_finish();
    }
    enum error_code code = settings_read(&o.set, o.setting);
    if (code == ERROR_NONE)
        code = o.print_config ? print_settings(&o.set) : run(&o);
    settings_free(&o.set);
    return code;
}

int main(int argc, char **argv)
{
    return (int)pochta(argc, argv);
}
