# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# million: what many accounts cost: each figure for a store with FEW accounts and for one with ACCOUNTS, side by side,
# to show what grows with the accounts. In each of the two stores, CHANGED accounts get letters; a third store has
# LETTERS letters, for fsck. For 1,000,000 accounts the image takes 30 GB.
#
# READY is a command that this script's shell runs after it has made the accounts and before it measures. It can wait
# until nobody else uses the machine. STEPS are the measurements; none begins once LONGEST seconds have passed since
# READY.

ACCOUNTS=${ACCOUNTS:-1000000}
FEW=${FEW:-10000}
LETTERS=${LETTERS:-200000}
READY=${READY:-}
STEPS=${STEPS:-starts requests hours backup more deletions fsck all}
LONGEST=${LONGEST:-86400}
MAILBOXES=200 # of the letters
CHANGED=100   # accounts that change between two measurements
DELETED=20    # accounts deleted while measuring
GROWTH=10000  # accounts added while measuring
REPEATED=3    # how often the short measurements are made

# An account takes two inodes, and its copy in a backup three.
INODES=$((6 * (ACCOUNTS + FEW) + 2 * LETTERS + 1000000))
IMAGE_MB=$((16384 + ACCOUNTS / 32))

# --- what one figure is ---

figure() { # NAME VALUE UNIT: of the store of $n accounts
    note "$1-$n" "$2" "$3" "$n" "$1"
}

now_ns() { date +%s%N; }

stopwatch() { began_ns=$(now_ns); }

elapsed_ms() { calculate "($(now_ns) - $began_ns) / 1000000"; }

ask_doctor() { ctl doctor || [ $? = 1 ]; } # 1: it has found something

ctl() { "$B/pochtactl" --store "$store" "$@"; }

took() { # NAME COMMAND...: in ms
    name=$1
    shift
    stopwatch
    "$@" >"$T/out" 2>>"$T/log" || fail "$*"
    ms=$(elapsed_ms)
    figure "$name" "$ms" ms
}

a_second() { # NAME THINGS: as took has measured it
    figure "$1" "$(calculate "$2 * 1000 / $ms")" /s
}

