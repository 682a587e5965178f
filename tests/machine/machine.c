/* SPDX-License-Identifier: ISC */
#undef _FORTIFY_SOURCE /* with it, longjmp refuses to switch to another stack */

#include "machine.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "disk.h"
#include "machine_private.h"

#define FIBERS      64
#define STACK_BYTES (512 * 1024)
#define STEP_US     30 /* of a step, at most; half of it on average */
#define NAP_US      3000000

/*
 * AddressSanitizer must be told which stack is in use: before and after each switch. In fake it
 * keeps what belongs to the stack that is left; NULL if that stack ends.
 */
#if defined __SANITIZE_ADDRESS__
#define WITH_ADDRESS_SANITIZER 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef WITH_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#define leave_stack(fake, to, size)       __sanitizer_start_switch_fiber(fake, to, size)
#define enter_stack(fake, from, its_size) __sanitizer_finish_switch_fiber(fake, from, its_size)
#else
#define leave_stack(fake, to, size)       ((void)(fake), (void)(to), (void)(size))
#define enter_stack(fake, from, its_size) ((void)(fake), (void)(from), (void)(its_size))
#endif

struct fiber {
    ucontext_t begin; /* to enter it for the first time */
    jmp_buf here;     /* ... and later, without a system call */
    bool entered;
    char *stack; /* kept for the next fiber in this place */
    void *fake;  /* see leave_stack */
    void (*run)(void *ctx);
    void *ctx;
    unsigned process; /* 0: the place is free */
    bool waits, woken;
    const void *object; /* it waits for this object; NULL: only for its deadline */
    int64_t until_us;
    int error; /* each thread has its own errno */
};

struct machine machine;

static struct fiber fibers[FIBERS];
static struct fiber *running;
static ucontext_t outside_context; /* never used: a fiber does not return */
static jmp_buf outside;
static const void *outside_stack; /* for leave_stack */
static size_t outside_stack_bytes;
static unsigned places; /* number of fibers' places that were ever used */
static uint64_t chance_state, run_until;
static unsigned processes;

/* --- random numbers --- */

