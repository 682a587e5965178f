#!/bin/sh
# SPDX-License-Identifier: ISC
# registration = open | closed | invite, and invites: each is good for one account, whatever happens.
. "$(dirname "$0")/lib.sh"
yes='Answer|1|Yes|' no='Answer|2|Noop|'
closed="${no}registration is closed here|" wanted="${no}registration here takes an invite|"
bad="${no}this invite is unknown, was used or has expired|"

ctl() { "$B/pochtactl" --store "$T/store" "$@" 2>"$T/err"; }
invites() { ctl invite list | wc -l; }
sign_up() { talk "Register|3|$1|secret|$2|"; } # NAME CODE
exists() { talk "Login|2|$1|secret|" | grep -qF "$yes"; } # NAME
halves() { find "$T/store/new" -mindepth 1; }

# --- pochtactl, beside a server and without one ---

check_verbs() { # HOW
    code=$(ctl invite add)
    is "$(expr "$code" : '[0-9a-f]\{32\}$') $(invites)" '32 1' "$1: invite add prints a code"
    # shellcheck disable=SC2046 # the columns of the list
    set -- "$1" $(ctl invite list)
    is "$2 $(($(date -d "$4" +%s) - $(date -d "$3" +%s)))" "$code $((7 * 86400))" \
        "$1: ... for 7 days, as invite list says"
    ok "$1: invite delete" ctl invite delete "$code"
    is "$(invites)" 0 "$1: ... and it is gone"
    is "$(code ctl invite delete "$code") $(cat "$T/err")" \
        '67 pochtactl: this invite is unknown, was used or has expired' "$1: ... once"
    is "$(code ctl invite delete ../users) $(code ctl invite delete "$code.new")" '67 67' \
        "$1: an invalid code is unknown"
    code=$(ctl i a 0)
    is "$(ctl --json inv list | sed "s/$code/CODE/; s/T[0-9:]*Z/TIME/; s/: \"$(date -u +%F)/: \"/")" '[
{"code": "CODE", "created": "TIME", "expires": "-"}
]' "$1: an invite that does not expire; words may be abbreviated"
    is "$(code ctl invite add x) $(code ctl invite add 36501) $(code ctl invite add 1 2)" '64 64 64' \
        "$1: an invalid number of days, and too many days"
    is "$(invites)" 1 "$1: ... creates no invite"
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
is "$(invites) $(code ctl fsck)" '0 0' 'a store without invites/ gets it'

# --- the modes ---

check_invites() { # MODE
    code=$(ctl invite add)
    is "$(sign_up "$1.one" "$code")" "$yes" "$1: an invite works"
    ok "$1: ... and there is the account" exists "$1.one"
    is "$(sign_up "$1.two" "$code")" "$bad" "$1: ... once"
    is "$(sign_up "$1.two" 0123456789abcdef0123456789abcdef)" "$bad" "$1: an unknown invite does not"
    is "$(sign_up "$1.two" ../../users; sign_up "$1.two" "${code}0")" "$bad
$bad" "$1: nor does an invalid one"
    code=$(ctl invite add)
    is "$(sign_up "$1.two" "$(echo "$code" | tr a-f A-F)x")" "$bad" "$1: nor does one in capitals"
    is "$(sign_up "$1.one" "$code")" "${no}this name is taken|" "$1: a name that is taken"
    like "$(sign_up 'A!' "$code")" "${no}a name has *" "$1: an invalid name"
    is "$(sign_up "$1.two" "$code")" "$yes" "$1: ... do not use it up"
    is "$(invites) $(halves)" '0 ' "$1: nothing is left"
    code=$(ctl invite add)
    ctl invite delete "$code"
    is "$(sign_up "$1.three" "$code")" "$bad" "$1: a revoked invite is answered like an unknown one"
    ok "$1: pochtactl user add works" sh -c "echo secret | '$B/pochtactl' --store '$T/store' user add $1.add"
}

for mode in open closed invite; do
    start_server --registration "$mode"
    case $mode in open) want=$yes ;; closed) want=$closed ;; invite) want=$wanted ;; esac
    is "$(talk "Register|2|$mode|secret|")" "$want" "$mode: without an invite"
    is "$(sign_up "$mode.empty" '')" "$want" "$mode: an empty invite is no invite"
    [ "$mode" = open ] || is "$(talk 'Register|2|open|secret|' "Register|3|open|secret|$(printf '%032d' 0)|")" \
        "$want
$bad" "$mode: the answer does not reveal which names are taken"
    check_invites "$mode"
    stop_server
done
like "$("$B/pochtad" --store "$T/other" --registration never 2>&1)" '*registration*open, closed, invite*' \
    'an invalid mode: the error lists the modes'
printf 'registration = closed\n' >"$T/config"
start_server --config "$T/config"
is "$(talk 'Register|2|zoe|secret|')" "$closed" 'registration in the configuration file'

# --- what it costs, and who learns of it ---

code=$(ctl invite add)
used=$(ctl invite add)
sign_up log.one "$used" >/dev/null
sign_up log.two "$used" >/dev/null
ctl invite delete "$code"
ctl invite delete "$used"
is "$(grep -c -e "$code" -e "$used" "$T/log")" 0 'the log has no code'
is "$(tail -n 2 "$T/log" | sed -n 's/.*\(event=admin.*\)/\1/p')" \
    'event=admin verb="invite delete" code=0 level=notice
