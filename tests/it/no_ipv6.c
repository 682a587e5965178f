/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into the server of a test: a system without IPv6, as after ipv6.disable=1.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

int socket(int domain, int type, int protocol)
{
    int (*real)(int, int, int) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "socket");
    if (domain != AF_INET6 && real)
        return real(domain, type, protocol);
    errno = EAFNOSUPPORT;
    return -1;
}
