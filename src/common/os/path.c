/* SPDX-License-Identifier: ISC */
#include "os/path.h"

#include <string.h>

bool os_path_is_absolute(const char *path)
{
    return *path == '/';
}

const char *os_path_rule(void)
{
    return "a path that begins with / or ~/";
}

const char *os_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
