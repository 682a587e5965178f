/* SPDX-License-Identifier: ISC */
/*
 * os_stack: the memory of this thread's stack.
 */
#ifndef OS_STACK_H
#define OS_STACK_H

/*
 * Gives the system back the pages of this thread's stack below the caller: deeper calls, which have
 * returned, left them. They come back when they are needed. A caller that waits for long should do
 * so; it costs three system calls, and a page fault for each page that is needed again.
 */
void os_stack_trim(void);

#endif
