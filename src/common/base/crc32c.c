/* SPDX-License-Identifier: ISC */
/*
 * Eight bytes a step ("slicing by 8"): each byte looks up what it does to the checksum from its
 * place, so that the eight look-ups do not wait for each other.
 */
#include "base/crc32c.h"

#include "crc32c_table.h"

static uint32_t little_endian(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t crc32c(uint32_t before, struct span s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t n = s.n;
    uint32_t c = ~before;
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t a = c ^ little_endian(p);
        uint32_t b = little_endian(p + 4);
        c = table[7][a & 255] ^ table[6][a >> 8 & 255] ^ table[5][a >> 16 & 255] ^
            table[4][a >> 24] ^ table[3][b & 255] ^ table[2][b >> 8 & 255] ^
            table[1][b >> 16 & 255] ^ table[0][b >> 24];
    }
    for (; n > 0; n--, p++)
        c = c >> 8 ^ table[0][(c ^ *p) & 255];
    return ~c;
}
