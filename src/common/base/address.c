#include "base/address.h"

#include <stdio.h>
#include <string.h>

#define GROUPS      8 /* of 16 bits, in an IPv6 address */
#define V4_BITS     32
#define CLIENT_BITS 64 /* of IPv6, that tell one client from another */
#define V4_AT       12 /* where an IPv4 address begins */

static const unsigned char v4_prefix[V4_AT] = {[10] = 0xff, [11] = 0xff};

struct address address_of_v4(const unsigned char bytes[4])
{
    struct address a;

    memcpy(a.b, v4_prefix, V4_AT);
    memcpy(a.b + V4_AT, bytes, 4);
    return a;
}

bool address_is_v4(const struct address *a)
{
    return memcmp(a->b, v4_prefix, V4_AT) == 0;
}

const unsigned char *address_v4_bytes(const struct address *a)
{
    return a->b + V4_AT;
}

static bool parse_v4(struct span text, unsigned char bytes[4])
{
    for (int i = 0; i < 4; i++) {
        struct span part = text;
        uint64_t number;

        if (i < 3 && !span_cut(&text, '.', &part))
            return false;
        if (!span_u64(part, 255, &number) || (part.n > 1 && part.p[0] == '0'))
            return false;
        bytes[i] = (unsigned char)number;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four hex digits. */
static bool parse_group(struct span text, unsigned char bytes[2])
{
    unsigned value = 0;

    if (text.n < 1 || text.n > 4)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int digit = hex_digit(text.p[i]);

        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    bytes[0] = (unsigned char)(value >> 8);
    bytes[1] = (unsigned char)value;
    return true;
}

/* Groups between colons, the last two perhaps as an IPv4 address. Returns their bytes, -1: wrong.
 */
static int parse_groups(struct span text, bool may_end_v4, unsigned char bytes[16])
{
    int n = 0;

    if (text.n == 0)
        return 0;
    for (;;) {
        struct span part = text;
        bool more = span_cut(&text, ':', &part);

        if (!more && may_end_v4 && n <= V4_AT && parse_v4(part, bytes + n))
            return n + 4;
        if (n == 2 * GROUPS || !parse_group(part, bytes + n))
            return -1;
        n += 2;
        if (!more)
            return n;
    }
}

/* Where "::" stands, or the length. */
static size_t find_gap(struct span text)
{
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == ':' && text.p[i + 1] == ':')
            return i;
    return text.n;
}

static bool parse_v6(struct span text, struct address *a)
{
    unsigned char head[16] = {0}, tail[16] = {0};
    size_t gap = find_gap(text);
    int nhead = parse_groups(span_first(text, gap), gap == text.n, head), ntail;

    if (gap == text.n) {
        if (nhead != 2 * GROUPS)
            return false;
        memcpy(a->b, head, sizeof head);
        return true;
    }
    ntail = parse_groups(span_skip(text, gap + 2), true, tail);
    if (nhead < 0 || ntail < 0 || nhead + ntail >= 2 * GROUPS)
        return false;
    memcpy(head + 2 * GROUPS - ntail, tail, (size_t)ntail);
    memcpy(a->b, head, sizeof head);
    return true;
}

bool address_parse(struct span text, struct address *a)
{
    unsigned char bytes[4];

    if (span_find(text, ':') < text.n)
        return parse_v6(text, a);
    if (!parse_v4(text, bytes))
        return false;
    *a = address_of_v4(bytes);
    return true;
}

static unsigned group(const struct address *a, unsigned i)
{
    return (unsigned)a->b[2 * i] << 8 | a->b[2 * i + 1];
}

/* The first of the longest runs of zero groups; only two or more are worth a "::". */
static unsigned find_zeros(const struct address *a, unsigned *length)
{
    unsigned best = GROUPS;

    *length = 1;
    for (unsigned i = 0, run = 0; i < GROUPS; i++) {
        run = group(a, i) == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            best = i + 1 - run;
        }
    }
    return best;
}

void address_format(const struct address *a, char text[ADDRESS_TEXT_BYTES])
{
    const unsigned char *v4 = address_v4_bytes(a);
    unsigned length, zeros, i = 0;
    size_t n = 0;

    if (address_is_v4(a)) {
        snprintf(text, ADDRESS_TEXT_BYTES, "%u.%u.%u.%u", v4[0], v4[1], v4[2], v4[3]);
        return;
    }
    zeros = find_zeros(a, &length);
    while (i < GROUPS) {
        const char *colon = i > 0 && i != zeros + length ? ":" : "";

        if (i == zeros) {
            n += (size_t)snprintf(text + n, ADDRESS_TEXT_BYTES - n, "::");
            i += length;
            continue;
        }
        n += (size_t)snprintf(text + n, ADDRESS_TEXT_BYTES - n, "%s%x", colon, group(a, i++));
    }
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool address_is_loopback(const struct address *a)
{
    static const struct address v6 = {.b = {[15] = 1}};
    const struct address_net v4 = {address_of_v4((const unsigned char[]){127, 0, 0, 0}),
                                   ADDRESS_BITS - V4_BITS + 8};

    return address_in(a, &v4) || address_equal(a, &v6);
}

struct address address_prefix(const struct address *a, unsigned bits)
{
    struct address p = {{0}};

    memcpy(p.b, a->b, bits / 8);
    if (bits % 8 > 0)
        p.b[bits / 8] = (unsigned char)(a->b[bits / 8] & 0xff00 >> bits % 8);
    return p;
}

struct address address_client(const struct address *a)
{
    return address_is_v4(a) ? *a : address_prefix(a, CLIENT_BITS);
}

bool address_parse_net(struct span text, struct address_net *net)
{
    struct address_net parsed = {.bits = ADDRESS_BITS};
    struct span rest = text, head = text;
    bool has_bits = span_cut(&rest, '/', &head);
    struct address prefix;
    unsigned before;
    uint64_t bits;

    if (!address_parse(head, &parsed.first))
        return false;
    if (has_bits) {
        before = span_find(head, ':') == head.n ? ADDRESS_BITS - V4_BITS : 0;
        if (!span_u64(rest, ADDRESS_BITS - before, &bits))
            return false;
        parsed.bits = before + (unsigned)bits;
    }
    prefix = address_prefix(&parsed.first, parsed.bits);
    if (!address_equal(&prefix, &parsed.first))
        return false;
    *net = parsed;
    return true;
}

void address_format_net(const struct address_net *net, char text[ADDRESS_NET_TEXT_BYTES])
{
    bool v4 = net->bits >= ADDRESS_BITS - V4_BITS && address_is_v4(&net->first);
    size_t n;

    address_format(&net->first, text);
    n = strlen(text);
    if (net->bits < ADDRESS_BITS)
        snprintf(text + n, ADDRESS_NET_TEXT_BYTES - n, "/%u",
                 v4 ? net->bits - (ADDRESS_BITS - V4_BITS) : net->bits);
}

bool address_in(const struct address *a, const struct address_net *net)
{
    struct address prefix = address_prefix(a, net->bits);

    return address_equal(&prefix, &net->first);
}

bool address_in_any(const struct address *a, const struct address_net *nets, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (address_in(a, &nets[i]))
            return true;
    return false;
}
