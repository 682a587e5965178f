/*
 * frame: payloads and how they are set off from each other (PROTOCOL 1). Pure: bytes in, values
 * out.
 *
 * A payload is opcode|numArg|arg1|...|argN| . In length form ten decimal digits stand before it and
 * count its bytes; in line form it ends with LF. Reading goes in two steps: frame_scan finds a
 * whole payload in the bytes that have come so far, frame_parse takes it apart. Nothing is copied:
 * what they give points into what they were given. Arguments stay escaped; see escape.h.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base/buf.h"
#include "base/span.h"
#include "proto/dialect.h"

#define FRAME_LENGTH_DIGITS 10
#define FRAME_LENGTH_MAX    UINT64_C(9999999999) /* what ten digits can say */
#define FRAME_ARGS_MAX      8                    /* more than any command takes */

/* The form that the first byte of a connection fixes: FORM_UNKNOWN for CR, LF and no byte. */
enum form frame_form(struct span first_bytes);

enum frame_result {
    FRAME_DONE,      /* a whole payload is there */
    FRAME_MORE,      /* so far so good */
    FRAME_NO_LENGTH, /* length form: ten digits should be here */
    FRAME_TOO_LONG   /* the payload is, or must become, longer than the limit */
};

struct frame_scan {
    size_t skipped;      /* CR and LF before the frame: may be consumed whatever the result */
    size_t total;        /* FRAME_DONE: bytes to consume for this frame, skipped ones included */
    size_t searched;     /* line form: so many bytes behind the skipped ones hold no LF */
    uint64_t length;     /* length form, once the digits are there: bytes of the payload; else 0 */
    struct span payload; /* FRAME_DONE: points into in */
};

/*
 * Looks for one frame at the start of in. limit bounds the payload's bytes. A wrong length is
 * reported as soon as its first wrong byte is there, a payload too long as soon as its length is.
 * *scan is filled whatever the result, zeros where nothing is known. A line loses its LF or CRLF.
 * What *scan says of the bytes searched is taken up: zero for another frame, as it was for more of
 * the same one.
 */
enum frame_result frame_scan(struct span in, enum form form, size_t limit, struct frame_scan *scan);

/*
 * One payload taken apart. op and arg[] point into it. The brackets are gone.
 */
struct frame {
    struct span op;
    size_t nargs;
    struct span arg[FRAME_ARGS_MAX]; /* the first of them, should there be more */
    bool brackets;
};

enum frame_error {
    FRAME_OK,
    FRAME_NO_BAR,       /* no | at all (length form) */
    FRAME_BAD_NUMARG,   /* numArg is not a decimal number */
    FRAME_WRONG_NUMARG, /* numArg is not how many arguments came */
    FRAME_NOT_CLOSED    /* the last part does not end with | (length form), or < without > */
};

/*
 * Takes a request's payload apart. Line form may leave out the last | and, without arguments,
 * numArg. On an error f->op and f->brackets are set as far as they could be read.
 */
enum frame_error frame_parse(struct span payload, enum form form, struct frame *f);

/* The expected form in words, for the answer to a frame_error. Never NULL for an error. */
const char *frame_error_text(enum frame_error e);

/*
 * Begins to read an answer, whose arguments may be more than FRAME_ARGS_MAX and each as long as a
 * message: takes "op|numArg|" off the front of *payload, after which span_cut(payload, '|', &arg)
 * yields one argument a call. Returns false, nothing changed, while the head is not complete or not
 * of this form.
 */
bool frame_head(struct span *payload, struct span *op, uint64_t *nargs);

/*
 * Writing a frame whose size is known only at its end:
 *
 *     size_t mark = frame_open(&out, d, "Answer", 2);
 *     frame_arg(&out, d, SPAN("Yes"));
 *     frame_arg(&out, d, text);
 *     frame_close(&out, d, mark);
 *
 * The buffer remembers failures; check buf_ok. frame_arg escapes; frame_open's op is sent as it is.
 * FORM_UNKNOWN is written as FORM_LENGTH.
 */
size_t frame_open(struct buf *out, struct dialect d, const char *op, uint64_t nargs);
bool frame_arg(struct buf *out, struct dialect d, struct span arg);
bool frame_close(struct buf *out, struct dialect d, size_t mark);

/*
 * Writing a frame whose size is known beforehand, for streaming: frame_open_sized puts the length
 * (if the form has one), op, numArg; the caller then sends args_bytes bytes of arguments, each with
 * its |, and frame_end. The frame's payload is frame_payload_bytes() long.
 */
uint64_t frame_payload_bytes(struct dialect d, const char *op, uint64_t nargs, uint64_t args_bytes);
bool frame_open_sized(struct buf *out, struct dialect d, const char *op, uint64_t nargs,
                      uint64_t args_bytes);
bool frame_end(struct buf *out, struct dialect d);

#endif
