/* SPDX-License-Identifier: ISC */
/*
 * flags: how other mail programs have marked a message, in the name of its file in a Maildir, or in
 * the fields Status and X-Status of an mbox. Pure.
 */
#ifndef CLIENT_FLAGS_H
#define CLIENT_FLAGS_H

#include "base/span.h"

enum flags {
    FLAGS_SEEN = 1,
    FLAGS_DELETED = 2,
    /* Those that a message here cannot have: */
    FLAGS_ANSWERED = 4,
    FLAGS_FLAGGED = 8,
    FLAGS_FORWARDED = 16,
    FLAGS_DRAFT = 32,
    FLAGS_KEYWORD = 64, /* one of the user's own */
};

/* Those of a file in cur/ of a Maildir. A letter that nobody has defined is no flag. */
unsigned flags_of_name(const char *name);

/*
 * Those in the header of mail in an mbox. A field with anything but the letters that mail programs
 * write says something else, and no flag is taken from it.
 */
unsigned flags_of_header(struct span header);

#endif
