#!/bin/sh
# SPDX-License-Identifier: ISC
# pochtactl user add --batch: many accounts from a file, beside a server and without one.
. "$(dirname "$0")/lib.sh"
tab=$(printf '\t')
yes='Answer|1|Yes|'
umask 077

ctl() { LD_PRELOAD=$cheap_hashes "$B/pochtactl" --store "$T/store" "$@"; }

start_server
echo secret | ctl user add zoe
hash=$(sed -n 's/^password //p' "$T/store/users/zoe/account")
printf '%s\n' '# name, password' '' "ann${tab}secret" "Bob${tab}$hash${tab}1K${tab}2" "carl${tab}a b${tab}-" >"$T/list"
is "$(code ctl user add --batch "$T/list") $(cat "$T/out" "$T/err")" '0 3 added, 0 already there, 0 skipped' \
    'beside a server: all are added'
is "$(talk 'Login|2|ann|secret|' 'Login|2|bob|secret|' 'Login|2|carl|a b|')" "$yes
$yes
$yes" '... with a password or a hash'
is "$(ctl user list | grep -v zoe | sort | cut -f 1,3,4)" "ann${tab}1073741824${tab}0
bob${tab}1024${tab}2
carl${tab}1073741824${tab}0" '... and their quotas'
is "$(find "$T/store/users" -name account ! -perm 600; find "$T/store/users" -type d ! -perm 700; ls "$T/store/new")" \
    '' '... their files are private, and nothing is left in new/'

echo "dora${tab}secret" >>"$T/list"
is "$(code ctl user add --batch "$T/list") $(cat "$T/out")" '0 1 added, 3 already there, 0 skipped' \
    'the same command again adds only the new account'
is "$(cat "$T/err")" "pochtactl: $T/list:3: ann: skipped: this name is taken
pochtactl: $T/list:4: bob: skipped: this name is taken
pochtactl: $T/list:5: carl: skipped: this name is taken" '... and says which names are taken'
is "$(talk 'Login|2|dora|secret|')" "$yes" '... the new one can log in'

# What is wrong with a line: a line each, and a pattern of what is said about it
: >"$T/wrong"
: >"$T/patterns"
wrong() { # LINE PATTERN NAME
    printf '%s\n' "$1" >>"$T/wrong"
    printf '%s\n' "$3$tab$2" >>"$T/patterns"
}
wrong 'frank' 'a line has two to four columns*' 'a line without a password'
wrong "frank${tab}a${tab}1${tab}2${tab}3" 'a line has two to four columns*' 'too many columns'
wrong "Ä${tab}secret" 'a name has 1 to 32 of*' 'not a name'
wrong "frank${tab}" 'a password has 1 to 255 bytes*' 'no password'
wrong "frank${tab}a|b" 'a password has 1 to 255 bytes*' 'not a password'
wrong "frank${tab}\$6\$salt\$abc" 'not a yescrypt hash*' 'another kind of hash'
wrong "frank${tab}${hash%?}" 'not a yescrypt hash*' 'half a hash'
wrong "frank${tab}secret${tab}many" 'not a quota (*' 'not a quota'
wrong "frank${tab}secret${tab}1${tab}-1" 'not a quota (*' 'not a quota of messages'
wrong "frank${tab}secret$(printf '%1100s' '')" 'the line is longer than*' 'a line that is too long'
wrong "mail-outside${tab}secret" 'reserved for the server*' 'a reserved name'
wrong "frank${tab}secret$(printf '%40000s' '')" 'the line is longer than*' 'a line that is longer than what is read at once'
echo "eve${tab}secret" >>"$T/wrong"
is "$(code ctl user add --batch "$T/wrong") $(cat "$T/out")" '65 1 added, 0 already there, 12 skipped' \
    'lines that are wrong are skipped, and the others are not'
i=0
while IFS=$tab read -r name pattern; do
    i=$((i + 1))
    like "$(sed -n "${i}p" "$T/err")" "pochtactl: $T/wrong:$i: skipped: $pattern" "$name"
done <"$T/patterns"
is "$(wc -l <"$T/err") $(ls "$T/store/users" | grep -c -e frank -e mail)" '12 0' '... nothing else is printed, and no account is made'