event=admin verb="invite delete" code=67 level=notice' '... but it has the event'
is "$(grep -c 'event=register.*log.two' "$T/log")" 0 'a rejected Register logs nothing at the default level'
stop_server
with_real_hashes start_server --config "$T/config"
ticks() { awk '{ print $14 + $15 }' "/proc/$SERVER_PID/stat"; } # of the server's processor time
work() { # CODE: what ten attempts cost
    begun=$(ticks)
    for i in 0 1 2 3 4 5 6 7 8 9; do sign_up "work$i" "$1" >/dev/null; done
    echo $(($(ticks) - begun))
}
refused=$(work "$used")
begun=$(ticks)
for i in 0 1 2; do sign_up "work$i" "$(ctl invite add)" >/dev/null; done
made=$(($(ticks) - begun))
ok "ten refusals ($refused ticks) cost no more than three accounts ($made)" test "$refused" -le "$made"

# --- expiry ---

expire() { # CODE: as if it had been made long ago
    printf 'pochta-invite 1\ncreated 1\nexpires 2\n' >"$T/store/invites/$1"
}
over=$(ctl invite add 1)
expire "$over"
is "$(sign_up late "$over")" "$bad" 'an expired invite is answered like an unknown one'
is "$(invites)" 0 '... and not listed'
rm "$T/store/invites/$over"
stop_server
start_server --registration invite

# --- once each, with twenty at a time ---

race() { # NAME...: Registers at the same moment with one code; prints the answers
    code=$(ctl invite add)
    rm -f "$T/race".*
    pids=''
    for name; do
        sign_up "$name" "$code" >"$T/race.$name" &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid"; done
    cat "$T/race".* | sort | uniq -c | sed 's/^ *//'
}
for round in 1 2 3; do
    # shellcheck disable=SC2046 # names without blanks
    set -- $(seq -f "race$round.%02g" 20)
    is "$(race "$@")" "1 $yes
19 $bad" "twenty with one invite, round $round: one account"
    is "$(find "$T/store/users" -name "race$round.*" | wc -l) $(invites) $(halves)" '1 0 ' \
        '... and nothing else'
done

# --- fsck ---

is "$(code ctl fsck)" 0 'fsck finds nothing'
like "$(find "$T/store/users/race1."*/ -name 'invite-*' | wc -l)" 1 '... though an account was created with the invite'
is "$(grep -c 'is not a message' "$T/log")" 0 '... of which the log says nothing'
code=$(ctl invite add)
echo nonsense >"$T/store/invites/$code"
touch "$T/store/invites/strange" "$T/store/invites/$(printf '%032d' 7).new"
is "$(ctl fsck | sort | sed -n '/^invites/p')" "$(sort <<END
invites/$code: its contents are damaged
invites/strange: not an invite
END
)" 'fsck knows the invites'
is "$(sign_up damaged "$code")" "$bad" 'a damaged invite is answered like an unknown one'
is "$(grep -c 'a file in invites is damaged' "$T/log") $(grep -c "$code" "$T/log")" '1 0' \
    '... the log says that an invite is damaged, but not which'
rm "$T/store/invites/$code" "$T/store/invites/strange"
stop_server
start_server --registration invite
is "$(ls "$T/store/invites")" '' 'an incomplete invite is removed at the start'

# --- the client ---

export POCHTA_SERVER="127.0.0.1:$PORT" POCHTA_PASSWORD=secret
pochta() { "$B/pochta" "$@" 2>"$T/err"; }
is "$(code pochta register --user cl1) $(cat "$T/err")" \
    '65 pochta: cl1: registration here takes an invite' 'pochta register without an invite'
is "$(POCHTA_INVITE=$(ctl invite add) code pochta register --user cl1)" 0 '... with POCHTA_INVITE'
ctl invite add >"$T/invite"
is "$(code pochta register --user cl2 --invite-file "$T/invite")" 0 '... with --invite-file'
is "$(code pochta register --user cl3 --invite-file "$T/invite") $(cat "$T/err")" \
    '65 pochta: cl3: this invite is unknown, was used or has expired' '... once'
is "$(ctl invite add | pochta register --user cl3 --invite-file -; echo $?)" 0 '... from standard input'
echo short >"$T/invite"
is "$(code pochta register --user cl4 --invite-file "$T/invite") $(cat "$T/err")" \
    "65 pochta: the first line of $T/invite is not a valid invite: an invite has 32 of 0-9 a-f" \
    'an invalid invite'
is "$(POCHTA_INVITE=short code pochta register --user cl4)" 65 '... in the variable'
is "$(code pochta register --user cl4 --invite-file "$T/nowhere")" 66 'a file that is not there'
is "$(code pochta list --user cl1 --invite-file "$T/invite")" 64 'an invite with a command that takes none'
is "$(code pochta register --user cl4 --invite-file - --password-file -)" 64 \
    'standard input for two things'
unset POCHTA_PASSWORD POCHTA_SERVER
done_testing
