/* SPDX-License-Identifier: ISC */
/*
 * carry ADDRESS PORT: carries its standard input to a TCP server, and what that sends to its
 * standard output, until the server hangs up. Both handles are used as files, each by a thread of
 * its own, as most proxies do. Exit code 1: no connection.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <winsock2.h> /* before windows.h, which has an older one */

#include <windows.h>

#define PIECE_BYTES 65536

int wmain(int argc, WCHAR **argv);

static bool is_pipe(DWORD which)
{
    return GetNamedPipeInfo(GetStdHandle(which), NULL, NULL, NULL, NULL);
}

static bool write_all(HANDLE to, const char *bytes, DWORD n)
{
    DWORD written = 0;
    for (; n > 0; n -= written, bytes += written)
        if (!WriteFile(to, bytes, n, &written, NULL) || written == 0)
            return false;
    return true;
}

static DWORD WINAPI carry_there(void *server)
{
    static char bytes[PIECE_BYTES];
    DWORD n = 0;
    SOCKET *s = server;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &n, NULL) && n > 0)
        for (int sent = 0, done = 0; done < (int)n; done += sent)
            if ((sent = send(*s, bytes + done, (int)n - done, 0)) <= 0)
                return 1;
    shutdown(*s, SD_SEND);
    return 0;
}

int wmain(int argc, WCHAR **argv)
{
    static char bytes[PIECE_BYTES];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    WSADATA data;
    if (argc != 3 || wcscmp(argv[1], L"127.0.0.1") != 0 || WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 2;
    if (!is_pipe(STD_INPUT_HANDLE) || !is_pipe(STD_OUTPUT_HANDLE))
        return 4;
    at.sin_port = htons((u_short)wcstoul(argv[2], NULL, 10));
    SOCKET server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&at, sizeof at) != 0) {
        fprintf(stderr, "carry: error %d\n", WSAGetLastError());
        return 1;
    }
    CloseHandle(CreateThread(NULL, 0, carry_there, &server, 0, NULL));
    int n = 0;
    while ((n = recv(server, bytes, sizeof bytes, 0)) > 0)
        if (!write_all(GetStdHandle(STD_OUTPUT_HANDLE), bytes, (DWORD)n))
            return 3;
    return 0;
}