printf '%s\n%s' "frank${tab}secret" "gina${tab}secr" >"$T/cut"
is "$(ctl user add --batch - <"$T/cut" 2>"$T/err"; echo $?)" '1 added, 0 already there, 1 skipped
65' 'standard input, cut off within a line'
like "$(cat "$T/err")" 'pochtactl: standard input:2: skipped: the line has no newline*' '... and why'
printf '%s\n' "henry${tab}secret" "Henry${tab}other" >"$T/twice"
is "$(code ctl user add --batch "$T/twice") $(cat "$T/out")" '0 1 added, 1 already there, 0 skipped' 'a name twice'
is "$(cat "$T/err") $(talk 'Login|2|henry|secret|')" "pochtactl: $T/twice:2: henry: skipped: this name is taken $yes" \
    '... the first line counts'
is "$(printf '%s\n' '#' | ctl user add --batch -)" '0 added, 0 already there, 0 skipped' 'a file with no account'
grep -q secret "$T/err" "$T/out"
is $? 1 'no password is printed'

# The file
chmod 644 "$T/list"
like "$(code ctl user add --batch "$T/list") $(cat "$T/err")" \
    "0 pochtactl: warning: $T/list: other users can read this file (mode 0644)*" 'a file that others can read'
is "$(code ctl user add --batch "$T/none") $(cat "$T/err")" \
    "66 pochtactl: $T/none: No such file or directory" 'a file that does not exist'
is "$(code ctl user add --batch "$T") $(tail -n 1 "$T/err")" "74 pochtactl: $T: Is a directory" 'a directory'
is "$(code ctl user add ann --batch "$T/list") $(cat "$T/err")" \
    '64 pochtactl: --batch FILE takes no other argument; see pochtactl --help' 'a name and --batch'
is "$(code ctl who --batch "$T/list") $(cat "$T/err")" \
    '64 pochtactl: who does not take --batch; these do: user add' '--batch with another command'
stop_server

# Many, without a server; a kill leaves each account whole or not there.
i=0
while [ $i -lt 1200 ]; do
    i=$((i + 1))
    echo "user$i${tab}$hash"
done >"$T/many"
mkfifo "$T/fifo"
"$B/pochtactl" --store "$T/store" user add --batch "$T/fifo" >"$T/out" 2>"$T/err" &
batch=$!
children="$children $batch"
exec 3>"$T/fifo"
head -n 1100 "$T/many" >&3 # the first thousand is a group; the others wait for the rest
ok 'a group is made while the file is read' wait_for 20 test -d "$T/store/users/user1000"
none_is_new() { [ -z "$(ls "$T/store/new")" ]; }
wait_for 20 none_is_new
kill -9 "$batch"
wait "$batch" 2>/dev/null
exec 3>&-
is "$(find "$T/store/users" -mindepth 1 -name 'user*' | wc -l)" 1000 '... and no account of the unfinished group'
is "$(code ctl user add --batch "$T/many") $(cat "$T/out")" '0 200 added, 1000 already there, 0 skipped' \
    'after a kill the same command adds the rest'
is "$(find "$T/store/users" -path '*/users/user*/account' -size +0 | wc -l)" 1200 '... each account is whole'
is "$(code "$B/pochtactl" --store "$T/store" fsck) $(tail -n 1 "$T/out")" \
    '0 1208 mailboxes, 0 messages, 0 findings' '... and fsck finds nothing'
is "$(code ctl user add --batch "$T/many" && tail -n 1 "$T/err")" "0
pochtactl: $T/many:1200: user1200: skipped: this name is taken" 'all of them are there'

# On a terminal
export TERM=xterm
like "$(script -qec "'$B/pochtactl' --store '$T/store' user add --batch '$T/many' | cat" /dev/null </dev/null | head -c 100)" \
    "*pochtactl: $T/many:1: user1: skipped*" 'on a terminal, skipped lines are reported, too'
head -n 40 "$T/many" | sed 's/^user/more/' >"$T/more"
like "$(script -qec "'$B/pochtactl' --store '$T/store' user add --batch '$T/more'" /dev/null </dev/null | tr '\r\033' '<>')" \
    '*<>?K40 accounts added, line 40<>?K40 added, 0 already there, 0 skipped*' '... and the progress is shown, and removed'

# A store that cannot be changed: nothing is claimed.
is "$(code "$B/pochtactl" --store "$T/nowhere" user add --batch "$T/list")" 73 'no store'
done_testing
