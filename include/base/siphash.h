/*
 * siphash: a short hash with a key (SipHash-2-4, Aumasson and Bernstein 2012). Who does not know
 * the key can neither tell which inputs collide nor, from a hash, what went in. Pure.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/span.h"

#define SIPHASH_KEY_BYTES 16

uint64_t siphash(const unsigned char key[SIPHASH_KEY_BYTES], struct span s);

#endif