static uint64_t next_number(void) /* splitmix64 */
{
    uint64_t z = chance_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t machine_below(uint32_t end)
{
    return (uint32_t)((next_number() >> 32) * end >> 32);
}

bool machine_chance(unsigned n)
{
    return n > 0 && machine_below(1000) < n;
}

void machine_bytes(void *bytes, size_t size)
{
    char *p = bytes;
    for (uint64_t z; size > 0; p += 8, size -= size < 8 ? size : 8) {
        z = next_number();
        memcpy(p, &z, size < 8 ? size : 8);
    }
}

/* --- what people decide --- */

static const unsigned char *script;
static size_t script_left;

void machine_set_script(const void *bytes, size_t size)
{
    script = bytes;
    script_left = size;
}

bool machine_script_has_ended(void)
{
    return script_left == 0;
}

uint32_t machine_choose(uint32_t end)
{
    uint32_t number = 0;
    if (script_left == 0)
        return machine_below(end);
    for (uint32_t reach = 1; reach < end && script_left > 0; reach = reach << 8 | 0xff) {
        number = number << 8 | *script++;
        script_left--;
    }
    return number % end;
}

/* --- the machine --- */

void machine_begin(uint64_t seed)
{
    machine.seed = seed;
    machine.steps = 0;
    machine.now_us = 1000000;
    machine.wall_s = 1512316293;
    machine.switches = 100;
    chance_state = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    processes = 0;
}

void machine_violated(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("# violation: seed %" PRIu64 ", step %" PRIu64 ": ", machine.seed, machine.steps);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
    if (machine.aborts)
        abort();
    _exit(1);
}

/* --- fibers --- */

/* Goes back to machine_run, until it is this fiber's turn again. */
static void give_up_turn(void)
{
    struct fiber *f = running;
    f->error = errno;
    if (_setjmp(f->here) == 0) {
        leave_stack(&f->fake, outside_stack, outside_stack_bytes);
        _longjmp(outside, 1);
    }
    enter_stack(running->fake, &outside_stack, &outside_stack_bytes);
    errno = running->error;
}

static void run_fiber(void)
{
    enter_stack(running->fake, &outside_stack, &outside_stack_bytes);
    running->run(running->ctx);
    running->process = 0;
    leave_stack(NULL, outside_stack, outside_stack_bytes);
    _longjmp(outside, 1);
}

void machine_start(unsigned process, void (*run)(void *ctx), void *ctx)
{
    struct fiber *f = fibers;
    while (f < fibers + FIBERS && f->process)
        f++;
    if (f == fibers + FIBERS)
        machine_violated("more than %d fibers", FIBERS);
    if (!f->stack)
        f->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (f->stack == MAP_FAILED || getcontext(&f->begin) != 0)
        abort();
    f->begin.uc_stack = (stack_t){.ss_sp = f->stack, .ss_size = STACK_BYTES};
    f->begin.uc_link = &outside_context;
    makecontext(&f->begin, run_fiber, 0);
    f->entered = false;
    f->fake = NULL;
    if (places < (unsigned)(f - fibers) + 1)
        places = (unsigned)(f - fibers) + 1;
    f->run = run;
    f->ctx = ctx;
    f->process = process;
    f->waits = f->woken = false;
    f->error = 0;
}

unsigned machine_process(void)
{
    return ++processes;
}

unsigned machine_current(void)
{
    return running ? running->process : 0;
}

void machine_kill(unsigned process)
{
    bool mine = machine_current() == process;
    disk_end_process(process);
    for (struct fiber *f = fibers; f < fibers + places; f++)
        if (f->process == process)
            f->process = 0;
    if (mine)
        give_up_turn();
}

static bool can_go_on(struct fiber *f)
{
    if (f->process && f->waits && f->until_us <= machine.now_us)
        f->waits = false;
    return f->process && !f->waits;
}

/* A fiber that can go on; NULL: none can. */
static struct fiber *choose(void)
{
    struct fiber *ready[FIBERS];
    unsigned n = 0;
    for (struct fiber *f = fibers; f < fibers + places; f++)
        if (can_go_on(f))
            ready[n++] = f;
    return n ? ready[machine_below(n)] : NULL;
}

/* Moves the clock to the next deadline. False: no fiber has a deadline. */
static bool pass_time(void)
{
    int64_t next = INT64_MAX;
    for (struct fiber *f = fibers; f < fibers + places; f++)
        if (f->process && f->until_us < next)
            next = f->until_us;
    if (next != INT64_MAX && next > machine.now_us)
        machine.now_us = next;
    return next != INT64_MAX;
}

/* Returns when the fiber gives up its turn. */
static void enter(void)
{
    static void *fake;
    if (_setjmp(outside) != 0) {
        enter_stack(fake, NULL, NULL);
        return;
    }
    leave_stack(&fake, running->stack, STACK_BYTES);
    if (running->entered)
        _longjmp(running->here, 1);
    running->entered = true;
    setcontext(&running->begin);
}

enum machine_end machine_run(uint64_t steps)
{
    enum machine_end end = MACHINE_STEPS;
    run_until = machine.steps + steps;
    while (machine.steps < run_until) {
        running = choose();
        if (running) {
            enter();
        } else if (!pass_time()) {
            end = MACHINE_IDLE;
            for (struct fiber *f = fibers; f < fibers + places; f++)
                if (f->process)
                    end = MACHINE_STUCK;
            break;
        }
    }
    running = NULL;
    return end;
}

void machine_step(const char *call)
{
    if (!running)
        return; /* a call from outside of all fibers */
    machine.steps++;
    machine.now_us += machine_below(STEP_US);
    if (machine.trace)
        fprintf(stderr, "%8" PRIu64 " %10" PRId64 " %u.%d %s\n", machine.steps, machine.now_us,
                running->process, (int)(running - fibers), call);
    if (machine.naps > 0 && machine_below(10000) < machine.naps)
        machine_sleep(machine_below(NAP_US));
    else if (machine.steps >= run_until || machine_chance(machine.switches))
        give_up_turn();
}

bool machine_wait(const void *object, int64_t until_us)
{
    struct fiber *f = running;
    if (!f) { /* a call from outside of all fibers: nobody else can wake it */
        if (until_us == INT64_MAX)
            machine_violated("waits for ever");
        machine.now_us = until_us > machine.now_us ? until_us : machine.now_us;
        return false;
    }
    f->object = object;
    f->until_us = until_us;
    f->waits = true;
    f->woken = false;
    give_up_turn();
    return f->woken;
}

void machine_sleep(int64_t us)
{
    machine_wait(NULL, machine.now_us + us);
}

void machine_wake(const void *object)
{
    for (struct fiber *f = fibers; f < fibers + places; f++)
        if (f->process && f->waits && f->object == object && object) {
            f->waits = false;
            f->woken = true;
        }
}

void machine_power_off(void)
{
    for (struct fiber *f = fibers; f < fibers + places; f++)
        f->process = 0;
    machine.boots++;
    machine_forget_semaphores();
}

/* Wakes one of the fibers that wait, at random. */
void machine_wake_one(const void *object)
{
    struct fiber *found[FIBERS];
    unsigned n = 0;
    for (struct fiber *f = fibers; f < fibers + places; f++)
        if (f->process && f->waits && f->object == object)
            found[n++] = f;
    if (n == 0)
        return;
    struct fiber *f = found[machine_below(n)];
    f->waits = false;
    f->woken = true;
}

const void *machine_fiber(void)
{
    return running;
}
