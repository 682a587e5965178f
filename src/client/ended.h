/* SPDX-License-Identifier: ISC */
/*
 * ended: says how a command of the user ended. For any thread.
 */
#ifndef CLIENT_ENDED_H
#define CLIENT_ENDED_H

#include "os/end.h"

#define ENDED_BYTES 256

/* Writes it to words in the user's language, as "the command ended with exit code 1". */
void ended_words(char words[ENDED_BYTES], const struct os_end *end);

#endif
