/* SPDX-License-Identifier: ISC */
/*
 * crc32c: the Castagnoli checksum (RFC 3720, appendix B.4). Pure.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include "base/span.h"

/* The checksum of the bytes so far, whose checksum is before (0 if there are none), and of s. */
uint32_t crc32c(uint32_t before, struct span s);

/* The same without the machine's instructions for it, which not every machine has. */
uint32_t crc32c_by_table(uint32_t before, struct span s);

#endif
