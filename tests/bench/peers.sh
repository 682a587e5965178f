# shellcheck shell=sh disable=SC2034,SC2154 # common.sh and the parts share variables with this file
# SPDX-License-Identifier: ISC
# peers.sh: the candidates: Pochta and what it is compared with, each with a configuration of its own in $T
# and its data on the file system under test, in $T/mnt/DATA. tests/bench/run has given the benchmark a
# network of its own (unshare), so that their ports are free and nobody else can reach them.
#
# A candidate that runs: start NAME; its answer time: generate NAME ...; end_candidates ends all.
#
#     pochta    as it is by default
#     classic   Pochta without its log, if it has one
#     doors     Pochta by LMTP and POP3
#     dovecot   LMTP and POP3; its storage and when it syncs: MAIL, MAIL_FSYNC
#     postfix   SMTP into its queue; a message stays there, on hold
#     redis     appendonly yes, appendfsync always; a mailbox is a list
#     echo      as many bytes for as many bytes

PEERS=''         # that run, with their process ids: NAME=PID
DATA=data        # below $T/mnt
MAIL=maildir     # of Dovecot: its format, also sdbox and mdbox,
MAIL_FSYNC=always # and when it syncs; LMTP is durable with optimized, too, which is the default
TRACE=''         # put before a server's command: strace and its options
CONNECTIONS=1000 # more than any part opens
THREADS=$((($(nproc) + 1) / 2)) # of the load generator: the servers need more of the machine than it

# --- which there are ---

is_there() { # NAME
    case $1 in
    classic) has_log ;;
    dovecot) [ -e /usr/lib/dovecot/lmtp ] && [ -e /usr/lib/dovecot/pop3 ] ;;
    postfix) [ -e /usr/lib/postfix/sbin/master ] ;;
    redis) command -v redis-server ;;
    sqlite) [ -e "$B/bench/sqlite" ] ;;
    esac >/dev/null
}

those_there() { # NAME...: prints those that can run; says on stderr which cannot
    for name; do
        if is_there "$name"; then
            echo "$name"
        elif [ "$name" != classic ]; then
            echo "bench: there is no $name: make bench installs it" >&2
        fi
    done
}

version_of() { # NAME
    case $1 in
    pochta) "$B/pochtad" --version ;;
    classic) echo "the same with --log-size 0" ;;
    dovecot) dovecot --version | sed 's/^/Dovecot /' ;;
    postfix) postconf -d -h mail_version | sed 's/^/Postfix /' ;;
    redis) redis-server --version | sed 's/.* v=\([^ ]*\).*/Redis \1/' ;;
    sqlite) sqlite3 --version 2>/dev/null | sed 's/ .*//; s/^/SQLite /' ;;
    esac
}

# --- start and end ---

# Postfix and Dovecot work as users of their own, who must get through $T.
start() { # NAME
    [ -d "$T/mnt/$DATA" ] || mkdir "$T/mnt/$DATA" || fail 'cannot make a directory'
    chmod 711 "$T" "$T/mnt" "$T/mnt/$DATA"
    "start_$1"
}

start_group() { # NAME COMMAND...: as the leader of a group of its own
    name=$1
    shift
    # shellcheck disable=SC2086 # several words
    setsid $TRACE "$@" >>"$T/log" 2>&1 &
    PEERS="$PEERS $name=$!"
    has_started $!
}

pid_of() { # NAME
    for peer in $PEERS; do
        [ "${peer%%=*}" != "$1" ] || echo "${peer#*=}"
    done
}

wait_for_port() { # NAME PORT
    until nc -z 127.0.0.1 "$2"; do
        kill -0 "$(pid_of "$1")" 2>/dev/null || fail "$1 does not start"
        sleep 0.02
    done
}

end_candidate() { # NAME
    end "$(pid_of "$1")"
    case $? in
    0 | 143) ;; # 143: by the signal
    *) fail "$1 did not end in order" ;;
    esac
    PEERS=$(for peer in $PEERS; do [ "${peer%%=*}" = "$1" ] || printf ' %s' "$peer"; done)
}

end_candidates() { for running in $PEERS; do end_candidate "${running%%=*}"; done; }

# --- Pochta ---

start_pochta_as() { # NAME [OPTION...]
    of=$1
    shift
    rm -f "$T/port"
    start_group "$of" "$B/pochtad" --listen 127.0.0.1:0 --port-file "$T/port" --recipients-per-minute 0 \
        --clients-per-address 0 --connections-per-minute 0 --quota-bytes 0 --bytes-per-minute 0 \
        --store "$T/mnt/$DATA/$of" "$@"
    until [ -s "$T/port" ]; do
        kill -0 "$(pid_of "$of")" 2>/dev/null || fail "$of does not start"
        sleep 0.005
    done
    read -r _ _ at <"$T/port"
    eval "port_$of=\$at"
}

start_pochta() { start_pochta_as pochta; }

start_classic() { start_pochta_as classic --log-size 0; }

