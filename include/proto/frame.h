/* SPDX-License-Identifier: ISC */
/*
 * frame: payloads, and where one ends and the next begins (PROTOCOL 1). Pure.
 *
 * A payload is opcode|numArg|arg1|...|argN| . In length form, ten decimal digits before it give its
 * size in bytes; in line form it ends with LF. Reading takes two steps: frame_scan finds a whole
 * payload in the bytes that have come so far, and frame_parse splits it. Nothing is copied: the
 * results point into the input. Arguments stay escaped (escape.h).
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/dialect.h"

#define FRAME_LENGTH_DIGITS 10
#define FRAME_LENGTH_MAX    UINT64_C(9999999999) /* the largest number of ten digits */
#define FRAME_ARGS_MAX      8                    /* more than any command takes */

/* The form of a connection that begins with these bytes. FORM_UNKNOWN if they are all CR or LF. */
enum form frame_form(struct span first_bytes);

enum frame_result {
    FRAME_DONE,      /* there is a whole payload */
    FRAME_MORE,      /* nothing is wrong so far, but more bytes must come */
    FRAME_NO_LENGTH, /* length form: the frame does not begin with ten digits */
    FRAME_TOO_LONG   /* the payload is longer than the limit, or will be */
};

struct frame_scan {
    size_t skipped;      /* CR and LF before the frame; may be consumed whatever the result */
    size_t total;        /* FRAME_DONE: bytes to consume for this frame, with the skipped ones */
    size_t searched;     /* line form: how many bytes after the skipped ones contain no LF */
    uint64_t length;     /* length form: size of the payload once its digits have come; else 0 */
    struct span payload; /* FRAME_DONE: points into in */
};

/*
 * Looks for one frame at the start of in, with a payload of at most limit bytes. Reports a wrong
 * length at its first wrong byte, and a payload that is too long as soon as its length is known.
 * The payload of a line has no LF or CRLF. *scan is filled whatever the result, with zeros for what
 * is not known. scan->searched is also an input: set it to 0 for a new frame, and leave it as it
 * was when more bytes of the same frame have come.
 */
enum frame_result frame_scan(struct span in, enum form form, size_t limit, struct frame_scan *scan);

/* A payload split into its parts, without brackets. op and arg[] point into it. */
struct frame {
    struct span op;
    size_t nargs;
    struct span arg[FRAME_ARGS_MAX]; /* only the first ones, if there are more */
    bool brackets;
};

enum frame_error {
    FRAME_OK,
    FRAME_NO_BAR,       /* there is no | at all (length form) */
    FRAME_BAD_NUMARG,   /* numArg is not a decimal number */
    FRAME_WRONG_NUMARG, /* numArg is not the number of arguments */
    FRAME_NOT_CLOSED    /* the last part does not end with | (length form), or > is missing */
};

/*
 * Splits the payload of a request. Line form may omit the last | and, if there are no arguments,
 * numArg. On an error f->op and f->brackets are set as far as they could be read.
 */
enum frame_error frame_parse(struct span payload, enum form form, struct frame *f);

/* What the payload should look like, for the answer to a frame_error. A constant, never NULL. */
const char *frame_error_text(enum frame_error e);

/*
 * Begins to read an answer, which may have more than FRAME_ARGS_MAX arguments, each as long as a
 * message: removes "op|numArg|" from the front of *payload. Then each span_cut(payload, '|', &arg)
 * yields one argument. Returns false and leaves *payload unchanged if the head is incomplete or not
 * of this form.
 */
bool frame_head(struct span *payload, struct span *op, uint64_t *nargs);

/*
 * Writes a frame whose size is known only at its end:
 *
 *     size_t mark = frame_open(&out, d, "Answer", 2);
 *     frame_arg(&out, d, SPAN("Yes"));
 *     frame_arg(&out, d, text);
 *     frame_close(&out, d, mark);
 *
 * The buffer remembers failures; check buf_ok at the end. frame_arg escapes its argument;
 * frame_open sends op as it is. FORM_UNKNOWN is written as FORM_LENGTH.
 */
size_t frame_open(struct buf *out, struct dialect d, const char *op, uint64_t nargs);
bool frame_arg(struct buf *out, struct dialect d, struct span arg);
bool frame_close(struct buf *out, struct dialect d, size_t mark);

/*
 * Writes a frame whose size is known beforehand, for streaming: frame_open_sized writes the length
 * (if the form has one), op and numArg; the caller then sends args_bytes bytes of arguments, each
 * ending with |, and calls frame_end. The payload has frame_payload_bytes() bytes.
 */
uint64_t frame_payload_bytes(struct dialect d, const char *op, uint64_t nargs, uint64_t args_bytes);
bool frame_open_sized(struct buf *out, struct dialect d, const char *op, uint64_t nargs,
                      uint64_t args_bytes);
bool frame_end(struct buf *out, struct dialect d);

/* Room for the Exit frame of any reason that this project gives. */
#define FRAME_EXIT_BYTES 192

/*
 * Writes an Exit frame without allocating memory, for use when memory is short. The reason has no
 * byte that needs an escape. Returns the number of bytes in out.
 */
size_t frame_exit(char out[FRAME_EXIT_BYTES], struct dialect d, const char *reason);

#endif
