/* SPDX-License-Identifier: ISC */
/*
 * key_value: the lines of a configuration file, "key = value". Pure.
 */
#ifndef BASE_KEY_VALUE_H
#define BASE_KEY_VALUE_H

#include "base/span.h"

enum key_value { KEY_VALUE_NONE, KEY_VALUE_GIVEN, KEY_VALUE_WRONG };

/*
 * Reads a line without its LF. KEY_VALUE_NONE: it is blank, or a comment, which begins with #.
 * KEY_VALUE_GIVEN: *key and *value are the parts of it, without blanks around them.
 * KEY_VALUE_WRONG: *why is a constant that says what is wrong.
 */
enum key_value key_value_parse(struct span line, struct span *key, struct span *value,
                               const char **why);

/* Whether a key is the one of this name. - and _ are the same in it. */
bool key_value_is(struct span key, const char *name);

/* Whether it looks as if a comment follows a value: a # at its beginning or after a blank. */
bool key_value_has_comment(struct span value);

#endif