start_doors() {
    start_pochta_as doors --domains bench.invalid --pop3 127.0.0.1:0 --lmtp 127.0.0.1:0
    port_pop3=$(door_port pop3) port_lmtp=$(door_port lmtp)
}

door_port() { awk -v door="$1" '$1 == door { print $3 }' "$T/port"; }

# --- Dovecot ---

start_dovecot() {
    at=$T/mnt/$DATA/dovecot
    mkdir -p "$T/dovecot" "$at" && chown nobody "$at" || fail 'cannot make a directory'
    cat >"$T/dovecot/dovecot.conf" <<END
base_dir = $T/dovecot/run
state_dir = $T/dovecot/state
log_path = $T/dovecot/log
protocols = lmtp pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
first_valid_uid = 1
default_process_limit = $CONNECTIONS
mail_max_userip_connections = 0
mail_location = $MAIL:$at/%u
mail_fsync = $MAIL_FSYNC
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = allow_all_users=yes uid=nobody gid=nogroup home=$at/%u
}
pop3_fast_size_lookups = yes
maildir_very_dirty_syncs = yes
service lmtp {
  process_min_avail = $(nproc)
  inet_listener lmtp {
    address = 127.0.0.1
    port = 24
  }
}
service pop3-login {
  service_count = 0
  process_min_avail = $(nproc)
  inet_listener pop3 {
    port = 110
  }
}
service pop3 {
  service_count = 256
  process_min_avail = $(nproc)
}
END
    start_group dovecot /usr/sbin/dovecot -F -c "$T/dovecot/dovecot.conf"
    wait_for_port dovecot 24
    wait_for_port dovecot 110
}

mail_message() { # BYTES: as the generator expects it
    awk -v left="$1" 'BEGIN {
        ORS = "\r\n"
        print "Subject: bench"
        print ""
        line = sprintf("%70s", "")
        gsub(" ", "x", line)
        for (left -= 18; left >= 75; left -= 72)
            print line
        print substr(line, 1, left - 2)
    }'
}

# Messages as Dovecot likes them best: read already, with the ends of lines that are sent, and with
# their sizes in their names.
fill_dovecot() { # USERS NAME MESSAGES BYTES
    boxes=$T/mnt/$DATA/dovecot
    mkdir -p "$boxes/${2}0/cur" "$boxes/${2}0/new" "$boxes/${2}0/tmp"
    mail_message "$4" >"$T/message"
    seq "$3" | sed "s|.*|$boxes/${2}0/cur/15&.M1P1.bench,S=$4,W=$4:2,S|" |
        xargs -n 500 sh -c 'm=$1; shift; tee "$@" <"$m" >/dev/null' sh "$T/message" || fail 'cannot fill the mailbox'
    i=1
    while [ "$i" -lt "$1" ]; do
        cp -r "$boxes/${2}0" "$boxes/$2$i"
        i=$((i + 1))
    done
    chown -R nobody:nogroup "$boxes"
}

# What fill_dovecot makes, in the format MAIL.
import_dovecot() { # USERS NAME MESSAGES BYTES
    boxes=$T/mnt/$DATA/dovecot maildir=$T/mnt/$DATA/maildir
    fill_dovecot 1 "$2" "$3" "$4"
    mv "$boxes/${2}0" "$maildir" && start dovecot || fail 'cannot move the mailbox'
    doveadm -c "$T/dovecot/dovecot.conf" import -u "${2}0" "maildir:$maildir" '' all >>"$T/log" 2>&1 ||
        fail 'cannot import the mailbox'
    end_candidate dovecot
    rm -r "$maildir"
    i=1
    while [ "$i" -lt "$1" ]; do
        cp -a "$boxes/${2}0" "$boxes/$2$i"
        i=$((i + 1))
    done
}

# Messages of users, NAME and a number from 0 on, in mailboxes of each format.
count_dovecot() { # USERS NAME
    seq -f "$2%.0f" 0 $(($1 - 1)) >"$T/users"
    doveadm -c "$T/dovecot/dovecot.conf" -f tab mailbox status -F "$T/users" messages INBOX 2>>"$T/log" |
        awk 'NR > 1 { n += $NF } END { print n + 0 }'
}

# --- Postfix ---

# Nothing takes messages from the queue, and nothing slows down who brings them.
start_postfix() {
    at=$T/mnt/$DATA/postfix
    mkdir -p "$T/postfix" "$at/queue" "$at/data" && chown postfix "$at/data" || fail 'cannot make a directory'
    cat >"$T/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $at/queue
data_directory = $at/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.invalid
mydestination = bench.invalid
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_client_restrictions = static:HOLD
smtpd_relay_restrictions =
smtpd_recipient_restrictions = permit_mynetworks, reject
local_recipient_maps =
alias_maps =
alias_database =
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
default_process_limit = $CONNECTIONS
maillog_file = $T/postfix/log
maillog_file_prefixes = $T/postfix
END
    cat >"$T/postfix/master.cf" <<END
127.0.0.1:25 inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
anvil unix - - n - 1 anvil
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
END
    postfix -c "$T/postfix" check >>"$T/log" 2>&1 || fail 'Postfix does not like its configuration'
    start_group postfix /usr/lib/postfix/sbin/master -c "$T/postfix" -s
    wait_for_port postfix 25
}

