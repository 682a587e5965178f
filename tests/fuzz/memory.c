/* SPDX-License-Identifier: ISC */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../machine/disk_private.h"
#include "../machine/machine.h"
#include "fuzz.h"
#include "os/file.h"

#define SEED 20171203

static void begin(void)
{
    if (disk_root())
        return;
    machine_begin(SEED);
    machine.aborts = true;
    disk_begin();
}

/* Files that one input has removed take no memory when the next one runs. */
void fuzz_before(void)
{
    begin();
    machine_begin(SEED);
    disk_settle();
}

void memory_make_dir(const char *path)
{
    char part[200];
    begin();
    must(strlen(path) < sizeof part);
    for (size_t n = 1; n <= strlen(path); n++) {
        if (path[n] != '/' && path[n] != '\0')
            continue;
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        must(mkdirat(OS_FILE_CWD, part, 0700) == 0 || errno == EEXIST);
    }
}

void memory_write(const char *path, struct span content)
{
    must(os_file_remove(OS_FILE_CWD, path) || errno == ENOENT);
    must(os_file_make(OS_FILE_CWD, path, content));
}

REPLACED(char *, mkdtemp, char *path)
{
    memory_make_dir(path);
    return path;
}

/* No input is about the dates of files. */
REPLACED(int, futimens, int fd, const struct timespec times[2])
{
    (void)fd, (void)times;
    return 0;
}
