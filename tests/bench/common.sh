# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with run and the parts
# SPDX-License-Identifier: ISC
# common.sh: what the parts of the benchmark share: a file system in an image of its own, servers, and the
# table of results. tests/bench/run sources it, then each part's file, tests/bench/parts/NAME.sh, which
# defines measure_NAME and print_NAME.
#
# Variables of the user: FS is the file system, ext4 (with its journal; the default) or xfs. RESULTS is a
# file to which each figure is added, a line each, separated by tabs: what was measured (the name of the
# part unless it sets `work`), file system, candidate, x (connections, messages; or -), round, value,
# unit. ROUNDS and SECONDS_EACH bound the time. TMPDIR is where the image lies.

set -u
LC_ALL=C
export LC_ALL

FS=${FS:-ext4}
RESULTS=${RESULTS:-}
ROUNDS=${ROUNDS:-7}
SECONDS_EACH=${SECONDS_EACH:-2}
IMAGE_MB=${IMAGE_MB:-16384} # sparse
INODES=${INODES:-3000000}   # of ext4, which makes them beforehand
T='' started='' server='' port='' mounted='' work='' round=0

# --- the end ---

clean_up() {
    status=$?
    trap '' HUP INT PIPE TERM
    for pid in $started; do
        { kill -9 "$pid" "-$pid"; wait "$pid"; } 2>/dev/null
    done
    [ -z "$mounted" ] || umount "$T/mnt" 2>/dev/null || umount -l "$T/mnt"
    [ -z "$T" ] || rm -rf "$T"
    exit "$status"
}

fail() {
    echo "bench: $*" >&2
    [ -z "$T" ] || [ ! -s "$T/log" ] || sed 's/^/bench: the log: /' "$T/log" >&2
    exit 1
}

skip() {
    echo "bench: skipped: $*"
    exit 0
}

# --- processes ---

# PID: a child, or with setsid the leader of a group; killed at the end if it still runs.
has_started() { started="$started $1"; }

has_ended() { # PID
    started=$(for pid in $started; do [ "$pid" = "$1" ] || printf ' %s' "$pid"; done)
}

end() { # PID: asks it to stop, and waits for its end and that of its group. Returns its exit status.
    { kill "$1" && wait "$1"; } 2>/dev/null
    ended=$?
    while kill -0 "-$1" 2>/dev/null; do
        kill -9 "-$1" 2>/dev/null
        sleep 0.01
    done
    has_ended "$1"
    return "$ended"
}

# --- the file system ---

mount_image() { mount -o loop "$T/image" "$T/mnt" 2>"$T/why" && mounted=1; }

unmount_image() { umount "$T/mnt" && mounted=''; }

renew_file_system() { # an empty one
    unmount_image && make_image && mount_image || fail 'cannot make the file system again'
}

# Inode tables are written now, so that the kernel does not do it while we measure.
make_image() {
    truncate -s "${IMAGE_MB}M" "$T/image" || return
    case $FS in
    ext4) mkfs.ext4 -q -F -N "$INODES" -E lazy_itable_init=0,lazy_journal_init=0 "$T/image" ;;
    xfs) mkfs.xfs -q -f "$T/image" ;;
    *) fail "FS: \"$FS\" is not ext4 or xfs" ;;
    esac
}

# Makes the directory $T and mounts $T/mnt. For root; skips where that may not be.
make_file_system() {
    [ "$(id -u)" = 0 ] || skip 'only root may mount the file system it needs'
    command -v "mkfs.$FS" >/dev/null || skip "there is no mkfs.$FS"
    trap clean_up EXIT
    trap 'exit 1' HUP INT PIPE TERM # PIPE: who reads the tables has enough
    T=$(mktemp -d "${TMPDIR:-/tmp}/pochta-bench.XXXXXX") || exit 1
    mkdir "$T/mnt" "$T/notes" && make_image ||
        fail 'cannot make a file system in a file'
    mount_image || skip "cannot mount: $(cat "$T/why")"
}

settle() { sync -f "$T/mnt"; } # what one left unwritten must not slow down the next

# --- the server ---

