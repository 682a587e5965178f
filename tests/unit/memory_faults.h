/* SPDX-License-Identifier: ISC */
/*
 * memory_faults: allocations that fail, and are counted in faults.blocks. For store_faults.h and
 * os_faults.h, which have REPLACED, and MEMORY_FAILS(call): whether an allocation fails now.
 */
#ifndef MEMORY_FAULTS_H
#define MEMORY_FAULTS_H

static inline void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&faults.blocks, 1);
    return block;
}

REPLACED(void *, malloc, (size_t size))
{
    return MEMORY_FAILS("malloc") ? NULL : counted(real_malloc(size));
}

REPLACED(void *, calloc, (size_t n, size_t size))
{
    return MEMORY_FAILS("calloc") ? NULL : counted(real_calloc(n, size));
}

REPLACED(void *, realloc, (void *block, size_t size))
{
    if (MEMORY_FAILS("realloc"))
        return NULL;
    void *moved = real_realloc(block, size);
    return block ? moved : counted(moved);
}

REPLACED(void, free, (void *block))
{
    if (block)
        atomic_fetch_sub(&faults.blocks, 1);
    real_free(block);
}

#endif
