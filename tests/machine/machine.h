/* SPDX-License-Identifier: ISC */
/*
 * machine: a computer that exists only in memory, on which the store and the sessions run as they
 * are: their calls of the C library for files, threads, semaphores, clocks and chance are replaced
 * by the linker (--wrap, see the Makefile), and nothing of the product is changed. One seed decides
 * everything that may come one way or the other, so the same seed is the same run, to the byte.
 *
 * Threads are fibers (ucontext) of one real thread. Each replaced call is a step: there a fiber may
 * lose its turn to another that can go on, the power may go, or the call may fail. Between two
 * steps nothing else runs; so races on plain memory are not found here (make tsan does that), but
 * each order of the calls that matter to the disk is.
 *
 * Time is the machine's: a step takes some microseconds, a sync as long as the disk wants, and if
 * nobody can go on, the clock moves to the next deadline. The wall clock is an offset, which jumps.
 *
 * A process is a number: fibers, descriptors, and locks of descriptors belong to one. When it dies,
 * its fibers are never continued, its descriptors are closed, and its semaphores stay as they are.
 * Its memory is never freed: each seed runs in a child of its own, which ends.
 *
 * disk.h has the file system, its crash model and its reasons; ledger.h what must hold.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one machine: what others may read, and change where that is said. */
struct machine {
    uint64_t seed, steps;
    int64_t now_us;    /* monotonic, since the machine was made */
    int64_t wall_s;    /* seconds since 1970 when now_us was 0; a jump changes it */
    unsigned switches; /* of 1000 steps, after how many another fiber goes on; may be changed */
    unsigned naps;     /* of 10000 steps, after how many a fiber sleeps for up to some seconds, as
                          one that others keep from the processor; may be changed */
    unsigned thread_fails; /* of 1000 threads, how many cannot be started; may be changed */
    bool trace;            /* print each call */
};

extern struct machine machine;

void machine_begin(uint64_t seed);

/* Chance: a number from 0 to end - 1; true in n of 1000 cases; bytes. */
uint32_t machine_below(uint32_t end);
bool machine_chance(unsigned n);
void machine_bytes(void *bytes, size_t size);

/* A new process, of which no fiber runs yet. Numbers are not used twice. */
unsigned machine_process(void);

/* The process of the fiber that runs; 0: none does. */
unsigned machine_current(void);

/* Starts a fiber of a process, which ends when run returns. */
void machine_start(unsigned process, void (*run)(void *ctx), void *ctx);

/* Ends a process, as SIGKILL does. One may kill one's own: then this does not return. */
void machine_kill(unsigned process);

/* All processes end, and what is only in memory is gone: semaphores. disk_crash does the rest. */
void machine_power_off(void);

enum machine_end {
    MACHINE_IDLE,  /* all fibers have ended */
    MACHINE_STEPS, /* that many steps were made */
    MACHINE_STUCK  /* fibers wait for one another, and no deadline ends that */
};

/* Runs fibers for so many steps. To be called outside of fibers. */
enum machine_end machine_run(uint64_t steps);

/* --- for fibers and for what replaces calls --- */

/* One step, of the call of this name. May not return: the process may have been killed. */
void machine_step(const char *call);

/* Waits for so long, while others run. */
void machine_sleep(int64_t us);

/*
 * Waits until machine_wake is called for this object, or until a time of machine.now_us; INT64_MAX:
 * no deadline. Returns whether it was woken.
 */
bool machine_wait(const void *object, int64_t until_us);
void machine_wake(const void *object);

/* Whether a named semaphore is there, for those that look at /dev/shm. */
bool machine_has_semaphore(const char *name);

/* Defines what replaces a call of the C library: REPLACED(int, close, int fd) { ... here_close. */
#define REPLACED(result, name, ...)                           \
    result here_##name(__VA_ARGS__) __asm__("__wrap_" #name); \
    result here_##name(__VA_ARGS__)

/* What is not so, and must be: prints it with the seed, and ends the child with exit code 1. */
void machine_violated(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
