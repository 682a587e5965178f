#!/bin/sh
# SPDX-License-Identifier: ISC
# A log that nobody reads stops nothing: mail goes on, the server ends when it is told to, and once
# somebody reads again, the log says how many lines were lost.
. "$(dirname "$0")/../it/lib.sh"

many() { # sends 1000 messages; prints how many were answered
    { frame 'Login|2|ann|secret|' && cat "$T/letters"; } | in_version_2 exchange | decode | grep -c '^Answer|2|Yes|'
}
for _ in $(seq 1000); do echo 'Send mes|2|ann|x|'; done | while read -r payload; do frame "$payload"; done >"$T/letters"
set -- "$B/pochtad" --listen 127.0.0.1:0 --store "$T/store" --log-level info --recipients-per-minute 0

# --- a pipe ---

mkfifo "$T/pipe"
exec 7<>"$T/pipe"
launch sh -c 'exec "$@" 2>&7 7>&-' - "$@"
register ann
is "$(many)" 1000 'a pipe that nobody reads: 1,000 messages are sent'
cat <"$T/pipe" >"$T/read" 7>&- &
reader=$!
children="$children $reader"
is_told() { # the next line that finds room brings the event: the reader may not have read yet when the first one is written
    as ann 'Noop|0|' >/dev/null
    grep -q 'event=lost lines=' "$T/read"
}
ok '... read again, it says that lines were lost' wait_for 20 is_told
lost=$(sed -n 's/^pochtad: time=[^ ]* event=lost lines=\([0-9]*\) level=warning$/\1/p' "$T/read" | awk '{ n += $1 } END { print n + 0 }')
sends=$(grep -c 'event=send result=ok' "$T/read")
ok "... and how many: $lost, and $sends were read" test "$lost" -gt 0 -a $((lost + sends)) -ge 1000
is "$(grep -cv '^pochtad: time=[^ ]* event=.* level=[a-z]*$' "$T/read")" 0 '... in whole lines'
kill_child TERM "$reader"
wait "$reader" 2>/dev/null
is "$(many)" 1000 'once more without a reader'
ok '... the server ends in order' stop_server
exec 7>&-

# --- the system log ---

# With a directory /dev of its own, in which a daemon listens that reads nothing.
cat >"$T/daemon" <<'END'
set -e
mount -t tmpfs none /dev
mknod -m 666 /dev/null c 1 3
mknod -m 444 /dev/urandom c 1 9
mkdir -m 1777 /dev/shm
exec perl -MIO::Socket::UNIX -e '
    use Fcntl;
    $log = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die;
    fcntl $log, F_SETFD, 0; # open for as long as the server is
    exec @ARGV' "$@"
END
if unshare -m true 2>/dev/null; then
    launch unshare -m sh "$T/daemon" "$@" --log-to syslog
    is "$(many)" 1000 'a system log that does not read: 1,000 messages are sent'
else
    skip 'no mount namespace may be made here' 'a system log that does not read: 1,000 messages are sent'
fi
done_testing
