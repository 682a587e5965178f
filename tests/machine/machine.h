/* SPDX-License-Identifier: ISC */
/*
 * machine: a computer that exists only in memory. The store and the sessions run on it without a
 * change: the linker replaces their calls of the C library for files, threads, semaphores, clocks
 * and random numbers (--wrap, see the Makefile). One seed makes all random decisions, so the same
 * seed gives the same run, to the byte.
 *
 * Threads are fibers (ucontext) of one real thread. Each replaced call is a step. At a step another
 * fiber may get its turn, the power may fail, or the call may fail. Between two steps no other
 * fiber runs. So the machine does not find races on plain memory (make tsan does), but it can try
 * each order of the calls that matter to the disk.
 *
 * The machine has a time of its own: a step takes some microseconds, a sync takes as long as the
 * disk decides, and if no fiber can go on, the clock moves to the next deadline. The wall clock is
 * that time and an offset, which jumps.
 *
 * A process is a number, which its fibers, descriptors and locks have. When a process dies, its
 * fibers never go on, its descriptors are closed, and its semaphores stay as they are. Its memory
 * is never freed: each seed runs in a child process, which ends.
 *
 * disk.h describes the file system and what a crash does to it; ledger.h has the rules.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one machine. Other sources may read all of this, and change the fields that say so. */
struct machine {
    uint64_t seed, steps;
    unsigned boots;    /* how often it was started again */
    int64_t now_us;    /* monotonic, since the machine was made */
    int64_t wall_s;    /* seconds since 1970 when now_us was 0; a jump changes it */
    unsigned switches; /* after how many of 1000 steps another fiber goes on; may be changed */
    unsigned naps;     /* after how many of 10000 steps a fiber sleeps for up to some seconds, as
                          if it did not get the processor; may be changed */
    unsigned thread_fails; /* how many of 1000 threads cannot be started; may be changed */
    bool trace;            /* print each call */
    bool aborts;           /* calls abort if a rule does not hold, for a fuzzer */
};

extern struct machine machine;

void machine_begin(uint64_t seed);

/* Random: a number from 0 to end - 1; true in n of 1000 cases; bytes. */
uint32_t machine_below(uint32_t end);
bool machine_chance(unsigned n);
void machine_bytes(void *bytes, size_t size);

/*
 * The same as machine_below for what people decide: which request comes next, and when. While there
 * is a script, it takes its numbers from that. machine_set_script sets the script, which stays the
 * caller's; before, there is no script.
 */
uint32_t machine_choose(uint32_t end);
void machine_set_script(const void *bytes, size_t size);
bool machine_script_has_ended(void);

/* Makes a process without fibers. A number is used only once. */
unsigned machine_process(void);

/* The process of the fiber that runs; 0: no fiber runs. */
unsigned machine_current(void);

/* Starts a fiber of a process, which ends when run returns. */
void machine_start(unsigned process, void (*run)(void *ctx), void *ctx);

/* Ends a process, as SIGKILL does. Does not return if it is the caller's own process. */
void machine_kill(unsigned process);

/* Ends all processes and removes all semaphores. disk_crash does the rest of a power cut. */
void machine_power_off(void);

enum machine_end {
    MACHINE_IDLE,  /* all fibers have ended */
    MACHINE_STEPS, /* the given number of steps was made */
    MACHINE_STUCK  /* fibers wait for one another, and no deadline ends that */
};

/* Runs fibers for this number of steps. Not to be called in a fiber. */
enum machine_end machine_run(uint64_t steps);

/* --- for fibers and for the functions that replace calls --- */

/* Makes one step, of the call of this name. Does not return if the process is killed. */
void machine_step(const char *call);

/* Waits for this time, while other fibers run. */
void machine_sleep(int64_t us);

/*
 * Waits until machine_wake is called for this object, or until a time of machine.now_us; INT64_MAX:
 * no deadline. Returns whether it was woken. Outside of all fibers only the time passes.
 */
bool machine_wait(const void *object, int64_t until_us);
void machine_wake(const void *object);

/* Whether a named semaphore exists, for the calls that look at /dev/shm. */
bool machine_has_semaphore(const char *name);

/*
 * Begins the function that replaces a call of the C library: REPLACED(int, close, int fd) { ... }.
 * Other sources call it as here_close.
 */
#define REPLACED(result, name, ...)                           \
    result here_##name(__VA_ARGS__) __asm__("__wrap_" #name); \
    result here_##name(__VA_ARGS__)

/* A rule does not hold: prints the text with the seed, and ends the child with exit code 1, or by
 * abort (see machine.aborts). */
void machine_violated(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
