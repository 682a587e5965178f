/* SPDX-License-Identifier: ISC */
/*
 * programs: the file "programs" of a store, which records which versions of the server have run on
 * it. After an upgrade, doctor can tell the administrator what is new:
 *
 *     now 1.1
 *     before 1.0
 *
 * The second line is there only if another version ran before. Versions are numbers with dots;
 * PROGRAMS_EARLIER stands for one that did not keep this file yet.
 */
#ifndef STORE_PROGRAMS_H
#define STORE_PROGRAMS_H

#include <stdbool.h>

#include "base/span.h"

#define PROGRAMS_EARLIER       "0"
#define PROGRAMS_VERSION_BYTES 32 /* of a version, with its NUL */

struct programs {
    char now[PROGRAMS_VERSION_BYTES];
    char before[PROGRAMS_VERSION_BYTES]; /* "": none */
};

/* Parses the text of the file. Pure. */
bool programs_parse(struct span s, struct programs *p);

/*
 * Compares versions. Less than 0: a is lower than b; 0: they are equal. 1.9 < 1.10. Pure.
 */
int programs_compare(const char *a, const char *b);

/*
 * Reads the file in the directory of a store. A store without it, or with a damaged one, was used
 * by PROGRAMS_EARLIER.
 */
void programs_load(int dir, struct programs *p);

/*
 * Records that this version of the server runs on a store. is_new: the store is new. Writes nothing
 * if the file says so already. False: it could not be written (errno).
 */
bool programs_note(int dir, bool is_new, const char *version);

#endif
