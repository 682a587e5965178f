#!/bin/sh
# SPDX-License-Identifier: ISC
# Every block of commands in the README does what the README says. They run in network namespaces of
# their own, in which port 5555 is free and 192.0.2.1 is another machine; lines for apt, systemctl, the
# firewall and installed programs are only checked for syntax.
. "$(dirname "$0")/lib.sh"

as_root=-r
[ "$(id -u)" != 0 ] || as_root=''
# shellcheck disable=SC2086 # nothing or a word
if ! unshare $as_root --net --mount --pid --fork true 2>/dev/null; then
    skip 'no namespaces can be made here' 'the blocks of the README'
    done_testing
    exit
fi

readme=$here/../../README.md

block() { # SECTION NUMBER [README]: the commands of an indented block
    awk -v section="$1" -v number="$2" '
        /^## / { at = substr($0, 4); blocks = 0; inside = 0 }
        /^    / { if (!inside) { blocks++; inside = 1 }
                  if (at == section && blocks == number) print substr($0, 5)
                  next }
        { inside = 0 }' "${3:-$readme}"
}

# Only what runs in a checkout; the rest is for a real machine.
runnable() { grep -vE '^(ufw|apt-get|systemctl|make|pochtactl) '; }

# What one machine does, with the other one behind it: results are files in $T.
cat >"$T/machines" <<'END'
set -eu
serve() { # FILE ADDRESS [PORT]: runs the block until its server answers
    setsid sh -e "$1" >>log 2>&1 &
    server=$!
    tries=0
    until nc -z "$2" "${3:-5555}"; do
        tries=$((tries + 1))
        [ "$tries" -le 400 ] || { echo "no server at $2"; cat log; exit 1; }
        sleep 0.05
    done
}
stop() {
    kill -- "-$server"
    tries=0 # it has the store until it has settled its delivery log, and a little longer
    while nc -z 127.0.0.1 5555 || [ -e mailstore/control.sock ] || ! pochtactl --store mailstore user list ann >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -le 400 ]
        sleep 0.05
    done
}
ip link set lo up
unshare --net sleep 600 &
other=$!
until [ "$(readlink "/proc/$other/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link add here type veth peer name there netns "$other"
ip addr add 192.0.2.1/24 dev here
ip link set here up
nsenter --net="/proc/$other/ns/net" sh -c 'ip addr add 192.0.2.2/24 dev there && ip link set there up'
printf '127.0.0.1 localhost mail.lab\n' >hosts
mount --bind hosts /etc/hosts

serve two-terminals-1 127.0.0.1
sh -e two-terminals-2 >two-terminals.out

# The screen at the top: a letter of that size from qwe.
export POCHTA_PASSWORD=secret PATH="$PWD/build:$PATH"
pochta --user qwe register
{ echo 'Dear Ann, here is something to read.'; head -c 52965 /dev/zero | tr '\0' x; } >letter
pochta --user qwe send ann <letter
less() { cat >less.out; }
sed -n 's/^\$ //p' screen | sed 's/| less$/>less.out/' >screen-commands
. ./screen-commands >screen.out
stop

if command -v curl >/dev/null; then
    serve programs-1 127.0.0.1 1587
    pochta --user ann delete 1
    sh -e programs-2 >programs.out 2>>log
    stop
fi

serve two-machines-1 192.0.2.1
nsenter --net="/proc/$other/ns/net" sh -e two-machines-2 >two-machines.out
echo done
END

run_machines() { # README: a directory like a checkout, with the blocks of this README
    dir=$T/checkout.$ran
    mkdir "$dir" && ln -s "$B" "$dir/build"
    block '' 1 "$1" >"$dir/screen"
    for n in 1 2; do
        block 'Two terminals' "$n" "$1" | runnable >"$dir/two-terminals-$n"
        block 'Other mail programs' "$n" "$1" | runnable >"$dir/programs-$n"
        block 'Two machines' "$n" "$1" | runnable >"$dir/two-machines-$n"
    done
    # shellcheck disable=SC2086 # nothing or a word
    (cd "$dir" && unset POCHTA_UDP && timeout 120 unshare $as_root --net --mount --pid --fork --kill-child \
        --mount-proc sh "$T/machines" >result 2>&1)
}

fails() { ! "$@"; }
without_dates() { sed -E 's/[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4}/DATE/g'; }

for section in 'Set up' 'Two terminals' 'Other mail programs' 'Two machines' 'Install, upgrade, back up, uninstall'; do
    block "$section" 1 >"$T/1" && block "$section" 2 >"$T/2"
    ok "$section: there are commands" test -s "$T/1"
    ok "$section: they are shell commands" sh -n "$T/1"
    ok "$section: so are those of the second block" sh -n "$T/2"
done
for target in $(block 'Set up' 1 | sed 's/.*make //') $(block 'Set up' 2 | sed 's/.*make //'); do
    ok "make $target exists" grep -q "^$target:" "$here/../../Makefile"
done

ok 'the blocks run on two machines' run_machines "$readme"
note "$(tail -n 3 "$dir/result")"
is "$(sed -n 's/^BODY: //p' "$dir/two-terminals.out")" 'Hello, Bob!' 'two terminals: the letter is read'
is "$(without_dates <"$dir/screen.out" | sed 's/\t/  /g')" "$(grep -v '^\$' "$dir/screen" | without_dates)" 'the screen shows what the commands print'
if command -v curl >/dev/null; then
    is "$(tail -n 3 "$dir/programs.out" | tr -d '\r')" 'Subject: tea

At five?' 'other mail programs: the mail is sent and read'
else
    skip 'curl is not installed' 'other mail programs: the mail is sent and read'
fi
is "$(cat "$dir/two-machines.out")" '' 'two machines: the mailbox of the new user is listed, and empty'

sed 's/--user bob read 1/--user bob reed 1/' "$readme" >"$T/wrong.md"
ok 'control: a README with a wrong command fails' fails run_machines "$T/wrong.md"
done_testing
