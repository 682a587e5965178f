/* SPDX-License-Identifier: ISC */
/*
 * memory: files in memory, for targets whose code reads and writes files. The Makefile links these
 * targets with the calls of the simulated machine (tests/machine/machine.h) instead of those of the
 * C library, so an input makes no system call. Clock and random numbers are the machine's, too, and
 * begin again with each input: the same input always does the same. No call fails, and only one
 * thread runs.
 *
 * A target uses the disk like any other: a directory that mkdtemp makes is in memory.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include "base/span.h"

/* Makes a directory, and those above it. */
void memory_make_dir(const char *path);

/* Makes a file with this content. If a file has the name, it is replaced. */
void memory_write(const char *path, struct span content);

#endif
