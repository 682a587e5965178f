/* SPDX-License-Identifier: ISC */
#include "os/udp_table.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/buf.h"
#include "os/file.h"
#include "os/net.h"

struct row {
    struct address address;
    unsigned port, user;
    unsigned long inode;
};

/* Reads the address as the system writes it: words in the byte order of the machine. */
static bool read_address(const char *digits, struct address *a)
{
    unsigned word[4];
    int n = sscanf(digits, "%8x%8x%8x%8x", &word[0], &word[1], &word[2], &word[3]);
    if (n == 4) {
        memcpy(a->b, word, sizeof a->b);
        return true;
    }
    if (n == 1)
        *a = address_of_v4((const unsigned char *)&word[0]);
    return n == 1;
}

/* A line of /proc/net/udp or udp6. False: it is their first line. */
static bool read_row(struct span line, struct row *r)
{
    char text[256], digits[33];
    snprintf(text, sizeof text, "%.*s", SPAN_PRINTF(line));
    return sscanf(text, "%*u: %32[0-9A-F]:%x %*s %*s %*s %*s %*s %u %*u %lu", digits, &r->port,
                  &r->user, &r->inode) == 4 &&
           read_address(digits, &r->address);
}

static bool is_any(const struct address *a)
{
    static const struct address any_v6 = {{0}}, any_v4 = {{[10] = 0xff, [11] = 0xff}};
    return address_equal(a, address_is_v4(a) ? &any_v4 : &any_v6);
}

/* Whether a datagram may be for either. One bound to all IPv6 addresses may take IPv4 as well. */
static bool meet(const struct address *a, const struct address *b)
{
    if (address_is_v4(a) != address_is_v4(b))
        return is_any(address_is_v4(a) ? b : a);
    return is_any(a) || is_any(b) || address_equal(a, b);
}

static bool is_one_of(const struct row *r, const int *fds, int n)
{
    struct stat st;
    for (int i = 0; i < n; i++)
        if (fstat(fds[i], &st) == 0 && st.st_ino == r->inode)
            return true;
    return false;
}

static bool meets_any(const struct row *r, const int *fds, int n)
{
    char text[OS_NET_ADDRESS_BYTES];
    struct address own;
    unsigned port;
    for (int i = 0; i < n; i++) {
        if (!os_net_local(fds[i], text, &port) || port != r->port)
            continue;
        text[strcspn(text, "%")] = '\0'; /* a zone */
        if (address_parse(span_str(text), &own) && meet(&own, &r->address))
            return true;
    }
    return false;
}

enum os_udp_others os_udp_table_others(const int *fds, int n, unsigned *port, uint32_t *user)
{
    static const char *const tables[] = {"/proc/net/udp", "/proc/net/udp6"};
    enum os_udp_others result = OS_UDP_ALONE;
    struct buf text;
    struct span rest, line;
    struct row r;

    for (int t = 0; t < 2 && result == OS_UDP_ALONE; t++) {
        buf_init(&text, SIZE_MAX / 2);
        if (!os_file_load_path(tables[t], &text) && t == 0) /* without IPv6 there is but one */
            result = OS_UDP_UNKNOWN;
        rest = buf_span(&text);
        while (result == OS_UDP_ALONE && span_cut(&rest, '\n', &line)) {
            if (!read_row(line, &r) || !meets_any(&r, fds, n) || is_one_of(&r, fds, n))
                continue;
            *port = r.port;
            *user = r.user;
            result = OS_UDP_OTHER;
        }
        buf_free(&text);
    }
    return result;
}
