#!/bin/sh
# SPDX-License-Identifier: ISC
# make install and make uninstall: nothing of Pochta is left but the configuration and the mail.
. "$(dirname "$0")/lib.sh"
root=$T/root

# A copy, in which nothing is built: the tests that run at the same time use the build.
mkdir "$T/tree" && cp -R "$here/../../Makefile" "$here/../../docs" "$here/../../contrib" "$T/tree" || exit 1
mkdir "$T/build"
for program in pochta pochtad pochtactl; do echo "$program" >"$T/build/$program"; done
in_root() { # TARGET PREFIX: without the build, which make would start
    make -s -C "$T/tree" B="$T/build" DESTDIR="$root" PREFIX="$2" \
        -o all -o "$T/build/pochta" -o "$T/build/pochtad" -o "$T/build/pochtactl" "$1" >"$T/out" 2>&1 || {
        diag "$(cat "$T/out")"
        return 1
    }
}
left() { (cd "$root" && find . ! -type d | sort | tr '\n' ' '); }
directories() { (cd "$root" && find . -type d -name '*pochta*' -o -type d -name fail2ban | sort | tr '\n' ' '); }

for prefix in /usr/local /usr; do
    etc=.${prefix%/usr}/etc
    [ "$prefix" = /usr/local ] || etc=./etc
    rm -rf "$root"
    mkdir -p "$root$prefix/bin" "$root/var/lib/pochta"
    echo other >"$root$prefix/bin/other"
    echo mail >"$root/var/lib/pochta/mail"
    kept=$(printf '%s\n' ./var/lib/pochta/mail ".$prefix/bin/other" "$etc/pochta/pochtad.conf" | sort | tr '\n' ' ')
    ok "make install PREFIX=$prefix succeeds" in_root install "$prefix"
    ok '... and installs the programs' test -s "$root$prefix/bin/pochta" -a -s "$root$prefix/sbin/pochtad"
    echo 'login-delay = 1s' >"$root/$etc/pochta/pochtad.conf"
    ok "make uninstall PREFIX=$prefix succeeds" in_root uninstall "$prefix"
    is "$(left)" "$kept" '... and leaves the configuration, the mail and the files of others'
    is "$(directories)" "$(printf '%s\n' ./var/lib/pochta "$etc/pochta" | sort | tr '\n' ' ')" \
        '... and no directory of its own but those of the configuration and the mail'
    is "$(cat "$root/$etc/pochta/pochtad.conf")" 'login-delay = 1s' '... and the configuration as it was edited'
    ok 'make uninstall succeeds when nothing is installed' in_root uninstall "$prefix"
done
echo 'stray' >"$root/usr/bin/pochta-extra"
is "$([ "$(left)" = "$kept" ] || echo found)" found 'control: a file that is left over is found'
done_testing
