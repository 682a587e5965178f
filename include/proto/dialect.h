/*
 * dialect: how two peers agreed to put frames on the wire (PROTOCOL 1 and 5).
 *
 * The form is fixed by the first byte of a connection, the version by Start, the brackets anew by
 * each request.
 */
#ifndef PROTO_DIALECT_H
#define PROTO_DIALECT_H

#include <stdbool.h>

enum form {
    FORM_UNKNOWN, /* nothing but CR and LF was heard yet */
    FORM_LENGTH,  /* ten digits, then the payload: for programs */
    FORM_LINE     /* the payload, then LF: for a person at netcat */
};

struct dialect {
    enum form form;
    unsigned version; /* 1 or 2 */
    bool brackets;    /* the payload stands between < and > */
};

#define DIALECT_VERSION_MAX 2

#endif
