# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# lib.sh: functions for the tests of the programs. A test begins with
#
#     . "$(dirname "$0")/lib.sh"
#
# and ends with done_testing, which prints the plan: a test that stops before is a failure. Each test
# has a directory $T and, after start_server, a server on a free port; both are removed at the end.
# Nothing waits for a fixed time: wait_for looks again and again until its deadline.
#
# With TRANSPORT=udp1 or udp2 the clients of a test use that version of UDP; tests/run --udp does so
# for all tests but those in not_over_udp. The differences are handled here, not in the tests: only TCP
# has the line form, version 1 of UDP does not carry version 2 of the protocol, and over UDP the server
# does not know a client that has sent nothing.
#
# With CLIENT=wine the client is pochta.exe, run by wine (wine.sh).
#
# STOP_AT_FAILURE, if set, ends a test, as one of tests/unit, at its first failure.

set -u
LC_ALL=C # lengths are bytes
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
B=${B:-$here/../../build}
T=$(mktemp -d "${TMPDIR:-/tmp}/pochta-test.XXXXXX") || exit 1
ran=0 failed=0 done='' children='' SERVER_PID='' PORT='' TCP_PORT='' FROM='' port_file=$T/port
TRANSPORT=${TRANSPORT:-tcp} variant=${CLIENT-}
XDG_STATE_HOME=$T/state XDG_CONFIG_HOME=$T/xdg-config XDG_DATA_HOME=$T/data # not of who runs the tests
export XDG_STATE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
# What wine.sh changes: who others are; how the client names $XDG_STATE_HOME; a quote and a colon, which some
# systems do not allow in names; what it says of a file that is too large.
# shellcheck disable=SC2034 # the tests read them
others=077 named_state=$XDG_STATE_HOME odd='"' colon=: too_large='File too large'
cheap_hashes=$B/cheap_hashes.so # preloaded into the server, but see with_real_hashes
[ -e "$cheap_hashes" ] || cheap_hashes='' # a preloaded object must be first, as must a sanitizer's
[ "$TRANSPORT" = tcp ] || { POCHTA_UDP=1 variant=${variant:+$variant-}$TRANSPORT && export POCHTA_UDP; }

# Where a sanitizer reports about clients and tools: a test may not look at their errors and exit codes. Reports
# about servers are in $T/log, since a server may open only files of its store.
ASAN_OPTIONS=${ASAN_OPTIONS-}:log_path=$T/report TSAN_OPTIONS=${TSAN_OPTIONS-}:log_path=$T/report
export ASAN_OPTIONS TSAN_OPTIONS

# The id of a process that ended long ago may belong to another process or thread by now.
is_child() { # PID: of the test, or of the part of it in parentheses that asks
    read -r itself _ </proc/self/stat
    grep -qE "^PPid:[[:space:]]*($$|$itself)\$" "/proc/$1/status" 2>/dev/null
}

kill_child() { # SIGNAL PID...: those that are still there; one may end meanwhile
    with=$1
    shift
    for child; do is_child "$child" && kill -s "$with" "$child" 2>/dev/null; done
}

clean_up() {
    status=$?
    [ -n "$done" ] || { echo "# stopped before its end"; status=1; }
    # shellcheck disable=SC2086 # several ids
    kill_child KILL $children $SERVER_PID
    wait
    [ "${CLIENT-}" != wine ] || wine_end
    for report in "$T"/report.*; do [ ! -e "$report" ] || { diag "$(cat "$report")"; status=1; }; done
    rm -rf "$T"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# --- TAP ---

note() { printf '%s\n' "$*" | sed 's/^/# /'; }
diag() { note "${0##*/}${variant:+@$variant}: $*" >&2; } # of a failure: tests/run shows it at the end

result() { # STATUS NAME
    ran=$((ran + 1))
    [ "$1" = 0 ] && { echo "ok $ran - $2"; return 0; }
    failed=$((failed + 1))
    echo "not ok $ran - $2"
    [ -z "${STOP_AT_FAILURE-}" ] || exit 1
    return 1
}

ok() { # NAME COMMAND...: passes when the command succeeds
    name=$1
    shift
    "$@"
    result $? "$name" || diag "$name: failed: $*"
}

is() { # GOT EXPECTED NAME
    [ "$1" = "$2" ]
    result $? "$3" || diag "$3
got:      $1
expected: $2"
}

like() { # GOT PATTERN NAME: a pattern of the shell, which must match the whole
    # shellcheck disable=SC2254 # a pattern
    case $1 in $2) result 0 "$3" ;; *) result 1 "$3" || diag "$3
