/* SPDX-License-Identifier: ISC */
/*
 * load: what a client of a campaign does, at random or, for traces, each thing once. For the
 * client's thread.
 */
#ifndef LOAD_H
#define LOAD_H

/* The main function of the thread of a struct client. */
void *load_run(void *client);

#endif