cpu_ms() { # of the server, all threads
    cat /proc/"$server"/task/*/schedstat 2>/dev/null | awk '{ ns += $1 } END { print ns / 1000000 }'
}

# --- the stores ---

write_batch() { # PREFIX COUNT: a line for each account, with the hash of the password that the clients use
    awk -v prefix="$1" -v count="$2" -v hash="$hash" 'BEGIN { for (i = 0; i < count; i++) print prefix i "\t" hash }'
}

used() { df -k --output="$1" "$T/mnt" | tail -n 1 | tr -d ' '; } # itotal, iused, used

# Makes the accounts look old: the notes of their making get the name of an hour long ago.
age_notes() {
    for notes in "$store"/changes/*2[0-9][0-9][0-9]*; do
        mv "$notes" "${notes%2?????????}2001010100" || fail 'cannot rename the notes'
    done
}

make_store() { # N
    n=$1 store=$T/mnt/$1
    start_server "$store"
    stop_server
    (umask 077 && write_batch box "$n" >"$T/batch")
    settle
    inodes=$(used iused) kib=$(used used)
    took made ctl user add --batch "$T/batch"
    a_second made_rate "$n"
    settle
    age_notes
    figure inodes "$(calculate "($(used iused) - $inodes) / $n")" inodes
    figure disk "$(calculate "($(used used) - $kib) / $n")" KiB
}

make_stores() {
    LD_PRELOAD=$B/cheap_hashes.so "$B/bench/fill" "$T/mnt/hash" box 1 0 0 n >/dev/null || fail 'cannot hash'
    hash=$(sed -n 's/^password //p' "$T/mnt/hash/users/box0/account")
    for n in $FEW $ACCOUNTS; do
        make_store "$n"
    done
    LD_PRELOAD=$B/cheap_hashes.so "$B/bench/fill" "$T/mnt/letters" box "$MAILBOXES" $((LETTERS / MAILBOXES)) 1000 n \
        >/dev/null || fail 'cannot make the letters'
    settle
}

# --- a server and its housekeeping ---

start_here() { start_server "$store" --log-level error --clients-per-address 0 --connections-per-minute 0 "$@"; }

# Waits until the server uses no processor time: its housekeeper begins a round when the server starts.
rest() {
    before=none now=''
    until [ "$now" = "$before" ]; do
        before=$now
        sleep 0.3
        now=$(cpu_ms)
    done
}

start_and_stop() { # NAME
    startup=$("$B/bench/startup" "$T/port" "$B/pochtad" --listen 127.0.0.1:0 --store "$store" 2>>"$T/log") ||
        fail 'the server does not start and stop'
    figure "$1" "${startup% *}" ms
}

start_killed() {
    start_here
    send_letters
    kill -9 "$server"
    wait "$server" 2>/dev/null
    has_ended "$server"
    start_and_stop start_killed
}

# Empties the caches of this file system, as a restart of the machine does.
forget_cached() { unmount_image && mount_image || fail 'cannot mount again'; }

start_cold() {
    forget_cached
    start_and_stop start_cold
}

changed_users() { awk -v n="$n" -v changed=$CHANGED 'BEGIN { for (i = 0; i < changed; i++) print "box" int(i * n / changed) }'; }

send_letters() { # a letter to each of CHANGED accounts
    # shellcheck disable=SC2046 # several names
    "$B/bench/cost" "127.0.0.1:$port" send 1 $(changed_users) >/dev/null || fail 'cannot send'
}

change_accounts() { # their files
    for user in $(changed_users); do
        ctl user disable "$user" && ctl user enable "$user" || fail 'cannot change an account'
    done
}

delete_letters() {
    for user in $(changed_users); do
        ctl mailbox "$user" delete 1 || fail 'cannot delete a letter'
    done
}

# The processor time of a server from its start to the end of its housekeeper's first round.
hour() { # NAME OPTION...
    name=$1
    shift
    start_here "$@"
    rest
    figure "$name" "$(cpu_ms)" ms
    stop_server
}

count_calls() { # NAME OPTION...: how often the server opens or looks at a file from its start to its end
    name=$1
    shift
    TRACE="strace -D -f -c -U calls,name -o $T/calls -e trace=open,openat,openat2,newfstatat,statx,fstat"
    start_here "$@"
    rest
    TRACE=''
    stop_server
    until [ -s "$T/calls" ]; do sleep 0.01; done
    figure "$name" "$(awk '$2 == "total" { print $1 }' "$T/calls")" calls
}

# As after a power cut, or in a store of an earlier version: there are no valid notes, so the housekeeper looks at all
# accounts. With very many that takes long, since it rests most of the time.
measure_all() {
    [ "$n" -le 100000 ] || return 0
    rm "$store/changes/known" "$store/changes/housekeeper"
    start_here
    stopwatch
    until [ -e "$store/changes/housekeeper" ]; do sleep 0.05; done
    figure all_looked_at "$(calculate "$n * 1000 / $(elapsed_ms)")" /s
    figure all_looked_at_cpu "$(calculate "$(cpu_ms) * 1000 / $n")" us
    stopwatch
    stop_server
}

measure_starts() {
    start_and_stop start_unused
    for i in $(seq $REPEATED); do
        start_and_stop start_clean
        start_killed
    done
    start_cold
}

measure_hours() {
    hour hour_idle
    count_calls hour_idle_calls
    start_here
    delete_letters
    rest
    stopwatch
    stop_server
    figure stop_changed "$(elapsed_ms)" ms
    hour hour_changed --trash-days 0
}

# --- requests ---

log_in() { # as users whose accounts have not been used since the start
    users=$(awk -v n="$n" 'BEGIN { for (i = 1; i <= 50; i++) print "box" int(i * n / 50 - 3) }')
    # shellcheck disable=SC2086 # several
    for us in $("$B/bench/cost" "127.0.0.1:$port" status 0 $users); do
        figure login "$(calculate "$us / 1000")" ms
    done
}

list() { # NAME
    took list_took ctl user list
    [ "$(wc -l <"$T/out")" = "$n" ] || fail "user list: $(wc -l <"$T/out") lines instead of $n"
    a_second "$1" "$n"
}

measure_requests() {
    forget_cached
    start_here
    rest
    figure rss_start "$(memory_kb VmRSS)" KiB
    list list_first
    log_in
    for i in $(seq $REPEATED); do
        took who ctl who
        took stats ctl stats
        took doctor ask_doctor
    done
    list list
    change_accounts
    list list_changed
    figure rss_list "$(memory_kb VmRSS)" KiB
    stopwatch
    stop_server
    figure stop "$(elapsed_ms)" ms
    list list_alone
    took doctor_alone ask_doctor
    forget_cached
    start_here
    list list_cold
    stop_server
}

# --- backup, fsck, more and fewer accounts ---

measure_backup() {
    start_here
    took backup_first ctl backup "$T/mnt/backup$n"
    a_second backup_rate "$n"
    send_letters
    took backup_changed ctl backup "$T/mnt/backup$n"
    grep -q "accounts, $CHANGED of them changed" "$T/out" || fail "backup: $(cat "$T/out")"
    took backup_none ctl backup "$T/mnt/backup$n"
    figure rss_all "$(memory_kb VmRSS)" KiB
    stop_server
}

measure_fsck() {
    took fsck_took ctl fsck
    a_second fsck "$n"
}

measure_more() {
    (umask 077 && write_batch more "$GROWTH" >"$T/batch")
    settle
    took add_took ctl user add --batch "$T/batch"
    a_second add "$GROWTH"
}

# One account of each hundred has been deleted, and is kept. After each deletion the server checks whether it must remove
# one of them.
keep_deleted() {
    perl -e '
        my ($store, $n) = @ARGV;
        for (my $i = 1; $i < $n; $i += 100) {
            open my $f, "<", "$store/users/box$i/account" or die "box$i: $!";
            my ($generation) = map { /^generation (\S+)/ } <$f>;
            rename "$store/users/box$i", "$store/removed/box$i-$generation" or die "box$i: $!";
        }' "$store" "$n" || fail 'cannot move accounts'
}

delete_some() {
    for i in $(seq $DELETED); do
        took delete ctl user delete "more$i"
    done
}

measure_deletions() {
    keep_deleted
    start_here
    rest
    before_cpu=$(cpu_ms)
    delete_some
    rest
    figure delete_cpu "$(calculate "($(cpu_ms) - $before_cpu) / $DELETED")" ms
    stop_server
}

measure_letters() { # does not depend on the number of accounts
    store=$T/mnt/letters
    took letters_took ctl fsck
    figure letters "$(calculate "$LETTERS * 1000 / $ms")" /s
}

measure_million() {
    make_stores
    eval "$READY"
    until_s=$(($(date +%s) + LONGEST))
    for step in letters $STEPS; do
        for n in $FEW $ACCOUNTS; do
            store=$T/mnt/$n
            settle
            begun_s=$(date +%s)
            [ "$begun_s" -ge "$until_s" ] || "measure_$step"
            echo "bench: $step, $n accounts: $(($(date +%s) - begun_s)) s" >&2
        done
    done
}

# --- the table ---

# NAME TARGET TITLE: the figures of both stores. tests/bench/page puts them side by side, and has what bounds each.
beside() {
    target "$1-$FEW" 2 - "$3, $FEW accounts"
    target "$1-$ACCOUNTS" 2 "$2" "$3, $ACCOUNTS accounts"
}

print_million() {
    heading "$ACCOUNTS accounts beside $FEW"
    beside made_rate - 'user add --batch, from none: accounts a second'
    beside add - "user add --batch, $GROWTH more: accounts a second"
    beside inodes - 'Inodes an account'
    beside disk - 'Disk an account, KiB'
    beside start_clean 'most 100' 'Start after a stop in order, ms'
    beside start_killed 'most 500' 'Start after kill -9, ms'
    beside start_cold - 'Start, the store mounted just before, ms'
    beside stop 'most 1000' 'Stop, ms'
    beside stop_changed 'most 1000' "Stop, $CHANGED accounts changed, ms"
    beside login - 'Connect, Login and Status, an account not used before, ms'
    beside rss_start - 'Resident memory after a start, KiB'
    beside rss_list - 'Resident memory after user list, KiB'
    beside rss_all - 'Resident memory after three backups, KiB'
    beside list_first - 'user list, the first, the store mounted just before: accounts a second'
    beside list 'least 50000' 'user list: accounts a second'
    beside list_alone 'least 50000' 'user list without a server: accounts a second'
    beside list_changed - "user list, $CHANGED accounts changed: accounts a second"
    beside list_cold - 'user list, the store mounted just before: accounts a second'
    beside who - 'who, ms'
    beside stats - 'stats, ms'
    beside doctor - 'doctor, ms'
    beside doctor_alone - 'doctor without a server, ms'
    beside hour_idle - 'Housekeeping, an hour without changes: CPU ms, with start and stop'
    beside hour_idle_calls - 'Housekeeping, an hour without changes: files opened or looked at, with start and stop'
    beside hour_changed - "Housekeeping, letters to purge in $CHANGED accounts: CPU ms, with start and stop"
    beside all_looked_at - 'Housekeeping without valid notes: accounts looked at a second'
    beside all_looked_at_cpu - 'Housekeeping without valid notes: CPU us an account'
    beside backup_first - 'backup, the first: ms'
    beside backup_rate - 'backup, the first: accounts a second'
    beside backup_changed - "backup, $CHANGED accounts changed: ms"
    beside backup_none - 'backup, nothing changed: ms'
    beside fsck - 'fsck: accounts a second'
    target "letters-$ACCOUNTS" 0 - 'fsck: letters of 1 KB a second'
    beside delete - 'user delete, with a deleted account for each 100: ms'
    beside delete_cpu - 'user delete, with a deleted account for each 100: CPU ms of the server'
}
