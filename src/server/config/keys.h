/* SPDX-License-Identifier: ISC */
/*
 * keys: the keys of the configuration, one row each.
 *
 * A row is LIVE or RESTART(member, type, name, value, default, least, most, help). A reload takes
 * the value of a LIVE key, while a RESTART key needs a restart. The member of struct config and its
 * form follow from the type:
 *
 *     time, days   uint64_t, in milliseconds, from least to most
 *     size         uint64_t, from least to most
 *     path         char [CONFIG_PATH_BYTES]; may be empty if its default is
 *     user         char [CONFIG_USER_BYTES]; may be empty if its default is
 *     places       struct config_places; an empty value, if it is the default, adds none
 *     loopback     struct config_places: loopback addresses, and paths of Unix sockets without a
 *                  port; an empty value adds none
 *     networks     struct config_networks; an empty value adds none
 *     domains      struct config_domains
 *     word         unsigned: the index of one of the words in value, "this|that"
 *
 * To add a key: a row here, an entry in pochtad.conf(5), and for a LIVE key the place that it goes
 * to in reload.c, without which that file does not compile.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "base/bucket.h"

#define CONFIG_CLIENTS_MAX  1000000
#define CONFIG_DATAGRAM_MIN 32
#define CONFIG_DATAGRAM_MAX 1472
#define CONFIG_UDP_RATE_MAX CONFIG_GIB /* bytes a second */
#define CONFIG_GIB          (UINT64_C(1) << 30)
#define CONFIG_DAY_MS       UINT64_C(86400000)

/*
 * A 32-bit process has at most 4 GiB of addresses, and cannot have a buffer of 2 GiB. A frame can
 * be twice as long as its message.
 */
#define CONFIG_IS_64_BIT   (SIZE_MAX > UINT32_MAX)
#define CONFIG_MESSAGE_MAX (CONFIG_IS_64_BIT ? CONFIG_GIB : CONFIG_GIB / 2)
#define CONFIG_MEMORY_MAX  (CONFIG_IS_64_BIT ? 1024 * CONFIG_GIB : 2 * CONFIG_GIB)

