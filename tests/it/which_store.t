#!/bin/sh
# SPDX-License-Identifier: ISC
# Which store pochtactl works on: --store, POCHTA_STORE, the one in the current directory, the installed one.
. "$(dirname "$0")/lib.sh"
B=$(cd "$B" && pwd)
unset POCHTA_STORE

tell() { # DIR WORD...: output, errors and exit code of pochtactl there
    (cd "$1" && shift && "$B/pochtactl" "$@" 2>&1; echo "exit $?")
}
users() { tell "$T" "$@" user list | cut -f 1 | grep -v exit; } # OPTION...

start_server --store "$T/named"
register ann
ok 'the server ends in order' stop_server
start_server --store "$T/mailstore"
register bob
ok 'the server ends in order' stop_server

is "$(users)" bob 'without a name the store is mailstore in the current directory'
is "$(POCHTA_STORE=$T/named users)" ann 'POCHTA_STORE names another'
is "$(POCHTA_STORE='' users)" bob '... unless it is empty'
is "$(POCHTA_STORE=$T/mailstore users --store "$T/named")" ann '--store comes first'
is "$(POCHTA_STORE=$T/named tell "$T" user list carl)" "pochtactl: carl: no such user
pochtactl: the store is $T/named (from POCHTA_STORE); select another with --store or POCHTA_STORE
exit 67" 'an error says which store was used'
is "$(tell "$T" --store "$T/named" user list carl)" 'pochtactl: carl: no such user
exit 67' '... unless --store has named it'
is "$(POCHTA_STORE=$T/none tell "$T" who)" "pochtactl: $T/none: no server is running on this store
pochtactl: the store is $T/none (from POCHTA_STORE); select another with --store or POCHTA_STORE
exit 69" '... also if there is no store'

# doctor: the file of --config comes before the variable, if it names a store.
printf 'store = %s\n' "$T/config" >"$T/names.conf"
: >"$T/names_none.conf"
missing='cannot open the store'
subject() { tell "$T" doctor "$@" | grep -F "$missing" | cut -f 2; } # OPTION...
is "$(POCHTA_STORE=$T/none subject --config "$T/names.conf")" "$T/config" 'doctor: the store of the configuration'
is "$(POCHTA_STORE=$T/none subject --config "$T/names.conf" --store "$T/option")" "$T/option" '... but --store comes first'
is "$(POCHTA_STORE=$T/none subject --config "$T/names_none.conf")" "$T/none" '... a file without store: POCHTA_STORE'
is "$(POCHTA_STORE=$T/none subject)" "$T/none" '... without a file, too'

# The program, the unit and the manual agree on where the installed store is.
packaged=$(sed -n 's/.*--store \([^ ]*\).*/\1/p' "$here/../../contrib/pochtad.service" | sort -u)
like "$("$B/pochtactl" --help)" "*(\$POCHTA_STORE, mailstore or $packaged)*" 'the installed store is that of the unit'
like "$(cat "$here/../../docs/pochtactl.8")" "*.Pa $packaged ,*" '... and that of the manual'
done_testing