got:  $1
like: $2" ;; esac
}

skip() { # REASON NAME
    ran=$((ran + 1))
    echo "ok $ran - $2 # SKIP $1"
}

done_testing() {
    [ -z "$SERVER_PID" ] || ok 'the server ends in order' stop_server
    [ "$failed" = 0 ] || [ ! -s "$T/log" ] || diag "the server's log: $(tail -n 20 "$T/log")"
    done=1
    echo "1..$ran"
    [ "$failed" = 0 ]
    exit
}

wait_for() { # SECONDS COMMAND...: until the command succeeds; fails after that time, at the earliest
    wait_most=$(($1 * 100)) wait_gone=0 wait_step=02 # in hundredths of a second
    shift
    until "$@"; do
        [ "$wait_gone" -lt "$wait_most" ] || return 1
        sleep "0.$wait_step"
        wait_gone=$((wait_gone + wait_step))
        case $wait_gone in # what takes longer is looked at less often
        20) wait_step=10 ;;
        300) wait_step=50 ;;
        esac
    done
}

gone() { # PID: whether the process has ended, though its parent may not have looked yet
    ! kill -0 "$1" 2>/dev/null || grep -q "^State:.Z" "/proc/$1/status" 2>/dev/null
}

code() { # COMMAND...: its exit code; what it wrote is in $T/out and $T/err
    "$@" </dev/null >"$T/out" 2>"$T/err"
    echo $?
}

is_private() { # FILE: whether nobody else can read or write it, or anything below it
    [ -e "$1" ] && [ -z "$(find "$1" -perm "/$others")" ]
}

linux_names() { :; } # DIR: names of files in it that the client had to change get back what they should have
client_can_be_traced() { strace -qq -o /dev/null true 2>/dev/null; }

over() { [ "$TRANSPORT" = "$1" ]; } # TRANSPORT: whether it is the test's

# --- the server ---

start_server() { # OPTION...: sets SERVER_PID, PORT and TCP_PORT
    launch "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" "$@"
}

launch() { # COMMAND...: the same for a command that execs a server, with its options
    rm -f "$port_file"
    case $TRANSPORT in
    udp1) set -- "$@" --udp 127.0.0.1:0 --udp-versions 1 --udp-rate 0 --udp-rate-all 0 ;;
    udp2) set -- "$@" --udp 127.0.0.1:0 ;;
    esac
    [ -z "$cheap_hashes" ] || { LD_PRELOAD=$cheap_hashes && export LD_PRELOAD; }
    ASAN_OPTIONS=$ASAN_OPTIONS:log_path=stderr TSAN_OPTIONS=$TSAN_OPTIONS:log_path=stderr \
        "$@" --port-file "$port_file" >>"$T/log" 2>&1 3>&- 4>&- 5>&- 6>&- &
    SERVER_PID=$!
    unset LD_PRELOAD
    if wait_for 20 server_is_up; then
        PORT=$(port_of "${TRANSPORT%[12]}") TCP_PORT=$(port_of tcp)
        return
    fi
    diag "the server does not start: $(cat "$T/log")"
    exit 1
}

with_real_hashes() { # COMMAND...: starts a server whose passwords cost as much as in use
    cheap=$cheap_hashes cheap_hashes=''
    "$@"
    cheap_hashes=$cheap
}

relaunch() { # COMMAND...: launch with an empty log
    : >"$T/log"
    launch "$@"
}

refuses() { # CODE PATTERN NAME COMMAND...: a server that must not start
    code=$1 pattern=$2 name=$3
    shift 3
    timeout 20 "$@" >"$T/out" 2>"$T/err"
    is $? "$code" "$name: exit code $code"
    like "$(cat "$T/err")" "*level=error" '... an error'
    like "$(cat "$T/err")" "$pattern" '... that says what is wrong'
}

port_of() { awk -v transport="$1" '$1 == transport { print $3; exit }' "$port_file"; } # TRANSPORT

door() { if over tcp; then echo --listen; else echo --udp; fi; } # the option that opens the test's port

server_is_up() {
    [ -s "$port_file" ] && return
    kill -0 "$SERVER_PID" 2>/dev/null || { cat "$T/log"; exit 1; }
    return 1
}

stop_server() { # [SIGNAL]: gives the server's exit code
    kill_child "${1:-TERM}" "$SERVER_PID"
    wait "$SERVER_PID"
    set -- $?
    SERVER_PID=''
    return "$1"
}

