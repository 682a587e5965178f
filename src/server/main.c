/* SPDX-License-Identifier: ISC */
/*
 * pochtad: the server. This file reads the command line and does what it asks for; server.c serves.
 */
#include <stdio.h>
#include <sysexits.h>

#include "config/config.h"
#include "log/log.h"
#include "os/file.h"
#include "server/server.h"

static int print(enum config_action action, const struct config *c)
{
    switch (action) {
    case CONFIG_SERVE:
        break;
    case CONFIG_CHECK: /* the configuration is good */
        if (config_lacks_domain(c))
            fprintf(stderr,
                    "pochtad: warning: domains is only localhost: submission and lmtp refuse "
                    "mail for all other domains\n");
        break;
    case CONFIG_PRINT:
        config_print(c);
        break;
    case CONFIG_EXAMPLE:
        config_print_example();
        break;
    case CONFIG_HELP:
        config_print_help();
        break;
    case CONFIG_VERSION:
        printf("pochtad %s\n", POCHTA_VERSION);
        break;
    }
    return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

int main(int argc, char **argv)
{
    /* If a standard stream is closed, the next file opened would take its place. */
    bool standard = os_file_standard_fill();
    char why[CONFIG_WHY_BYTES];
    struct config config;
    enum config_result result = config_read(argc, argv, &config, why);

    if (!standard)
        return EX_OSERR;
    log_open(config.log_to, config.log_level);
    if (result == CONFIG_BAD_FILE && config.action == CONFIG_SERVE)
        return server_fail(EX_CONFIG, "%s", why);
    if (result != CONFIG_OK) {
        fprintf(stderr, "pochtad: %s\n", why);
        return result == CONFIG_BAD_USAGE ? EX_USAGE : EX_CONFIG;
    }
    if (config.action == CONFIG_SERVE)
        return server_run(&config, argc, argv);
    return print(config.action, &config);
}
