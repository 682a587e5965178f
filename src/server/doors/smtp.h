/* SPDX-License-Identifier: ISC */
/*
 * smtp: the doors by which mail comes in. door_submission: mail programs of our users send by SMTP
 * (RFC 5321, 6409) with a login (RFC 4954). door_lmtp: another mail server delivers by LMTP (RFC
 * 2033). Both share their code; a table says which commands each has.
 *
 * A message is answered 250 once it is on stable storage. It is stored once, however often it is
 * sent again (store/door_key.h).
 */
#ifndef DOORS_SMTP_H
#define DOORS_SMTP_H

#include "session/conversation.h"

/* service->doors must not be NULL. */
extern const struct conversation door_submission, door_lmtp;

#endif
