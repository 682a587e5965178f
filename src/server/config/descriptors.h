/*
 * descriptors: how many a server reckons with, which shares them out, and which doctor looks for.
 *
 * A client needs its connection, the directory of its own mailbox, and a message's file; the server
 * itself as much as some clients. The part that is left is for the directories of mailboxes that
 * are sent to just now, and for those that are kept for later.
 */
#ifndef CONFIG_DESCRIPTORS_H
#define CONFIG_DESCRIPTORS_H

#define DESCRIPTORS_EACH        3 /* of a client */
#define DESCRIPTORS_OWN_CLIENTS 4 /* what the server itself needs, as so many clients */
#define DESCRIPTORS_LEFT_PART   8 /* one in so many is left */

#endif
