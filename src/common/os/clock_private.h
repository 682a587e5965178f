/* SPDX-License-Identifier: ISC */
/*
 * os_clock_private: what the sources of os_clock share.
 */
#ifndef OS_CLOCK_PRIVATE_H
#define OS_CLOCK_PRIVATE_H

#include "os/clock.h"

/* The time itself, or the nearest one whose year has four digits in every time zone. */
int64_t os_clock_within(int64_t seconds);

#endif
