/* The table of keys. */
#include "base/bucket.h"
#include "config/config_private.h"
#include "net/udp_rate.h"
#include "udp/datagram.h"

#define DAY_MS UINT64_C(86400000)
#define GIB    (UINT64_C(1) << 30)

/* What ends a row: its type, the member, and the range of a number. */
#define MEMBER(type, member) \
    &(type), offsetof(struct config, member), sizeof(((struct config *)0)->member)
#define TIME(member, min, max) MEMBER(config_time, member), min, max
#define DAYS(member, min, max) MEMBER(config_days, member), min, max
#define SIZE(member, min, max) MEMBER(config_size, member), min, max
#define PATH(member)           MEMBER(config_path, member), 0, 0
#define USER(member)           MEMBER(config_user, member), 0, 0
#define PLACES(member)         MEMBER(config_places, member), 0, 0
#define NETWORKS(member)       MEMBER(config_networks, member), 0, 0
#define WORD(member)           MEMBER(config_word, member), 0, 0

static const struct config_key keys[] = {
    {"listen", "ADDR:PORT", "127.0.0.1:5555", "address to listen on; may be given several times",
     CONFIG_RESTART, PLACES(listen)},
    {"store", "DIR", "mailstore", "directory that holds all mail", CONFIG_RESTART, PATH(store)},
    {"port-file", "FILE", "", "gets a line \"tcp ADDR PORT\", or udp, for each socket",
     CONFIG_RESTART, PATH(port_file)},
    {"user", "NAME[:GROUP]", "", "whom the server becomes when root starts it", CONFIG_RESTART,
     USER(user)},
    {"idle", "TIME", "30m", "a client that says nothing for so long is sent away", CONFIG_LIVE,
     TIME(idle_ms, 1, 30 * DAY_MS)},
    {"frame-timeout", "TIME", "30s", "a frame begun must be complete after so long", CONFIG_LIVE,
     TIME(frame_ms, 1, DAY_MS)},
    {"write-timeout", "TIME", "60s", "an answer must have been taken by the client after so long",
     CONFIG_LIVE, TIME(write_ms, 1, DAY_MS)},
    {"minimum-rate", "SIZE", "10000", "bytes a second; what they take adds to these two times",
     CONFIG_LIVE, SIZE(minimum_rate, 1, GIB)},
    {"message-max", "SIZE", "10M", "the largest message", CONFIG_LIVE, SIZE(message_bytes, 1, GIB)},
    {"clients", "NUMBER", "10000", "at a time; fewer where descriptors are short", CONFIG_LIVE,
     SIZE(clients, 1, CONFIG_CLIENTS_MAX)},
    /* A school behind one address must not notice, an attacker with one must not fill the server.
     */
    {"clients-per-address", "NUMBER", "1000", "at a time, IPv6 by /64; 0: no limit", CONFIG_LIVE,
     SIZE(clients_per_address, 0, CONFIG_CLIENTS_MAX)},
    /* A hundred a second cost about a hundredth of a core. */
    {"connections-per-minute", "NUMBER", "6000", "of one address, IPv6 by /64; 0: no limit",
     CONFIG_LIVE, SIZE(connections_per_minute, 0, BUCKET_PER_MINUTE_MAX)},
    {"proxy-from", "NETWORK", "",
     "connections from there begin with a line of the PROXY protocol; may be given several times",
     CONFIG_LIVE, NETWORKS(proxy_from)},
    {"login-delay", "TIME", "200ms", "after a wrong password, doubling with each; 0: none",
     CONFIG_LIVE, TIME(login_delay_ms, 0, DAY_MS)},
    {"login-delay-max", "TIME", "10s", "the longest such delay", CONFIG_LIVE,
     TIME(login_delay_max_ms, 0, DAY_MS)},
    {"recipients-per-minute", "NUMBER", "600", "messages that a user may send; 0: any number",
     CONFIG_LIVE, SIZE(per_minute, 0, BUCKET_PER_MINUTE_MAX)},
    {"udp", "ADDR:PORT", "", "address for mail over UDP; may be given several times",
     CONFIG_RESTART, PLACES(udp)},
    {"udp-versions", "1|2|both", "both", "which versions over UDP new sessions may have",
     CONFIG_LIVE, WORD(udp_versions)},
    {"udp-datagram", "BYTES", "1024", "of a datagram at most, without IP's and UDP's own",
     CONFIG_LIVE, SIZE(udp_datagram, DATAGRAM_SIZE_MIN, DATAGRAM_MAX)},
    /* Whose address may be forged must not take all places. */
    {"udp-clients", "NUMBER", "1000", "at a time in version 1 over UDP", CONFIG_LIVE,
     SIZE(udp_clients, 0, CONFIG_CLIENTS_MAX)},
    /* Nothing to one who is flooded, for whose address is used; more than minimum-rate. */
    {"udp-rate", "SIZE", "64K", "bytes a second to one address in version 1; 0: no limit",
     CONFIG_LIVE, SIZE(udp_rate, 0, UDP_RATE_MAX)},
    {"udp-rate-all", "SIZE", "1M", "the same, to all addresses together", CONFIG_LIVE,
     SIZE(udp_rate_all, 0, UDP_RATE_MAX)},
    {"memory", "SIZE", "256M", "for the long frames of all clients together", CONFIG_LIVE,
     SIZE(memory_bytes, 65536, 1024 * GIB)},
    {"index-memory", "SIZE", "64M", "for the indexes of mailboxes that nobody uses just now",
     CONFIG_LIVE, SIZE(index_bytes, 0, 1024 * GIB)},
    {"registration", "open|closed|invite", "open", "who may make an account without an invite",
     CONFIG_LIVE, WORD(registration)},
    {"trash-days", "DAYS", "7", "deleted messages and accounts can be brought back so long",
     CONFIG_LIVE, DAYS(trash_ms, 0, 36500 * DAY_MS)},
    {"kept-accounts", "SIZE", "1G", "deleted accounts have so much together; 0: no limit",
     CONFIG_LIVE, SIZE(kept_bytes, 0, GIB << 20)},
    {"quota-bytes", "SIZE", "0", "of one mailbox with its trash; 0: no limit", CONFIG_LIVE,
     SIZE(quota_bytes, 0, GIB << 20)},
    {"quota-messages", "NUMBER", "0", "in one mailbox with its trash; 0: no limit", CONFIG_LIVE,
     SIZE(quota_messages, 0, UINT32_MAX)},
    {"reserve-bytes", "SIZE", "16M", "free space below which nothing new is accepted", CONFIG_LIVE,
     SIZE(reserve_bytes, 0, GIB << 20)},
    {"reserve-inodes", "NUMBER", "1000", "likewise free inodes", CONFIG_LIVE,
     SIZE(reserve_inodes, 0, UINT32_MAX)},
    {"log-to", "stderr|syslog", "stderr", "where the log goes", CONFIG_LIVE, WORD(log_to)},
    /*
     * Not info, which has some lines a session and one a letter: a busy server would fill its disk
     * with them. Up to notice a client can cause a line only at a price: a login that fails is
     * slowed down, a change of an account takes a password's hash and a sync, who is refused is
     * told of once a second.
     */
    {"log-level", "error|warning|notice|info|debug", "notice",
     "what is logged: this and what is graver", CONFIG_LIVE, WORD(log_level)},
};

#define KEYS (sizeof keys / sizeof *keys)

_Static_assert(KEYS <= CONFIG_KEYS, "CONFIG_KEYS is too small for the table");

const struct config_key *config_key(unsigned i)
{
    return i < KEYS ? &keys[i] : NULL;
}

static bool same_name(struct span a, const char *b)
{
    for (size_t i = 0; i < a.n; i++)
        if (!b[i] || (a.p[i] != b[i] && !(a.p[i] == '_' && b[i] == '-')))
            return false;
    return b[a.n] == '\0';
}

int config_find(struct span name)
{
    for (size_t i = 0; i < KEYS; i++)
        if (same_name(name, keys[i].name))
            return (int)i;
    return -1;
}
