/* SPDX-License-Identifier: ISC */
/* doctor_private: the tables of findings: their rows, and how they are printed. Pure. */
#ifndef CTL_DOCTOR_PRIVATE_H
#define CTL_DOCTOR_PRIVATE_H

#include "ctl/doctor.h"

#define ERROR   "error"
#define WARNING "warning"

/*
 * In finding and advice %t stands for text, %u for more text, %1 and %2 for the numbers, and %q for
 * the subject as a word of a shell command (shell_word.h).
 */
struct doctor_row {
    bool is_so; /* the test */
    const char *level, *finding, *advice;
    const char *text, *more;
    uint64_t n[2];
};

#define ROW(test, level_, finding_, advice_, ...)                                             \
    {                                                                                         \
        .is_so = (test), .level = level_, .finding = finding_, .advice = advice_, __VA_ARGS__ \
    }

/* Appends the rows of a table whose tests are true. */
void doctor_add_rows(struct buf *rows, const char *subject, const struct doctor_row *table,
                     size_t n);

#define ADD_ROWS(rows, subject, table) \
    doctor_add_rows(rows, subject, table, sizeof(table) / sizeof *(table))

#endif