is_listening() { # PORT: whether any process listens there
    case $TRANSPORT in
    tcp) set -- "$1" 0A /proc/net/tcp ;;
    *) set -- "$1" 07 /proc/net/udp6 ;;
    esac
    awk -v port="$(printf ':%04X$' "$1")" -v state="$2" \
        '$2 ~ port && $4 == state { n++ } END { exit !n }' "$3"
}

connected() { # COUNT: whether this many connections of clients are open at the server's end
    case $TRANSPORT in
    tcp) set -- "$1" 3 /proc/net/tcp ;;
    *) set -- "$1" 2 /proc/net/udp6 ;; # there the server's end alone says so
    esac
    awk -v port="$(printf ':%04X$' "$PORT")" -v end="$2" -v count="$1" \
        '$end ~ port && $4 == "01" { n++ } END { exit n != count }' "$3"
}

# Whether the server counts this many clients. It counts a client for a little longer than its connection is open.
counts() { "$B/pochtactl" --store "$T/store" stats | grep -q "^sessions[[:space:]]$1\$"; } # COUNT

# Traces system calls of the server, or makes them fail, as strace's options say; the trace is in
# $T/strace. False: processes cannot be traced here.
tracer() { awk '/^TracerPid:/ { print $2 }' "/proc/$SERVER_PID/status" 2>/dev/null; }
is_traced() { [ "$(tracer)" != 0 ]; }
is_untraced() { [ "$(tracer)" = 0 ]; }
# strace attaches to the first thread before the others. A thread that one of the others starts meanwhile would not be
# traced at all.
are_all_traced() { grep -q 'Process [0-9]* attached' "$T/strace.err"; }
trace() { # OPTION...
    for option; do # 32-bit programs make these calls by other names
        shift
        set -- "$@" "$(echo "$option" | sed 's/sendto/&,send/g; s/recvfrom/&,recv/g; s/newfstatat/&,statx/g; s/mmap/&,mmap2/g')"
    done
    : >"$T/strace.err"
    strace -f --quiet=personality,exit -s 300 -o "$T/strace" "$@" -p "$SERVER_PID" 2>>"$T/strace.err" &
    STRACE=$!
    children="$children $STRACE"
    wait_for 20 are_all_traced
}
untrace() { # the server need not be there any more
    kill_child TERM "$STRACE"
    wait "$STRACE" 2>/dev/null
    [ -z "$(tracer)" ] || wait_for 20 is_untraced
}

# --- frames ---

