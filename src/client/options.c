#include "client/options.h"

#include <string.h>

/* One row an option: exactly one of flag and value is where it goes. */
struct option_row {
    const char *name;
    bool *flag;
    const char **value;
};

/* If arg is --name or --name=VALUE: what stands after the name, else NULL. */
static const char *after_name(const char *arg, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(arg, "--", 2) != 0 || strncmp(arg + 2, name, n) != 0)
        return NULL;
    arg += 2 + n;
    return *arg == '\0' || *arg == '=' ? arg : NULL;
}

/* Takes argv[*i], which begins with "-". Returns NULL, or what is wrong with it. */
static const char *take_option(const struct option_row *rows, size_t nrows, int argc,
                               char *const *argv, int *i)
{
    for (size_t row = 0; row < nrows; row++) {
        const char *rest = after_name(argv[*i], rows[row].name);
        if (!rest)
            continue;
        if (rows[row].flag) {
            *rows[row].flag = true;
            return *rest == '=' ? "this option takes no value" : NULL;
        }
        if (*rest == '=')
            *rows[row].value = rest + 1;
        else if (*i + 1 < argc)
            *rows[row].value = argv[++*i];
        else
            return "this option needs a value";
        return NULL;
    }
    return "no such option";
}

bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why)
{
    const struct option_row rows[] = {
        {"server", NULL, &o->server},
        {"user", NULL, &o->user},
        {"password-file", NULL, &o->password_file},
        {"invite-file", NULL, &o->invite_file},
        {"proxy-command", NULL, &o->proxy_command},
        {"udp", &o->udp, NULL},
        {"udp-datagram", NULL, &o->udp_datagram},
        {"raw", &o->raw, NULL},
        {"help", &o->help, NULL},
        {"version", &o->version, NULL},
    };
    bool words_only = false;
    *o = (struct options){.nwords = 0};
    for (int i = 1; i < argc; i++) {
        *wrong = argv[i];
        if (words_only || argv[i][0] != '-' || argv[i][1] == '\0') {
            if (o->nwords < OPTIONS_WORDS_MAX)
                o->words[o->nwords] = argv[i];
            o->nwords++;
        } else if (strcmp(argv[i], "--") == 0) {
            words_only = true;
        } else {
            *why = take_option(rows, sizeof rows / sizeof rows[0], argc, argv, &i);
            if (*why)
                return false;
        }
    }
    return true;
}
