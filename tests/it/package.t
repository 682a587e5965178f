#!/bin/sh
# SPDX-License-Identifier: ISC
# The source tarball, and what the Debian package does when it is installed, upgraded, removed and purged: its scripts
# run with paths below $T, and with stand-ins for all but pochtad. make deb-check runs them as dpkg does.
. "$(dirname "$0")/lib.sh"
contrib=$B/../contrib # so that a bug that is planted in a copy of the tree is seen
[ -e "$contrib" ] || contrib=$here/../../contrib

# --- the tarball ---

tarball() { # FILE: its hash
    "$contrib/dist" 1.2 2026-01-02 "$T/$1" && sha256sum <"$T/$1"
}
mkdir -p "$T/tree/docs" && cp -R "$contrib" "$T/tree" || exit 1
echo 1 >"$T/tree/docs/z" && echo 2 >"$T/tree/a" && chmod 600 "$T/tree/a"
contrib=$T/tree/contrib
first=$(tarball first.tar.gz)
is "$(tar -tzf "$T/first.tar.gz" | grep -v contrib | tr '\n' ' ')" 'pochta-1.2/a pochta-1.2/docs/z ' 'the tarball has the files'
touch -d 2001-01-01 "$T/tree/a" && chmod 644 "$T/tree/a"
mkdir "$T/tree/build" && echo built >"$T/tree/build/b"
is "$(umask 077 && TZ=Asia/Tokyo && export TZ && tarball again.tar.gz)" "$first" '... and the same bytes at another time'
echo 3 >"$T/tree/a"
ok 'control: another byte is seen' test "$(tarball other.tar.gz)" != "$first"

# --- the scripts of the package ---

mkdir "$T/bin" "$T/booted" && store=$T/mail
cat >"$T/bin/deb-systemd-invoke" <<'END'
#!/bin/sh
echo "$*" >>"$CALLS"
exit "${INVOKE-0}"
END
printf '#!/bin/sh\nshift 3 && exec "$@"\n' >"$T/bin/runuser"
printf '#!/bin/sh\n' >"$T/bin/systemctl"
chmod +x "$T"/bin/*
cat >"$T/confmodule" <<'END'
db_stop() { :; }
db_go() { :; }
db_input() { echo "asked: $2" >&2; }
db_get() { RET=$ANSWER; }
END
CALLS=$T/calls
export CALLS

script() { # NAME ARGUMENT...: runs that script; what it said is in $T/err, what it had systemd do in $T/calls
    sed "s|/run/systemd/system|$T/${BOOTED-booted}|; s|/usr/share/debconf/confmodule|$T/confmodule|
        s|/var/lib/pochta|$store|; s|/etc/pochta/pochtad.conf|$T/conf|" "$contrib/debian/pochta.$1" >"$T/script"
    shift
    : >"$T/calls"
    PATH=$T/bin:$B:$PATH sh "$T/script" "$@" </dev/null >"$T/out" 2>"$T/err"
}
calls() { tr '\n' ';' <"$T/calls"; }

echo 'idle = 5m' >"$T/conf"
ok 'a new package is configured' script postinst configure
is "$(calls)" 'restart pochtad.service;' '... and starts the server'
echo 'idle = 5x' >"$T/conf"
ok 'an upgrade with a broken configuration succeeds' script postinst configure 0.9-1
is "$(calls)" '' '... and leaves the server alone'
like "$(cat "$T/err")" '*conf:1: idle: "5x"*not valid for this version*' '... it says why'
echo 'idle = 5m' >"$T/conf"
INVOKE=1 && export INVOKE
ok 'a server that does not start does not stop the upgrade' script postinst configure 0.9-1
like "$(cat "$T/err")" '*the server did not start*' '... it says so'
unset INVOKE
BOOTED=nowhere
ok 'without systemd the package is configured' script postinst configure
is "$(calls)" '' '... and starts nothing'
unset BOOTED

ok 'an upgrade begins' script prerm upgrade 1.1-1
is "$(calls)" '' '... and the server keeps running'
ok 'the package is removed' script prerm remove
is "$(calls)" 'stop pochtad.socket pochtad.service;' '... and stops the server'

mail_is() { [ -e "$store/users" ]; }
fresh_mail() { mkdir -p "$store/users"; }
fresh_mail
ANSWER=true && export ANSWER
ok 'the package is removed without a purge' script postrm remove
ok '... which keeps the mail' mail_is
ok 'a purge asks' script postrm purge
like "$(cat "$T/err")" '*asked: pochta/remove-mail*' '... whether the mail may go'
ok '... and removes it after a yes' test ! -e "$store"
ok 'a purge without mail' script postrm purge
is "$(cat "$T/err")" '' '... does not ask'
fresh_mail
ANSWER=false
ok 'a purge with the answer no' script postrm purge
ok '... keeps the mail' mail_is
like "$(cat "$T/err")" "*mail and accounts are still in $store*" '... and says where it is'
rm "$T/confmodule"
ANSWER=true
ok 'a purge without debconf' script postrm purge
ok '... keeps the mail' mail_is
done_testing
