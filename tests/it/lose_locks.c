/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into a server: as long as the file $LOSE_LOCKS exists, the server's host is cut off
 * from the file system of the store. The file system has released its locks, and a call that sets
 * one does not return. When the file is gone, such a call returns what the file system answers
 * then.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FILES 16

static int locked[FILES]; /* descriptors with locks */
static int files;

static int set_lock(int fd, int command, void *lock)
{
    int (*real)(int, int, ...) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "fcntl64");
    return real ? real(fd, command, lock) : -1;
}

static void note(int fd)
{
    for (int i = 0; i < files; i++)
        if (locked[i] == fd)
            return;
    if (files < FILES)
        locked[files++] = fd;
}

static bool is_cut_off(void)
{
    const char *file = getenv("LOSE_LOCKS");
    return file && access(file, F_OK) == 0;
}

static void wait_for_host(void)
{
    struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    const struct timespec pause = {.tv_nsec = 10000000};

    if (!is_cut_off())
        return;
    for (int i = 0; i < files; i++)
        set_lock(locked[i], F_OFD_SETLK, &all);
    while (is_cut_off())
        nanosleep(&pause, NULL);
}

/* Calls that the C library itself makes do not pass through here. */
int fcntl64(int fd, int cmd, ...)
{
    va_list args;
    va_start(args, cmd);
    void *arg = va_arg(args, void *);
    va_end(args);
    if (cmd != F_OFD_SETLK)
        return set_lock(fd, cmd, arg);
    wait_for_host();
    note(fd);
    return set_lock(fd, cmd, arg);
}
