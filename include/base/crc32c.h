/*
 * crc32c: the Castagnoli checksum (RFC 3720, appendix B.4) that each stored message carries. Pure.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include "base/span.h"

/* The checksum of what came before, continued over s. Begin with 0. */
uint32_t crc32c(uint32_t before, struct span s);

#endif
