/* SPDX-License-Identifier: ISC */
/*
 * A program begins here. This makes the arguments UTF-8, makes standard input and output carry
 * bytes, sets a console to UTF-8, and starts the network until the program ends. Then it runs main,
 * which is the same for every system.
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