#define CONFIG_KEYS(LIVE, RESTART)                                                                 \
    RESTART(listen, places, "listen", "ADDR:PORT", "127.0.0.1:5555", 0, 0,                         \
            "address to listen on; may be given several times")                                    \
    RESTART(store, path, "store", "DIR", "mailstore", 0, 0,                                        \
            "directory of the store, with all mail")                                               \
    RESTART(standby, word, "standby", "no|yes", "no", 0, 0,                                        \
            "wait while another server uses the store, and then take its place")                   \
    LIVE(store_timeout_ms, time, "store-timeout", "TIME", "30s", 0, CONFIG_DAY_MS,                 \
         "end the server when its store has not answered for this long; 0: never")                 \
    RESTART(port_file, path, "port-file", "FILE", "", 0, 0,                                        \
            "file to write a line such as \"tcp ADDR PORT\" to for each socket")                   \
    RESTART(user, user, "user", "NAME[:GROUP]", "", 0, 0, "user to run as when started by root")   \
    LIVE(idle_ms, time, "idle", "TIME", "30m", 1, 30 * CONFIG_DAY_MS,                              \
         "disconnect a client that sends nothing for this long")                                   \
    LIVE(frame_ms, time, "frame-timeout", "TIME", "30s", 1, CONFIG_DAY_MS,                         \
         "time to receive a whole frame, see minimum-rate")                                        \
    LIVE(write_ms, time, "write-timeout", "TIME", "60s", 1, CONFIG_DAY_MS,                         \
         "time for a client to read an answer, see minimum-rate")                                  \
    LIVE(minimum_rate, size, "minimum-rate", "SIZE", "10000", 1, CONFIG_GIB,                       \
         "bytes a second; long frames and answers get more time at this rate")                     \
    LIVE(message_bytes, size, "message-max", "SIZE", "10M", 1, CONFIG_MESSAGE_MAX,                 \
         "largest message")                                                                        \
    LIVE(clients, size, "clients", "NUMBER", "10000", 1, CONFIG_CLIENTS_MAX,                       \
         "clients at once; fewer if the system allows too few descriptors")                        \
    /* A school behind one address must not notice; an attacker with one must not fill the server. \
     */                                                                                            \
    LIVE(clients_per_address, size, "clients-per-address", "NUMBER", "1000", 0,                    \
         CONFIG_CLIENTS_MAX, "clients at once from one address; 0: no limit")                      \
    /* A hundred a second cost about a hundredth of a core. */                                     \
    LIVE(connections_per_minute, size, "connections-per-minute", "NUMBER", "6000", 0,              \
         BUCKET_PER_MINUTE_MAX, "new connections a minute from one address; 0: no limit")          \
    LIVE(v6_bits, size, "address-prefix", "BITS", "64", 32, 128,                                   \
         "first bits of an IPv6 address of another network that count as one address")             \
    LIVE(proxy_from, networks, "proxy-from", "NETWORK", "", 0, 0,                                  \
         "proxies, whose connections begin with a PROXY protocol header; may be given several "    \
         "times")                                                                                  \
    LIVE(login_delay_ms, time, "login-delay", "TIME", "200ms", 0, CONFIG_DAY_MS,                   \
         "delay after a wrong password, doubled with each further one; 0: none")                   \
    LIVE(login_delay_max_ms, time, "login-delay-max", "TIME", "10s", 0, CONFIG_DAY_MS,             \
         "longest delay after wrong passwords")                                                    \
    LIVE(per_minute, size, "recipients-per-minute", "NUMBER", "600", 0, BUCKET_PER_MINUTE_MAX,     \
         "messages a minute that one user may send; 0: no limit")                                  \
    LIVE(bytes_per_minute, size, "bytes-per-minute", "SIZE", "256M", 0, CONFIG_GIB << 10,          \
         "bytes of messages a minute that one user may send; 0: no limit")                         \
    RESTART(udp, places, "udp", "ADDR:PORT", "", 0, 0,                                             \
            "address to serve mail over UDP on; may be given several times")                       \
    LIVE(udp_versions, word, "udp-versions", "1|2|both", "both", 0, 0,                             \
         "protocol versions for new sessions over UDP")                                            \
    LIVE(udp_datagram, size, "udp-datagram", "BYTES", "1024", CONFIG_DATAGRAM_MIN,                 \
         CONFIG_DATAGRAM_MAX, "largest datagram, without the headers of IP and UDP")               \
    /* Clients whose addresses may be forged must not take all places. */                          \
    LIVE(udp_clients, size, "udp-clients", "NUMBER", "1000", 0, CONFIG_CLIENTS_MAX,                \
         "clients at once in version 1 over UDP")                                                  \
    /* Too little to harm the victim of a forged address; more than minimum-rate. */               \
    LIVE(udp_rate, size, "udp-rate", "SIZE", "64K", 0, CONFIG_UDP_RATE_MAX,                        \
         "bytes a second to one address in version 1 over UDP; 0: no limit")                       \
    LIVE(udp_rate_all, size, "udp-rate-all", "SIZE", "1M", 0, CONFIG_UDP_RATE_MAX,                 \
         "bytes a second to all addresses in version 1 over UDP; 0: no limit")                     \
    RESTART(pop3, places, "pop3", "ADDR:PORT", "", 0, 0,                                           \
            "address to serve POP3 on, usually port 110; may be given several times")              \
    RESTART(submission, places, "submission", "ADDR:PORT", "", 0, 0,                               \
            "address to accept mail by SMTP on, usually port 587; may be given several times")     \
    RESTART(submission_trusted, networks, "submission-trusted", "NETWORK", "", 0, 0,               \
            "clients that may send by SMTP without a login; may be given several times")           \
    RESTART(lmtp, loopback, "lmtp", "ADDR:PORT|PATH", "", 0, 0,                                    \
            "loopback address or Unix socket for mail by LMTP; may be given several times")        \
    RESTART(domains, domains, "domains", "DOMAIN", "localhost", 0, 0,                              \
            "domain of our mail addresses, the main one first; may be given several times")        \
    LIVE(memory_bytes, size, "memory", "SIZE", "256M", 65536, CONFIG_MEMORY_MAX,                   \
         "memory for the long frames of all clients together")                                     \
    LIVE(index_bytes, size, "index-memory", "SIZE", "256M", 0, CONFIG_MEMORY_MAX,                  \
         "memory for the indexes of mailboxes not in use")                                         \
    LIVE(registration, word, "registration", "open|closed|invite", "open", 0, 0,                   \
         "who may register an account: anyone, nobody, or anyone with an invite")                  \
    LIVE(trash_ms, days, "trash-days", "DAYS", "7", 0, 36500 * CONFIG_DAY_MS,                      \
         "time for which deleted messages and accounts can be restored")                           \
    LIVE(keep_ms, days, "keep-days", "DAYS", "0", 0, 36500 * CONFIG_DAY_MS,                        \
         "age at which mail that was read moves to the trash; 0: never")                           \
    LIVE(kept_bytes, size, "kept-accounts", "SIZE", "1G", 0, CONFIG_GIB << 20,                     \
         "space for all deleted accounts together; 0: no limit")                                   \
    LIVE(quota_bytes, size, "quota-bytes", "SIZE", "1G", 0, CONFIG_GIB << 20,                      \
         "size of one mailbox, including its trash; 0: no limit")                                  \
    LIVE(quota_messages, size, "quota-messages", "NUMBER", "0", 0, UINT32_MAX,                     \
         "messages in one mailbox, including its trash; 0: no limit")                              \
    LIVE(quota_warning, size, "quota-warning", "PERCENT", "90", 0, 100,                            \
         "part of a quota at which a message warns the user; 0: no warning")                       \
    LIVE(reserve_bytes, size, "reserve-bytes", "SIZE", "16M", 0, CONFIG_GIB << 20,                 \
         "free space below which the server accepts no new mail")                                  \
    LIVE(reserve_inodes, size, "reserve-inodes", "NUMBER", "1000", 0, UINT32_MAX,                  \
         "free inodes below which the server accepts no new mail")                                 \
    RESTART(log_size, size, "log-size", "SIZE", "16M", 0, CONFIG_GIB,                              \
            "size up to which the delivery log may grow; 0: deliver without it")                   \
    LIVE(log_to, word, "log-to", "stderr|syslog", "stderr", 0, 0, "where the log goes")            \
    /*                                                                                             \
     * Not info, with some lines for each session and one for each message: on a busy server that  \
     * fills the disk. Up to notice, a line costs a client something: failed logins are delayed, a \
     * change of an account takes a password hash and a sync, and rejected clients are logged at   \
     * most once a second.                                                                         \
     */                                                                                            \
    LIVE(log_level, word, "log-level", "error|warning|notice|info|debug", "notice", 0, 0,          \
         "log events of this level and of more serious ones")

#endif
