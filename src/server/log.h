/*
 * log: lines on standard error, one a call, whole. Safe for threads.
 */
#ifndef LOG_H
#define LOG_H

/* What an administrator may want to know; what one should look into. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
