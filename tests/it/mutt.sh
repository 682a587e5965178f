# shellcheck shell=sh disable=SC2154 # lib.sh sets them
# SPDX-License-Identifier: ISC
# mutt.sh: mutt on a terminal of its own, typed to by its own command push. After lib.sh. It has a home
# directory of its own and leaves nothing elsewhere.

cat >"$T/terminal.py" <<'END'
# Runs a program on a terminal; what it shows goes to standard output.
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
try:
    while shown := os.read(terminal, 4096):
        sys.stdout.buffer.write(shown)
except OSError: # it has ended
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
mkdir "$T/mutt"
cat >"$T/muttrc" <<END
set folder=$T/mutt spoolfile=$T/mutt record='' postponed='' header_cache=''
set tmpdir=$T/mutt sleep_time=0 wait_key=no
set quit=yes delete=yes move=no confirmappend=no confirmcreate=no maildir_trash=yes mark_old=no
set charset=utf-8 pipe_decode=yes pipe_split=yes
ignore *
unignore from subject
END

mutt_does() { # MAILBOX KEYS [OPTION...]: fails if mutt does; what it showed is in $T/shown
    mailbox=$1 keys=$2
    shift 2
    (cd "$T/mutt" && HOME=$T/mutt LC_ALL=C.UTF-8 TERM=xterm timeout 100 python3 "$T/terminal.py" \
        mutt -n -F "$T/muttrc" "$@" -f "$mailbox" -e "push '$keys<exit>'" >"$T/shown")
}

# Sender and subject of the messages that a pattern of mutt selects, as mutt shows them, a line each.
mutt_finds() { # MAILBOX PATTERN
    : >"$T/found"
    mutt_does "$1" "<tag-pattern>$2<enter><tag-prefix><pipe-message>$T/sender_and_subject<enter>" -R ||
        diag "mutt: $(cat "$T/shown")"
    sort "$T/found"
}
cat >"$T/sender_and_subject" <<SCRIPT
#!/bin/sh
awk 'NR == 1, /^\$/ { if (sub(/^From: */, "")) from = \$0; if (sub(/^Subject: */, "")) subject = \$0 }
    END { print from "\t" subject }' >>"$T/found"
SCRIPT
chmod +x "$T/sender_and_subject"
