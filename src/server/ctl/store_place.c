/* SPDX-License-Identifier: ISC */
#include "ctl/store_place.h"

#include <errno.h>

#include "os/environment.h"
#include "os/file.h"
#include "store/layout.h"

static bool is_directory(const char *path)
{
    int dir = os_file_reach_dir(path);
    os_file_close(dir);
    return dir >= 0;
}

static bool may_be_store(const char *path)
{
    struct os_file_info info;
    int dir = os_file_reach_dir(path);
    bool so = dir >= 0 && (os_file_look(dir, layout_dirs[LAYOUT_USERS], &info) || errno == EACCES);
    os_file_close(dir);
    return so;
}

struct ctl_store_place ctl_store_find(const struct ctl_store_names *names)
{
    if (names->option)
        return (struct ctl_store_place){names->option, NULL};
    if (names->config)
        return (struct ctl_store_place){names->config, NULL};
    if (names->variable && *names->variable)
        return (struct ctl_store_place){names->variable, "from " CTL_STORE_VARIABLE};
    if (may_be_store(names->here))
        return (struct ctl_store_place){names->here, "in the current directory"};
    if (is_directory(names->packaged))
        return (struct ctl_store_place){names->packaged, "of the installed server"};
    return (struct ctl_store_place){names->here, "the default"};
}

struct ctl_store_place ctl_store_find_here(const char *option, const char *config)
{
    const struct ctl_store_names names = {.option = option,
                                          .config = config,
                                          .variable = os_environment(CTL_STORE_VARIABLE),
                                          .here = CTL_STORE_HERE,
                                          .packaged = CTL_STORE_PACKAGED};
    return ctl_store_find(&names);
}
