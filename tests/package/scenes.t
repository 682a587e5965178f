#!/bin/sh
# SPDX-License-Identifier: ISC
# The life of the packages on a machine: installed, upgraded with a broken configuration and with a good one,
# removed, installed again, purged. It runs as root inside the system that tests/package/check makes for it, either
# booted by systemd or with the stand-in for systemctl. /scene/old and /scene/new have the packages.
. "$(dirname "$0")/../it/lib.sh"
DEBIAN_FRONTEND=noninteractive POCHTA_PASSWORD=secret
export DEBIAN_FRONTEND POCHTA_PASSWORD
store=/var/lib/pochta conf=/etc/pochta/pochtad.conf

dpkg_does() { dpkg --force-confold "$@" </dev/null >"$T/dpkg" 2>&1 || { diag "$(cat "$T/dpkg")"; return 1; }; }
install_new() { dpkg_does --install /scene/new/*.deb; }
servers() { # their ids
    grep -l '^Name:.pochtad$' /proc/[0-9]*/status 2>/dev/null | while read -r status; do
        grep -q '^State:.Z' "$status" || echo "$status"
    done | cut -d / -f 3
}
is_old() { ls -l "/proc/$(servers)/exe" | grep -q '(deleted)$'; } # whether the server's program was replaced
letters() { for id in 1 2; do pochta --user ann read --raw $id 2>&1 || echo "no $id"; done | tr '\n' ' '; }
send_letter() { echo "letter $1" | pochta --user ann send ann >/dev/null; }
owner() { stat -c '%U:%G %a' "$1"; }
# What the packages could leave on the machine; not what dpkg and debconf write down, and the logs.
tree() {
    find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /dev -o -path /tmp -o -path /scene \
        -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path "$store" \) -prune -o -print |
        grep -v '^/etc/\(passwd\|group\|shadow\|gshadow\)' | sort
}

tree >"$T/before"
ok 'the last version is installed' dpkg_does --install /scene/old/*.deb
is "$(getent passwd pochta | cut -d : -f 6)" $store '... it has made the user'
is "$(owner $store)" 'pochta:pochta 710' '... and the directory of the store'
ok '... the unit is enabled' systemctl is-enabled --quiet pochtad.service
ok '... the server runs' systemctl is-active --quiet pochtad.service
is "$(stat -c %U "/proc/$(servers)")" pochta '... as that user'
is "$(pochta --version)" "pochta $(cat /scene/old/version)" '... the client is there'
is "$(dpkg-query --show --showformat='${Conffiles}' pochta pochta-client | awk '{ print $1 }')" $conf '... the configuration is a conffile'
# Manual pages and completions of a package.
holds() {
    dpkg --listfiles "$1" | sed -n 's|^/usr/share/\(man\)/man./\(.*\)\.gz$|\1 \2|p; s|^/usr/share/.*completions/\([^/]*\)$|\1|p' |
        sort | tr '\n' ' '
}
is "$(holds pochta)" '_pochtactl man pochta-doors.7 man pochta-protocol.7 man pochta-store.5 man pochtactl.8 man pochtad.8 man pochtad.conf.5 pochtactl pochtad ' \
    '... manual pages and completions of the server are there'
is "$(holds pochta-client)" '_pochta man pochta.1 pochta ' '... as are those of the client'
ok 'an account is made' sh -c 'echo secret | pochtactl --store /var/lib/pochta user add ann'
ok 'a letter is sent' send_letter 1

echo 'idle = 5x' >>$conf
first=$(servers)
ok 'an upgrade with a broken configuration succeeds' install_new
like "$(cat "$T/dpkg")" '*5x*not valid for this version*systemctl restart pochtad*' '... it says what is wrong'
is "$(servers)" "$first" '... the old server runs'
ok '... with the old program' is_old
ok '... and takes mail' send_letter 2
sed -i '$d' $conf
echo 'idle = 7m' >>$conf
ok 'with a configuration that is good the package is installed again' install_new
ok '... another server runs' test "$(servers)" != "$first"
ok '... with the new program' test "$(readlink "/proc/$(servers)/exe")" = /usr/sbin/pochtad
is "$(pochtad --version)" "pochtad $(cat /scene/new/version)" '... of the new version'
is "$(letters)" "letter 1 letter 2 " '... which has both letters'
is "$(tail -n 1 $conf)" 'idle = 7m' '... and the configuration is the edited one'
is "$(servers | wc -l)" 1 '... there is one server'

ok 'the packages are removed' dpkg_does --remove pochta pochta-client
is "$(servers)" '' '... no server runs'
ok '... the mail is there' test -e $store/users/ann/account
is "$(tail -n 1 $conf)" 'idle = 7m' '... and the configuration'
ok 'they are installed again' install_new
ok '... the server runs' systemctl is-active --quiet pochtad.service
is "$(letters)" "letter 1 letter 2 " '... and has the mail'

ok 'a purge that cannot ask succeeds' dpkg_does --purge pochta pochta-client
like "$(cat "$T/dpkg")" "*mail and accounts are still in $store*" '... it says that the mail was kept'
ok '... which was' test -e $store/users/ann/account
is "$(servers)" '' '... no server runs'
tree >"$T/after"
is "$(diff "$T/before" "$T/after")" '' '... nothing else is left, but the user'

answer() { # yes|no: what is asked on a terminal
    install_new || return
    printf '%s\n' "$1" | DEBIAN_FRONTEND=readline TERM=dumb script -qec 'dpkg --purge pochta' /dev/null >"$T/asked" 2>&1
}
ok 'a purge asks' answer no
like "$(cat "$T/asked")" '*Remove all mail and accounts of the Pochta server?*' '... whether to remove the mail'
ok '... with the answer no it is kept' test -e $store/users/ann/account
ok 'a purge asks again' answer yes
ok '... with the answer yes the mail is removed' test ! -e $store

ok 'the packages are installed once more' install_new
echo 'pochta pochta/remove-mail boolean true' | debconf-set-selections
ok 'a purge for which the answer was given before' dpkg_does --purge pochta pochta-client
ok '... removes the mail' test ! -e $store
is "$(servers)" '' '... no server runs'
[ "$failed" = 0 ] || diag "$(cat /scene/log 2>/dev/null || journalctl --no-pager -u pochtad | tail -n 100)"
done_testing
