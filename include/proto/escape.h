/*
 * escape: what a field may not contain, and how it travels all the same (PROTOCOL 1 and 5).
 *
 * Version 2 writes \\ for a backslash, \p for |, \c for ^, and in line form \n and \r for LF and
 * CR: every byte survives. Version 1 has no escapes: | and in a field ^ (in line form LF and CR
 * too) become a space, so the length stays true. All functions are pure.
 */
#ifndef PROTO_ESCAPE_H
#define PROTO_ESCAPE_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/dialect.h"

/*
 * Where the bytes stand: a whole argument, where version 1 lets ^ pass, or one field of a message.
 * Version 2 escapes ^ in both.
 */
enum escape_place { ESCAPE_ARGUMENT, ESCAPE_FIELD };

/* No field grows to more than this many times its size. */
#define ESCAPE_GROWTH 2

/* How many bytes of s take two bytes in length form of version 2. */
size_t escape_count(struct span s);

/* Writes s as d demands to out, which has room for ESCAPE_GROWTH * s.n bytes; returns the count. */
size_t escape_write(char *out, struct span s, struct dialect d, enum escape_place place);

/* The same, to the end of a buffer. False: the buffer failed, see buf.h. */
bool escape_add(struct buf *b, struct span s, struct dialect d, enum escape_place place);

#define ESCAPE_RULE "a backslash stands only in \\\\ \\p \\c \\n \\r"

/*
 * Undoes escape_write for a peer of version 2. out has room for s.n bytes and may be s.p itself;
 * *n becomes the count. Returns false for an unknown or unfinished escape, out then is spoilt.
 */
bool escape_undo(struct span s, char *out, size_t *n);

#endif
