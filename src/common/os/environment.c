/* SPDX-License-Identifier: ISC */
#include "os/environment.h"

#include <stdio.h>
#include <stdlib.h>

const char *os_environment(const char *variable)
{
    return getenv(variable);
}

const char *os_environment_language(void)
{
    return NULL;
}

const char *os_environment_home(void)
{
    return getenv("HOME");
}

bool os_environment_dir(enum os_environment_dir kind, char path[OS_FILE_PATH_BYTES])
{
    static const struct {
        const char *variable, *in_home;
    } dirs[] = {[OS_ENVIRONMENT_CONFIG] = {"XDG_CONFIG_HOME", "/.config"},
                [OS_ENVIRONMENT_STATE] = {"XDG_STATE_HOME", "/.local/state"},
                [OS_ENVIRONMENT_DATA] = {"XDG_DATA_HOME", "/.local/share"}};
    const char *dir = getenv(dirs[kind].variable), *in_home = "";
    if (!dir || *dir != '/') {
        dir = getenv("HOME");
        in_home = dirs[kind].in_home;
    }
    bool ok = dir && *dir == '/';
    snprintf(path, OS_FILE_PATH_BYTES, "%s%s", ok ? dir : "HOME", ok ? in_home : "");
    return ok;
}
