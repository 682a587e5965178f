/* SPDX-License-Identifier: ISC */
/*
 * dialect: how two peers write frames (PROTOCOL 1 and 5).
 *
 * The first byte of a connection decides the form, the Start request the version, and each request
 * the brackets of its answer.
 */
#ifndef PROTO_DIALECT_H
#define PROTO_DIALECT_H

#include <stdbool.h>

enum form {
    FORM_UNKNOWN, /* nothing but CR and LF has come yet */
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
