/* SPDX-License-Identifier: ISC */
#include "client/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client/language.h"
#include "os/error.h"

bool state_path(char path[OS_FILE_PATH_BYTES], enum os_environment_dir kind, const char *name,
                const char **why)
{
    if (!os_environment_dir(kind, path)) {
        *why = _("it is not set to an absolute path");
        return false;
    }
    size_t used = strlen(path);
    int n = snprintf(path + used, OS_FILE_PATH_BYTES - used, "/pochta/%s", name);
    if (n > 0 && (size_t)n < OS_FILE_PATH_BYTES - used)
        return true;
    *why = _(os_error_text(ENAMETOOLONG));
    return false;
}

/* Sets d->path. On failure returns false and sets d->why. */
static bool find_path(struct state_dir *d, const char *name)
{
    *d = (struct state_dir){.fd = -1};
    return state_path(d->path, OS_ENVIRONMENT_STATE, name, &d->why);
}

/* Opens d->path. On failure returns false and sets d->why. */
static bool open_path(struct state_dir *d)
{
    d->fd = os_file_open_dir(d->path);
    if (d->fd < 0)
        d->why = _(os_error_text(errno));
    return d->fd >= 0;
}

/* Makes d->path, and opens it. */
static bool make_path(struct state_dir *d)
{
    /* One that cannot be made, but is needed, cannot be opened below either. */
    for (char *end = strchr(d->path + 1, '/'); end; end = strchr(end + 1, '/')) {
        *end = '\0';
        os_file_make_dir(OS_FILE_CWD, d->path);
        *end = '/';
    }
    os_file_make_dir(OS_FILE_CWD, d->path);
    return open_path(d);
}

bool state_dir_open(struct state_dir *d, const char *name)
{
    return find_path(d, name) && make_path(d);
}

bool state_data_open(struct state_dir *d, const char *name)
{
    *d = (struct state_dir){.fd = -1};
    return state_path(d->path, OS_ENVIRONMENT_DATA, name, &d->why) && make_path(d);
}

bool state_dir_find(struct state_dir *d, const char *name)
{
    if (!find_path(d, name) || open_path(d))
        return d->fd >= 0;
    if (errno == ENOENT)
        d->why = NULL;
    return false;
}

void state_dir_close(struct state_dir *d)
{
    os_file_close(d->fd);
    d->fd = -1;
}
