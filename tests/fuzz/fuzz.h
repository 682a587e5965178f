/* SPDX-License-Identifier: ISC */
/*
 * fuzz: what the targets share. A target is a file of its own that defines fuzz_one, which
 * libFuzzer calls with one input after the other, each in a block that ends where it ends; what has
 * been reached by one, others are made from. Nothing may be left of an input when the next comes.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "random.h"

void fuzz_one(struct span in);

/* Is called before each input of a target with memory.c, which has this function. */
__attribute__((weak)) void fuzz_before(void);

/* States what holds whatever the input is. */
#define must(condition) ((condition) ? (void)0 : fuzz_violation(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_violation(const char *file, int line, const char *what);

/* Has what the inputs share tidied away at the end, also where that is a violation. Once. */
void fuzz_at_end(void (*end)(void));

/* Take something off the front of what is left of the input: at its end 0, or what there is. */
unsigned fuzz_byte(struct span *in);
size_t fuzz_below(struct span *in, size_t end); /* end is at most 65536 */
struct span fuzz_bytes(struct span *in, size_t n);

/* Whether part lies in whole. */
bool fuzz_within(struct span part, struct span whole);

#endif
