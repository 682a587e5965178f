/* SPDX-License-Identifier: ISC */
/*
 * key_value: the lines of a configuration file, "key = value". Pure.
 */
#ifndef BASE_KEY_VALUE_H
#define BASE_KEY_VALUE_H

#include "base/span.h"

enum key_value { KEY_VALUE_NONE, KEY_VALUE_GIVEN, KEY_VALUE_WRONG };

/* A file that is being read. Begins with its text, and line 0. */
struct key_value_file {
    struct span rest;
    unsigned line; /* the number of the line that was read last */
};

/*
 * Reads the next line that is neither blank nor a comment, which begins with #. KEY_VALUE_NONE:
 * there are no more. KEY_VALUE_GIVEN: *key and *value are the parts of it, without blanks around
 * them. KEY_VALUE_WRONG: *why is a constant that says what is wrong.
 */
enum key_value key_value_next(struct key_value_file *file, struct span *key, struct span *value,
                              const char **why);

/* Whether a key is the one of this name. - and _ are the same in it. */
bool key_value_is(struct span key, const char *name);

/* Whether it looks as if a comment follows a value: a # at its beginning or after a blank. */
bool key_value_has_comment(struct span value);

#endif
