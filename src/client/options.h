/*
 * options: the command line of pochta, taken apart. Pure.
 */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define OPTIONS_WORDS_MAX 8 /* more than any command takes */

struct options {
    const char *server;        /* --server HOST:PORT, or NULL */
    const char *user;          /* --user NAME, or NULL */
    const char *password_file; /* --password-file FILE, or NULL */
    const char *invite_file;   /* --invite-file FILE, or NULL */
    const char *proxy_command; /* --proxy-command COMMAND, or NULL */
    const char *udp_datagram;  /* --udp-datagram BYTES, or NULL */
    bool udp, raw, help, version;
    const char *words[OPTIONS_WORDS_MAX]; /* the command and its arguments: the first of them */
    size_t nwords;                        /* how many there are */
};

/*
 * Options may stand before, between and behind the words, up to "--"; their value follows as the
 * next argument or after "=". On false *wrong is the argument that was not understood and *why says
 * what is wrong with it. All pointers point into argv.
 */
bool options_parse(struct options *o, int argc, char *const *argv, const char **wrong,
                   const char **why);

#endif
