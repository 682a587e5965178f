/*
 * owner: whether a store belongs to the user whom the server runs as. A file of another's in it
 * could not be opened, or one of ours by those who have to.
 */
#ifndef STORE_OWNERSHIP_H
#define STORE_OWNERSHIP_H

#include <stdbool.h>

#define OWNERSHIP_WHY_BYTES 512

/*
 * Looks at the store's own files and at the directories of its accounts. False: why says which of
 * them belongs to whom, and what mends it. A store that is not there is nobody's.
 */
bool ownership_check(const char *store, char why[OWNERSHIP_WHY_BYTES]);

#endif
