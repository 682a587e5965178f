/* SPDX-License-Identifier: ISC */
/*
 * siphash: a short hash with a key (SipHash-2-4, Aumasson and Bernstein 2012). Without the key
 * nobody can find inputs that collide, or tell from a hash what the input was. Pure.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/span.h"

#define SIPHASH_KEY_BYTES 16

uint64_t siphash(const unsigned char key[SIPHASH_KEY_BYTES], struct span s);

#endif