frame() { # PAYLOAD...: as frames, in length form
    for payload; do printf '%010d%s' ${#payload} "$payload"; done
}

# Frames become lines to compare: the payload, dates as DATE (version 1) and UTC (version 2), bytes
# beyond printable ASCII as \xHH. What is wrong with a frame stands before it. SKIP: the number of
# frames to leave out. ONE: only the next one is shown; if it is not complete yet, the exit code is 1.
decoder() { exec perl -e '
    my ($skip, $one) = (@ARGV, 0, 0);
    local $/;
    $_ = <STDIN>;
    while (length) {
        my $wrong = "";
        my ($n, $p) = s/^(\d{10})// ? ($1, substr $_, 0, $1, "") : (0, substr $_, 0, length, "");
        next if $skip-- > 0;
        exit 1 if $one && $n > length $p;
        my ($count, $args) = $p =~ /^<?[^|]*\|(\d+)\|(.*)/s;
        if ($n > length $p) { $wrong = "CUT SHORT: " }
        elsif ($n != length $p) { $wrong = "NO LENGTH: " }
        elsif (!defined $args || $args =~ tr/|// != $count) { $wrong = "WRONG COUNT: " }
        $p =~ s/\^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\^/^DATE^/g;
        $p =~ s/\^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\^/^UTC^/g;
        $p =~ s/([^ -~])/sprintf "\\x%02X", ord $1/ge;
        print "$wrong$p\n";
        exit if $one;
    }
    exit $one' -- "$@"; } # [SKIP [ONE]]

decode() { (decoder "$@"); }

exchange() { (stay_connected -w 120); } # sends standard input, prints what the server sends until it closes

talk() { # PAYLOAD...: prints the server's answers; without a payload, what it sends on connecting
    [ $# -gt 0 ] || over tcp || set -- 'Noop|0|'
    frame "$@" | stay_connected -w 120 | decoder
}

transport() { echo "$TRANSPORT"; }

by_tcp() { (TRANSPORT=tcp && "$@"); } # COMMAND...

# COMMAND...: over TCP instead of version 1 of UDP, which has neither version 2 of the protocol nor
# any repair, and sends some bytes as spaces.
in_version_2() { if over udp1; then by_tcp "$@"; else "$@"; fi; }

# A body as the client receives it: without version 2 there are no escapes, and version 1 of UDP does not
# carry all bytes.
as_told() { if over udp1; then tr '\000\002\r|^' '[ *]'; else cat; fi; }

lines() { printf '%s\n' "$@" | by_tcp exchange; } # LINE...: in line form

register() { # NAME...: each with the password secret
    for name; do talk "Register|2|$name|secret|"; done | grep -v '^Answer|1|Yes|$' | sed 's/^/# /'
}

send_large() { # NAME TO BYTES COUNT: COUNT messages of BYTES bytes; prints the answers
    perl -e '
        sub frame { printf "%010d%s", length $_[0], $_[0] }
        my ($from, $to, $bytes, $count) = @ARGV;
        frame("Login|2|$from|secret|");
        frame("Send mes|2|$to|" . "x" x $bytes . "|") for 1 .. $count' "$@" | in_version_2 exchange
}

as() { # NAME PAYLOAD...: prints the answers to a session of that user in version 1
    name=$1
    shift
    talk "Login|2|$name|secret|" "$@" | sed '1{/^Answer|1|Yes|$/d}'
}

as2() { # NAME PAYLOAD...: the same in version 2
    name=$1
    shift
    in_version_2 talk 'Start|1|2|' "Login|2|$name|secret|" "$@" |
        sed '1{/^Answer|2|Yes|2|$/d}' | sed '1{/^Answer|1|Yes|$/d}'
}

# --- connections that stay open, numbered 3 to 6 ---

open_conn() { # N [TRANSPORT]: $T/conn$N.out collects what the server sends
    mkfifo "$T/conn$1"
    : >"$T/conn$1.out"
    eval "WELCOME$1=0"
    (TRANSPORT=${2:-$TRANSPORT} && stay_connected) <"$T/conn$1" >>"$T/conn$1.out" 2>/dev/null \
        3>&- 4>&- 5>&- 6>&- &
    children="$children $!"
    eval "CONN$1=$! && exec $1>\"\$T/conn$1\""
    rm "$T/conn$1"
    [ "${2:-$TRANSPORT}" = tcp ] || be_heard_of "$1"
}

be_heard_of() { # N: makes the server know the client; heard skips the answer if it is Yes
    send "$1" "$(frame 'Start|0|')"
    [ "$(heard "$1" 1)" != 'Answer|1|Yes|' ] || eval "WELCOME$1=1"
}

stay_connected() { # [OPTION_OF_NC...]: in a shell of its own, from the address FROM if that is set
    case $TRANSPORT in
    tcp) exec nc -N ${FROM:+-s "$FROM"} "$@" 127.0.0.1 "$TCP_PORT" ;;
    *) exec "$B/udp/talk" "${TRANSPORT#udp}" "127.0.0.1:$PORT" ${FROM:+"$FROM"} ;;
    esac
}

stay_in_version_2() { over udp1 && TRANSPORT=tcp; stay_connected; } # in_version_2 without a subshell

# The beginning of a frame, longer than a datagram: over UDP a shorter one would not be sent yet.
half_frame() { printf '0000004000Login|2|ann|%02000d' 0; }
other_half() { printf '%01987d|' 0; }

send() { # N BYTES: sends them as they are; a whole frame: send N "$(frame PAYLOAD)"
    (trap '' PIPE && printf %s "$2" >&"$1") 2>/dev/null # the client may have ended
}

all_heard() { # N [SKIP [ONE]]: frames that the connection has been sent, see decode
    eval "skip=\$((\$WELCOME$1 + ${2:-0}))"
    # shellcheck disable=SC2154 # eval sets it
    decode "$skip" "${3:-0}" <"$T/conn$1.out"
}

has_heard() { [ -s "$T/conn$1.out" ] && all_heard "$1" $(($2 - 1)) 1; } # N COUNT: prints that frame

heard() { # N COUNT: waits for frame number COUNT of the connection and prints it
    wait_for 20 has_heard "$@" || echo "# nothing after $(all_heard "$1")"
}

close_conn() { eval "exec $1>&-"; } # N: ends the input of the client; see connected

# shellcheck source=tests/it/wine.sh
[ "${CLIENT-}" != wine ] || { . "$(dirname "$0")/../it/wine.sh" && use_client_for_windows; }
