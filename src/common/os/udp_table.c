/* SPDX-License-Identifier: ISC */
#include "os/udp_table.h"

#include <string.h>
#include <sys/stat.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/digits.h"
#include "os/file.h"
#include "os/net.h"

#define WORD_DIGITS 8
#define V4_DIGITS   WORD_DIGITS
#define V6_DIGITS   (4 * WORD_DIGITS)

/* Fields of a line, which spaces set off. */
enum field { FIELD_LOCAL = 1, FIELD_USER = 7, FIELD_INODE = 9, FIELDS };

struct row {
    struct address address;
    uint64_t port, user, inode;
};

/* Reads the address as the system writes it: words in the byte order of the machine. */
static bool read_address(struct span digits, struct address *a)
{
    uint32_t word[4];
    uint64_t value = 0;
    if (digits.n != V4_DIGITS && digits.n != V6_DIGITS)
        return false;
    for (size_t i = 0; i < digits.n / WORD_DIGITS; i++) {
        if (!digits_get_hex_folded(span_first(span_skip(digits, i * WORD_DIGITS), WORD_DIGITS),
                                   &value))
            return false;
        word[i] = (uint32_t)value;
    }
    if (digits.n == V4_DIGITS)
        *a = address_of_v4((const unsigned char *)word);
    else
        memcpy(a->b, word, sizeof a->b);
    return true;
}

/* A line of /proc/net/udp or udp6. False: it is their first line. */
static bool read_row(struct span line, struct row *r)
{
    struct span field[FIELDS] = {{0}}, word, address;
    for (size_t i = 0; i < FIELDS && span_cut(&line, ' ', &word);)
        if (word.n > 0)
            field[i++] = word;
    return span_cut(&field[FIELD_LOCAL], ':', &address) && read_address(address, &r->address) &&
           digits_get_hex_folded(field[FIELD_LOCAL], &r->port) &&
           span_u64(field[FIELD_USER], UINT32_MAX, &r->user) &&
           span_u64(field[FIELD_INODE], UINT64_MAX, &r->inode);
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
            *port = (unsigned)r.port;
            *user = (uint32_t)r.user;
            result = OS_UDP_OTHER;
        }
        buf_free(&text);
    }
    return result;
}
