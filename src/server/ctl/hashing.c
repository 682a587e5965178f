/* SPDX-License-Identifier: ISC */
#include "ctl/hashing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "os/crypt.h"

#define THREADS 64

struct hashing {
    struct account_new *group;
    const bool *plain;
    size_t n;
    atomic_size_t next; /* the account that a thread takes next */
    atomic_bool failed;
};

static void *hash_some(void *ctx)
{
    struct hashing *h = ctx;
    char hash[OS_CRYPT_HASH_BYTES] = "";
    size_t i;
    while ((i = atomic_fetch_add(&h->next, 1)) < h->n && !atomic_load(&h->failed)) {
        char *secret = h->group[i].account.hash;
        if (!h->plain[i])
            continue;
        if (os_crypt_hash(secret, hash))
            memcpy(secret, hash, sizeof hash);
        else
            atomic_store(&h->failed, true);
    }
    os_crypt_wipe(hash, sizeof hash);
    return NULL;
}

/* This thread works, too: without the others it takes longer. */
bool hashing_run(struct account_new *group, const bool *plain, size_t n, unsigned threads)
{
    struct hashing h = {.group = group, .plain = plain, .n = n};
    pthread_t others[THREADS];
    unsigned started = 0;
    size_t passwords = 0;
    for (size_t i = 0; i < n; i++)
        passwords += plain[i];
    while (started + 1 < threads && started < THREADS && started + 1 < passwords &&
           pthread_create(&others[started], NULL, hash_some, &h) == 0)
        started++;
    hash_some(&h);
    while (started > 0)
        pthread_join(others[--started], NULL);
    return !atomic_load(&h.failed);
}
