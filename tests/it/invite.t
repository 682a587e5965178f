#!/bin/sh
# registration = open | closed | invite, and invites: each is good for one account, whatever happens.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|' unknown='Exit|1|storage error, outcome unknown|'
closed="${no}registration is closed here|" wanted="${no}registration here takes an invite|"
bad="${no}this invite is unknown, was used or has expired|"
tab=$(printf '\t')

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
invites() { ctl invite list | wc -l; }
sign_up() { talk "Register|3|$1|secret|$2|"; } # NAME CODE
exists() { talk "Login|2|$1|secret|" | grep -qF "$yes"; } # NAME
halves() { find "$T/store/new" -mindepth 1; }

# --- pochtactl, beside a server and without one ---

check_verbs() { # HOW
    code=$(ctl invite add)
    is "$(expr "$code" : '[0-9a-f]\{32\}$') $(invites)" '32 1' "$1: invite add prints a code"
    # shellcheck disable=SC2046
    set -- "$1" $(ctl invite list)
    is "$2 $(($(date -d "$4" +%s) - $(date -d "$3" +%s)))" "$code $((7 * 86400))" \
        "$1: ... for 7 days, as invite list says"
    ok "$1: invite delete" ctl invite delete "$code"
    is "$(invites)" 0 "$1: ... and it is gone"
    is "$(code ctl invite delete "$code") $(cat "$T/err")" \
        '67 pochtactl: this invite is unknown, was used or has expired' "$1: ... once"
    is "$(code ctl invite delete ../users) $(code ctl invite delete "$code.new")" '67 67' \
        "$1: what is no code is none"
    code=$(ctl i a 0)
    is "$(ctl --json inv list | sed "s/$code/CODE/; s/T[0-9:]*Z/TIME/; s/: \"$(date -u +%F)/: \"/")" '[
{"code": "CODE", "created": "TIME", "expires": "-"}
]' "$1: one that does not expire; words may be cut short"
    is "$(code ctl invite add x) $(code ctl invite add 36501) $(code ctl invite add 1 2)" '64 64 64' \
        "$1: what is no number of days, and too many"
    is "$(invites)" 1 "$1: ... makes none"
    ctl invite delete "$code"
}

start_server
check_verbs server
code=$(ctl invite add 3)
stop_server
is "$(invites)" 1 'an invite outlives the server'
ctl invite delete "$code"
check_verbs store
rmdir "$T/store/invites"
is "$(invites) $(code ctl fsck)" '0 0' 'a store that has no room for them yet gets it'

done_testing
