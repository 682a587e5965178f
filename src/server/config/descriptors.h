/* SPDX-License-Identifier: ISC */
/*
 * descriptors: the number of descriptors that a server plans with. The server limits its clients by
 * it, and doctor checks it.
 *
 * A client needs its connection, the directory of its own mailbox, and the file of a message; the
 * server itself, with the segments of its delivery log, needs as much as some clients. One part
 * stays free for the directories of mailboxes that are being sent to, and for those that are kept
 * open.
 */
#ifndef CONFIG_DESCRIPTORS_H
#define CONFIG_DESCRIPTORS_H

#define DESCRIPTORS_EACH        3  /* of one client */
#define DESCRIPTORS_OWN_CLIENTS 12 /* the needs of the server itself, in clients */
#define DESCRIPTORS_LEFT_PART   8  /* one part in this many stays free */

#endif
