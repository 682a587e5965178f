/* SPDX-License-Identifier: ISC */
/*
 * A program begins here: its arguments become UTF-8, standard input and output carry bytes, a
 * console takes UTF-8, and the network can be used until the program ends. Then main, which is that
 * of every system, runs.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#include "console_private.h"

#define CANNOT 71 /* EX_OSERR */

int main(int argc, char **argv);
int wmain(int argc, WCHAR **wide);

static void end_network(void)
{
    WSACleanup();
}

static void begin_network(void)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) == 0)
        atexit(end_network);
}

int wmain(int argc, WCHAR **wide)
{
    char **argv = calloc((size_t)argc + 1, sizeof *argv);
    for (int i = 0; argv && i < argc; i++)
        if (!(argv[i] = os_windows_utf8(wide[i])))
            exit(CANNOT);
    if (!argv)
        return CANNOT;
    for (int fd = 0; fd <= 2; fd++)
        _setmode(fd, _O_BINARY);
    os_console_begin();
    begin_network();
    return main(argc, argv);
}
