/* SPDX-License-Identifier: ISC */
/*
 * escape: how to send bytes that a field cannot contain (PROTOCOL 1 and 5).
 *
 * Version 2 writes \\ for a backslash, \p for |, \c for ^, and in line form \n and \r for LF and
 * CR, so every byte arrives. Version 1 has no escapes: | becomes a space, and so do ^ in a field
 * and LF and CR in line form, so that the length stays the same. All functions are pure.
 */
#ifndef PROTO_ESCAPE_H
#define PROTO_ESCAPE_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/dialect.h"

/*
 * Where the bytes stand: in a whole argument, where version 1 lets ^ pass, or in one field of a
 * message. Version 2 escapes ^ in both.
 */
enum escape_place { ESCAPE_ARGUMENT, ESCAPE_FIELD };

/* Escaping makes no field longer than this many times its size. */
#define ESCAPE_GROWTH 2

/* How many bytes of s take two bytes in length form of version 2. */
size_t escape_count(struct span s);

/*
 * Writes s, escaped for this dialect, to out, which has room for ESCAPE_GROWTH * s.n bytes. Returns
 * how many bytes were written.
 */
size_t escape_write(char *out, struct span s, struct dialect d, enum escape_place place);

/* The same, to the end of a buffer. Returns false if the buffer failed (buf.h). */
bool escape_add(struct buf *b, struct span s, struct dialect d, enum escape_place place);

#define ESCAPE_RULE "a backslash stands only in \\\\ \\p \\c \\n \\r"

/*
 * Undoes escape_write for a peer of version 2. out has room for s.n bytes and may be s.p itself; *n
 * is set to the number of bytes written. Returns false for an unknown or incomplete escape; out is
 * then overwritten in part.
 */
bool escape_undo(struct span s, char *out, size_t *n);

#endif
