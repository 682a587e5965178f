/* SPDX-License-Identifier: ISC */
/*
 * datagram: the two forms of a datagram (docs/udp.md). Pure; nothing is copied.
 *
 *     number body                      version 1
 *     number id type body checksum     version 2
 */
#ifndef UDP_DATAGRAM_H
#define UDP_DATAGRAM_H

#include "base/span.h"

#define DATAGRAM_NUMBER     10 /* bytes of a number: decimal digits */
#define DATAGRAM_NUMBER_MAX UINT64_C(9999999999)
#define DATAGRAM_ID         16                         /* bytes of an id: hex digits */
#define DATAGRAM_HEAD       (DATAGRAM_NUMBER + 16 + 1) /* bytes before the body in version 2 */
#define DATAGRAM_CHECKSUM   8                          /* bytes after it: CRC-32C in hex digits */
#define DATAGRAM_AROUND     (DATAGRAM_HEAD + DATAGRAM_CHECKSUM)
#define DATAGRAM_END_MARK   '\002'
#define DATAGRAM_MAX        1472 /* fits into a packet of 1500 bytes */

/* Sizes in version 1, then the least and the largest size in version 2. */
#define DATAGRAM_SIZE_MIN     32
#define DATAGRAM_SIZE_DEFAULT 1024
#define DATAGRAM_SIZE_2_MIN   64
#define DATAGRAM_SIZE_2_MAX   1200

struct datagram {
    uint64_t number;
    uint64_t id;      /* version 2 */
    char type;        /* version 2 */
    struct span body; /* points into the parsed bytes */
};

/*
 * Parse a datagram of version 1 or 2. Return false and leave *d unchanged if it does not have that
 * form; in version 2 also if its checksum is wrong.
 */
bool datagram_parse_1(struct span in, struct datagram *d);
bool datagram_parse_2(struct span in, struct datagram *d);

/*
 * Complete a datagram in out whose body of body_bytes is already in place, after the first
 * DATAGRAM_NUMBER (version 1) or DATAGRAM_HEAD (version 2) bytes. Return its size.
 */
size_t datagram_close_1(char *out, uint64_t number, size_t body_bytes);
size_t datagram_close_2(char *out, uint64_t number, uint64_t id, char type, size_t body_bytes);

/*
 * Read a number of exactly DATAGRAM_NUMBER decimal digits, or of exactly n hex digits. Return false
 * and leave *v unchanged for anything else.
 */
bool datagram_get_number(struct span in, uint64_t *number);
bool datagram_get_hex(struct span in, size_t n, uint64_t *v);

#endif
