/* SPDX-License-Identifier: ISC */
#include "base/crc32c.h"

#include <string.h>

#include "crc32c_table.h"

static uint32_t little_endian(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/*
 * Eight bytes a step ("slicing by 8"): each byte looks up what it does to the checksum from its
 * place, so that the eight look-ups do not wait for each other.
 */
uint32_t crc32c_by_table(uint32_t before, struct span s)
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

#ifdef __x86_64__

#include <wmmintrin.h>

#define LANE  336 /* bytes, of 8 each */
#define BLOCK (3 * LANE + 8)

static uint64_t word_at(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/*
 * The instruction takes eight bytes, and the next one can begin before it has ended, but not one
 * that needs its result. So a block is three lanes, and the eight bytes after them. The checksums
 * of the first two lanes are multiplied by what the bytes that follow them do to a checksum, x to
 * the power of 8 * bytes - 33 modulo the polynomial; the instruction on the last eight bytes
 * reduces the product.
 */
__attribute__((target("sse4.2,pclmul"))) static uint32_t crc_of_block(uint32_t c, const char *p)
{
    const __m128i after = _mm_set_epi64x(0x8f158014, (long long)0xe417f38a);
    uint64_t a = c, b = 0, last = 0;
    for (size_t i = 0; i < LANE; i += 8) {
        a = __builtin_ia32_crc32di(a, word_at(p + i));
        b = __builtin_ia32_crc32di(b, word_at(p + LANE + i));
        last = __builtin_ia32_crc32di(last, word_at(p + 2 * LANE + i));
    }
    __m128i lanes = _mm_set_epi64x((long long)b, (long long)a);
    __m128i both = _mm_xor_si128(_mm_clmulepi64_si128(lanes, after, 0x00),
                                 _mm_clmulepi64_si128(lanes, after, 0x11));
    uint64_t carried = (uint64_t)_mm_cvtsi128_si64(both);
    return (uint32_t)__builtin_ia32_crc32di(last, word_at(p + BLOCK - 8) ^ carried);
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t by_instruction(uint32_t before,
                                                                        struct span s)
{
    uint64_t c = ~before;
    size_t i = 0;
    for (; s.n - i >= BLOCK; i += BLOCK)
        c = crc_of_block((uint32_t)c, s.p + i);
    for (; s.n - i >= 8; i += 8)
        c = __builtin_ia32_crc32di(c, word_at(s.p + i));
    for (; i < s.n; i++)
        c = __builtin_ia32_crc32qi((uint32_t)c, (unsigned char)s.p[i]);
    return ~(uint32_t)c;
}

uint32_t crc32c(uint32_t before, struct span s)
{
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"))
        return by_instruction(before, s);
    return crc32c_by_table(before, s);
}

#else

uint32_t crc32c(uint32_t before, struct span s)
{
    return crc32c_by_table(before, s);
}

#endif
