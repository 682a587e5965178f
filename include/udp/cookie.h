/* SPDX-License-Identifier: ISC */
/*
 * cookie: how a session in version 2 begins without the server keeping anything about addresses
 * that may be forged (docs/udp.md). Pure: key, address and time are handed in.
 */
#ifndef UDP_COOKIE_H
#define UDP_COOKIE_H

#include "base/address.h"
#include "base/siphash.h"
#include "udp/datagram.h"

#define COOKIE_SLOT_US      INT64_C(8000000)
#define COOKIE_LIFE_US      (2 * COOKIE_SLOT_US) /* a cookie is valid no longer than this */
#define COOKIE_ANSWER_BYTES 58
#define COOKIE_RETRY_US     INT64_C(1000000)  /* the client's first wait */
#define COOKIE_RETRY_MAX_US INT64_C(2000000)  /* each later one */
#define COOKIE_GIVE_UP_US   INT64_C(15000000) /* all of its waits together */

/*
 * The id of a session with this client in the time slot of now_us. serial becomes the last byte of
 * the id, so that clients that use the same port shortly after each other get different ids.
 */
uint64_t cookie_id(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                   uint16_t port, int64_t now_us, unsigned char serial);

/* Whether an id was made for this client in this slot or the one before it. */
bool cookie_known(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                  uint16_t port, int64_t now_us, uint64_t id);

/* The frame with which a client asks for a cookie. */
#define COOKIE_REQUEST "0000000010Start|1|2|"

/*
 * cookie_ask writes the request's datagram to out, which has room for DATAGRAM_SIZE_MIN bytes, and
 * returns its size. cookie_asked: whether a datagram is that request.
 */
size_t cookie_ask(char *out);
bool cookie_asked(struct span datagram);

/*
 * cookie_answer writes the server's answer to out, COOKIE_ANSWER_BYTES, and returns its size.
 * cookie_read reads it. It returns false and leaves *id unchanged for any other datagram, and if a
 * digit was changed on the way.
 */
size_t cookie_answer(char *out, uint64_t id);
bool cookie_read(struct span datagram, uint64_t *id);

#endif