# --- Redis ---

# It would write its log of changes again while we measure.
start_redis() {
    at=$T/mnt/$DATA/redis
    mkdir -p "$at" || fail 'cannot make a directory'
    start_group redis redis-server --bind 127.0.0.1 --port 6379 --dir "$at" --appendonly yes --appendfsync always \
        --save '' --auto-aof-rewrite-percentage 0
    wait_for_port redis 6379
}

fill_redis() { # USERS NAME MESSAGES BYTES: many clients share a sync
    many=$(($1 > 1 ? $1 : 50))
    "$B/bench/generate" redis 127.0.0.1:6379 send "user=$2" "connections=$many" "mailboxes=$1" \
        "times=$(($1 * $3 / many))" "bytes=$4" >/dev/null || fail 'Redis'
}

# --- the echo ---

start_echo() { # in ECHO, "REQUEST_BYTES ANSWER_BYTES"
    rm -f "$T/port"
    # shellcheck disable=SC2086 # several words
    start_group echo "$B/bench/echo" "$T/port" $ECHO
    until [ -s "$T/port" ]; do
        kill -0 "$(pid_of echo)" 2>/dev/null || fail 'the echo does not start'
        sleep 0.005
    done
    read -r _ _ port_echo <"$T/port"
}

# --- the load ---

# NAME send|show|all|check NAME=VALUE...: sets rate (a second), p50, p99, p999 (us), cores, request_bytes,
# answer_bytes, answers.
generate() {
    of=$1 operation=$2
    shift 2
    case $of-$operation in
    pochta-*) set -- pochta "127.0.0.1:$port_pochta" "$operation" "$@" ;;
    classic-*) set -- pochta "127.0.0.1:$port_classic" "$operation" "$@" ;;
    doors-send) set -- lmtp "127.0.0.1:$port_lmtp" "$operation" "$@" ;;
    doors-*) set -- pop3 "127.0.0.1:$port_pop3" "$operation" "$@" ;;
    dovecot-send) set -- lmtp 127.0.0.1:24 "$operation" "$@" ;;
    dovecot-*) set -- pop3 127.0.0.1:110 "$operation" "$@" ;;
    postfix-*) set -- smtp 127.0.0.1:25 "$operation" "$@" ;;
    redis-*) set -- redis 127.0.0.1:6379 "$operation" "$@" ;;
    echo-*) set -- echo "127.0.0.1:$port_echo" "$operation" "$@" ;;
    esac
    "$B/bench/generate" "$@" "threads=$THREADS" >"$T/generated" || fail "the load on $of"
    read -r rate p50 p99 p999 cores request_bytes answer_bytes answers <"$T/generated"
}

# --- what more than one part does ---

note_answers() { # LOAD X CANDIDATE: what generate has set
    note "$1-$3-p50" "$(calculate "$p50 / 1000")" 'p50 ms' "$2" "$3"
    note "$1-$3-p99" "$(calculate "$p99 / 1000")" 'p99 ms' "$2" "$3"
    note "$1-$3-p999" "$(calculate "$p999 / 1000")" 'p99.9 ms' "$2" "$3"
    note "$1-$3-cores" "$cores" 'cores of the generator' "$2" "$3"
    note "$1-$3" "$rate" /s "$2" "$3"
}

latency_rows() { # LOAD DIGITS CANDIDATE
    row "$1-$3-p50" "$2" - "  $3, ms: median"
    row "$1-$3-p99" "$2" - "  $3, ms: 99th percentile"
    row "$1-$3-p999" "$2" - "  $3, ms: 99.9th percentile"
    row "$1-$3-cores" 2 - "  $3: the load generator used, cores"
}

# For the parts lmtp and pop3_*: Pochta by LMTP and POP3 beside Dovecot with each of its formats. Only one of them
# runs at a time, and each has its data for itself.

formats_there() { ! is_there dovecot || echo maildir sdbox mdbox; }

use() { # doors | FORMAT: sets runs, the candidate to start
    MAIL=$1 MAIL_FSYNC=optimized DATA=$work-$1 runs=dovecot
    [ "$1" != doors ] || runs=doors
    [ -d "$T/mnt/$DATA" ] || mkdir "$T/mnt/$DATA" || fail 'cannot make a directory'
}

use_default() { MAIL=maildir MAIL_FSYNC=always; }

note_ratios() { # LOAD X: of rate_doors to rate_FORMAT
    for format in $formats; do
        eval "rate=\$rate_$format"
        note "$1-by_$format" "$(calculate "$rate_doors / $rate")" ratio "$2" "by_$format"
    done
}

make_account() { # CANDIDATE USER: in the store of a candidate that is Pochta
    case $1 in
    pochta | classic) "$B/bench/fill" "$T/mnt/$DATA/$1" "$2" 1 0 0 n || fail 'cannot make the account' ;;
    esac
}
