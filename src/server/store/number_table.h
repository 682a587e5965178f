/* SPDX-License-Identifier: ISC */
/*
 * number_table: an open-addressed hash table of numbers above 0, which stand for something that its
 * owner keeps elsewhere; at most three quarters full. Clients choose what is hashed, so the owner's
 * hash has a random key: nobody can choose many that collide. Pure except for memory.
 */
#ifndef STORE_NUMBER_TABLE_H
#define STORE_NUMBER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All 0 is an empty table. The owner frees places. */
struct number_table {
    uint32_t *places; /* 0: free */
    size_t used, size;
};

/*
 * The place where a number of this hash goes first; the next ones follow, round the end. A number
 * is found by looking at these until one is free. The table must not be empty.
 */
size_t number_table_first(const struct number_table *t, uint64_t hash);
size_t number_table_next(const struct number_table *t, size_t place);

/* Puts a number in, for which there must be room. */
void number_table_put(struct number_table *t, uint64_t hash, uint32_t number);

/*
 * Makes room for n more. rehash(ctx, number) gives the hash of a number in the table. False: out of
 * memory.
 */
bool number_table_reserve(struct number_table *t, size_t n,
                          uint64_t (*rehash)(const void *ctx, uint32_t number), const void *ctx);

/* How many places are looked at in vain when each number is looked up once. For tests. */
uint64_t number_table_wasted(const struct number_table *t,
                             uint64_t (*rehash)(const void *ctx, uint32_t number), const void *ctx);

#endif
