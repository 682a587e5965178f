/*
 * cookie: how a session in version 2 over UDP begins without the server keeping anything for
 * addresses that may be forged (docs/udp.md). Pure: key, addresses and time are handed in.
 */
#ifndef UDP_COOKIE_H
#define UDP_COOKIE_H

#include "base/address.h"
#include "base/siphash.h"
#include "udp/datagram.h"

#define COOKIE_SLOT_US      INT64_C(8000000)
#define COOKIE_LIFE_US      (2 * COOKIE_SLOT_US) /* a cookie is known no longer than this */
#define COOKIE_ANSWER_BYTES 58
#define COOKIE_RETRY_US     INT64_C(1000000)  /* the client's first wait */
#define COOKIE_RETRY_MAX_US INT64_C(2000000)  /* each later one */
#define COOKIE_GIVE_UP_US   INT64_C(15000000) /* all of its waits together */

/*
 * The id of a session for this address in the slot of this time. Another serial gives another id:
 * clients that have the same port one soon after the other are not taken for each other.
 */
uint64_t cookie_id(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                   uint16_t port, int64_t now_us, unsigned char serial);

/* Whether an id was made for this address in this slot or in the one before it. */
bool cookie_known(const unsigned char key[SIPHASH_KEY_BYTES], const struct address *a,
                  uint16_t port, int64_t now_us, uint64_t id);

/* What the client asks first, as a frame. */
#define COOKIE_REQUEST "0000000010Start|1|2|"

/* Its datagram: out has room for DATAGRAM_SIZE_MIN bytes. And whether it is that. */
size_t cookie_ask(char *out);
bool cookie_asked(struct span datagram);

/* The server's answer, of COOKIE_ANSWER_BYTES, and the client's reading of it. */
size_t cookie_answer(char *out, uint64_t id);
bool cookie_read(struct span datagram, uint64_t *id);

#endif
