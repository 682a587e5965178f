/*
 * datagram: the two forms of a datagram (docs/udp.md). Pure; nothing is copied.
 *
 *     number body                      version 1
 *     number id type body checksum     version 2
 */
#ifndef UDP_DATAGRAM_H
#define UDP_DATAGRAM_H

#include "base/span.h"

#define DATAGRAM_NUMBER     10 /* bytes: decimal digits */
#define DATAGRAM_NUMBER_MAX UINT64_C(9999999999)
#define DATAGRAM_ID         16                         /* hex digits */
#define DATAGRAM_HEAD       (DATAGRAM_NUMBER + 16 + 1) /* bytes before the body in version 2 */
#define DATAGRAM_CHECKSUM   8                          /* behind it: CRC-32C, hex digits */
#define DATAGRAM_AROUND     (DATAGRAM_HEAD + DATAGRAM_CHECKSUM)
#define DATAGRAM_END_MARK   '\002'
#define DATAGRAM_MAX        1472 /* fits a packet of 1500 bytes */

/* Version 1's sizes, and the largest of version 2. */
#define DATAGRAM_SIZE_MIN     32
#define DATAGRAM_SIZE_DEFAULT 1024
#define DATAGRAM_SIZE_2_MIN   64
#define DATAGRAM_SIZE_2_MAX   1200

struct datagram {
    uint64_t number;
    uint64_t id;      /* version 2 */
    char type;        /* version 2 */
    struct span body; /* points into what was parsed */
};

/* False, *d as it was, for what has not the form; in version 2 also where the checksum is wrong. */
bool datagram_parse_1(struct span in, struct datagram *d);
bool datagram_parse_2(struct span in, struct datagram *d);

/*
 * Writes what stands around a body of body_bytes that is in its place already: behind the first
 * DATAGRAM_NUMBER or DATAGRAM_HEAD bytes of out. Returns the bytes of the whole.
 */
size_t datagram_close_1(char *out, uint64_t number, size_t body_bytes);
size_t datagram_close_2(char *out, uint64_t number, uint64_t id, char type, size_t body_bytes);

/* Numbers as digits; reading is false, *v as it was, for anything but so many digits. */
void datagram_put_decimal(char out[DATAGRAM_NUMBER], uint64_t v);
bool datagram_get_decimal(struct span ten, uint64_t *v);
void datagram_put_hex(char *out, uint64_t v, size_t digits);
bool datagram_get_hex(struct span in, size_t digits, uint64_t *v);

#endif