start_server() { # STORE [OPTION...]: sets server, port
    rm -f "$T/port"
    # shellcheck disable=SC2086 # several words
    ${TRACE:-} "$B/pochtad" --listen 127.0.0.1:0 --port-file "$T/port" --recipients-per-minute 0 --bytes-per-minute 0 \
        --store "$@" >>"$T/log" 2>&1 &
    server=$!
    has_started "$server"
    until [ -s "$T/port" ]; do
        kill -0 "$server" 2>/dev/null || fail 'the server does not start'
        sleep 0.005
    done
    read -r _ _ port <"$T/port"
}

stop_server() {
    end "$server" || fail 'the server did not end in order'
    server=''
}

memory_kb() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; } # VmRSS | VmHWM

quiet() { # until the server's thread that keeps house has looked at every mailbox
    before=none now=''
    until [ "$now" = "$before" ]; do
        before=$now
        sleep 0.2
        now=$(cut -d ' ' -f 14,15 "/proc/$server/stat")
    done
}

# --- rounds ---

each_round() { # COMMAND [ROUNDS]: runs it in each round; `round` counts from 0
    round=0
    while [ "$round" -lt "${2:-$ROUNDS}" ]; do
        $1
        round=$((round + 1))
    done
}

in_turns() { # COMMAND CANDIDATE...: runs COMMAND CANDIDATE for each; another one begins in each round
    do_turn=$1
    shift
    turns=$((round % $#))
    while [ "$turns" -gt 0 ]; do
        first=$1
        shift
        set -- "$@" "$first"
        turns=$((turns - 1))
    done
    for candidate; do "$do_turn" "$candidate"; done
}

calculate() { awk "BEGIN { print $* }"; }

# A server with --log-size 0 delivers without its log, if it has one.
has_log() { "$B/pochtad" --example-config | grep -q '^#log-size'; }

# --- the table ---

# NAME VALUE [UNIT [X [CANDIDATE]]]: a figure of this round, for `row` under NAME, and in RESULTS, where
# CANDIDATE, if not given, is NAME.
note() {
    echo "$2" >>"$T/notes/$1"
    [ -z "$RESULTS" ] || printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
        "$work" "$FS" "${5:-$1}" "${4:--}" "$round" "$2" "${3:--}" >>"$RESULTS"
}

# NAME DIGITS TARGET TITLE: TARGET is "least N" or "most N" or -, of what was noted as NAME. In RESULTS, too:
# "row", file system, TITLE, TARGET, part, median, least-greatest.
row() {
    sort -n "$T/notes/$1" | awk -v digits="$2" -v target="$3" -v title="$4" -v results="$RESULTS" -v fs="$FS" -v part="$work" '
        { v[NR] = $1 }
        END {
            m = (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2
            split(target, t, " ")
            met = t[1] == "least" ? m >= t[2] : m <= t[2]
            f = "%." digits "f"
            printf "%-58s %10s %12s  %s\n", title, sprintf(f, m),
                sprintf(f "-" f, v[1], v[NR]), t[2] == "" ? "" : target (met ? "" : "  MISSED")
            if (results != "")
                printf "row\t%s\t%s\t%s\t%s\t" f "\t" f "-" f "\n", fs, title, target, part, m, v[1], v[NR] >>results
        }'
}

target() { # NAME DIGITS TARGET TITLE: row, if it could be measured
    [ ! -e "$T/notes/$1" ] || row "$1" "$2" "$3" "$4"
}

fact() { # NAME TEXT: about the machine or a candidate, in RESULTS: "fact", file system, NAME, -, -, TEXT, -
    [ -z "$RESULTS" ] || printf 'fact\t%s\t%s\t-\t-\t%s\t-\n' "$FS" "$1" "$2" >>"$RESULTS"
}

machine_facts() {
    fact on "$(date -u +%Y-%m-%d)"
    fact machine "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    fact memory "$(awk '$1 == "MemTotal:" { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
    fact kernel "$(uname -sr)"
    fact 'image on' "$(stat -f -c %T "$T")"
    fact threads "$THREADS"
    fact rounds "$ROUNDS of $SECONDS_EACH s on $FS"
}

heading() { # TITLE: of the rows that follow. In RESULTS, too: "heading", file system, TITLE, -, part, -, -
    printf '%-58s %10s %12s  %s\n' "$1" median min-max target
    [ -z "$RESULTS" ] || printf 'heading\t%s\t%s\t-\t%s\t-\t-\n' "$FS" "$1" "$work" >>"$RESULTS"
}
