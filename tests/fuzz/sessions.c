/* SPDX-License-Identifier: ISC */
/*
 * Sessions of two or three users, interleaved, with a server on the simulated machine
 * (tests/machine). The input's first bytes say how the machine is set up, the others what the users
 * decide. At the end the server stops, and the next one shows all mail: what was answered Yes is
 * there, once, unread or read, and nothing else is (tests/machine/ledger.h). No call fails, and
 * nothing dies: tests/machine/simulate tests that.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../machine/disk.h"
#include "../machine/ledger.h"
#include "../machine/machine.h"
#include "../machine/server.h"
#include "fuzz.h"

#define SCRIPT_BYTES 400
#define PIECE_STEPS  500
#define LIFE_STEPS   200000
#define STOP_STEPS   2000000 /* far more than it takes to stop, or to show all mail */
#define DAY_S        86400
#define LOG_BYTES    (UINT64_C(1) << 20)

static void start(unsigned people, uint64_t log_bytes, uint64_t trash_s, bool audit)
{
    server = (struct server){.log_bytes = log_bytes,
                             .trash_s = trash_s,
                             .people = people,
                             .audit = audit,
                             .life = server.life + 1,
                             .whole = true,
                             .sound = true,
                             .house.sound = true};
    machine_start(machine_process(), server_run, NULL);
}

static void run_to_the_end(void)
{
    must(machine_run(STOP_STEPS) == MACHINE_IDLE);
    must(server.stopped);
}

/* Runs until the users have decided all that the input says. */
static void live(void)
{
    uint64_t last = machine.steps + LIFE_STEPS;
    while (!machine_script_has_ended() && machine.steps < last)
        must(machine_run(PIECE_STEPS) == MACHINE_STEPS);
    server.stop = true;
    machine_wake(&server.stop);
    run_to_the_end();
}

void fuzz_one(struct span in)
{
    static const unsigned switches[] = {5, 50, 200, 500};
    unsigned seed = fuzz_byte(&in), how = fuzz_byte(&in);
    unsigned people = 2 + (how & 1);
    uint64_t trash_s = how & 2 ? 0 : 30 * DAY_S;
    uint64_t log_bytes = how >> 4 == 0 ? LOG_BYTES : 0; /* it takes long to close a log */

    machine_begin(seed);
    machine.aborts = true;
    machine.switches = switches[how >> 2 & 3];
    disk_begin();
    ledger_begin();
    ledger_keeps_trash = trash_s > 0;
    struct span script = span_first(in, SCRIPT_BYTES);
    machine_set_script(script.p, script.n);
    start(people, log_bytes, trash_s, false);
    live();
    machine_set_script(NULL, 0);
    start(people, 0, trash_s, true);
    run_to_the_end();
    machine_power_off();
    disk_end();
}
