# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with common.sh
# SPDX-License-Identifier: ISC
# pop3_login: what a mail program does to look for new mail: connect, USER, PASS, UIDL and QUIT, in a mailbox of
# 10,000 messages. Of Pochta, and of Dovecot with each of its formats, whose indexes are warm. Passwords are cheap to
# check.

LOGIN_BOX=${LOGIN_BOX:-10000} # messages; a multiple of 50
BYTES=1024

# shellcheck source=tests/bench/accounts.sh
. "$here/accounts.sh"

check_mail() { # NAME=VALUE
    generate "$runs" check user=reader "count=$LOGIN_BOX" "$1"
}

fill_login() { # doors | FORMAT
    use "$1"
    if [ "$1" = doors ]; then
        make_accounts "$T/mnt/$DATA/doors" reader 1 0 0
        start doors
        generate doors send user=reader connections=50 "bytes=$BYTES" "times=$((LOGIN_BOX / 50))"
        end_candidate doors
    else
        import_dovecot 1 reader "$LOGIN_BOX" "$BYTES"
    fi
}

login_one() { # doors | FORMAT
    use "$1"
    start "$runs"
    check_mail times=2
    check_mail "seconds=$SECONDS_EACH"
    end_candidate "$runs"
    note_answers login "$LOGIN_BOX" "$1"
    eval "rate_$1=\$rate"
}

login_round() {
    # shellcheck disable=SC2086 # several words
    in_turns login_one doors $formats
    note_ratios login "$LOGIN_BOX"
}

measure_pop3_login() {
    formats=$(formats_there)
    for candidate in doors $formats; do fill_login "$candidate"; done
    each_round login_round
    use_default
}

print_pop3_login() {
    heading "Login, UIDL and QUIT by POP3, $LOGIN_BOX messages, $ROUNDS rounds of $SECONDS_EACH s"
    for format in $formats; do
        row "login-by_$format" 2 'least 1' "times as fast as Dovecot, $format"
    done
    for candidate in doors $formats; do
        latency_rows login 2 "$candidate"
    done
}
