#!/bin/sh
# SPDX-License-Identifier: ISC
# Accounts: Start, Exit, Register, Login, Logout, Password, Delete user.
. "$(dirname "$0")/lib.sh"
start_server --login-delay 1ms # how long who guesses waits is a matter of guess.t
yes='Answer|1|Yes|' no='Answer|2|Noop|'

is "$(talk 'Start|0|')" "$yes" 'Start'
open_conn 3
send 3 "$(frame 'Exit|0|')"
is "$(heard 3 1)" "$yes" 'Exit is answered'
ok 'Exit closes' wait_for 10 connected 0
close_conn 3

like "$(talk 'Register|2|ann|secret|' 'Show all|0|')" "$yes
$no*|" 'Register logs nobody in'
like "$(talk 'Register|2|ann|other|' 'Register|2|ANN|other|')" "$no*|
$no*|" 'a name is given once, capitals or not'
register bob
is "$(talk 'Login|2|Ann|secret|' 'Show all|0|')" "$yes
$yes" 'Login folds capitals'
like "$(talk 'Login|2|ann|other|' 'Show all|0|')" "$no*|
$no*|" 'registering a name again does not change its password'
is "$(talk 'Login|2|ann|wrong|')" "$(talk 'Login|2|nobody|wrong|')" \
    'a wrong password and an unknown name get the same words'

as ann 'Send mes|2|bob|for bob|' >/dev/null
like "$(as ann 'Login|2|bob|secret|' 'Show all|0|')" "$yes
Answer|2|Yes|1^ann^DATE^7^2^for bob^|" 'Login while logged in switches the user'
like "$(as bob 'Login|2|ann|wrong|' 'Show exact|1|1|')" "$no*|
Answer|2|Yes|1^ann^*|" 'a Login that fails leaves the user logged in'

like "$(as ann 'Logout|0|' 'Show all|0|' 'Logout|0|' 'Login|2|ann|secret|')" "$yes
$no*|
$no*|
$yes" 'after Logout the connection stays and nothing more is shown'

like "$(as ann 'Password|2|wrong|new|')" "$no*|" 'Password needs the old password'
like "$(as ann 'Password|2|secret||')" "$no*|" 'Password rejects a new password that breaks the rule'
open_conn 3
send 3 "$(frame 'Login|2|ann|secret|' 'Watch|0|')"
is "$(heard 3 2)" "$yes" 'ann is also logged in elsewhere'
is "$(as ann 'Password|2|secret|new|' 'Noop|0|')" "$yes
$yes" 'Password'
is "$(heard 3 3)" 'Exit|1|the password was changed|' '... ends the other sessions'
close_conn 3
like "$(talk 'Login|2|ann|secret|' 'Login|2|ann|new|')" "$no*|
$yes" 'only the new password is valid'

open_conn 3
send 3 "$(frame 'Login|2|bob|secret|')"
is "$(heard 3 1)" "$yes" 'bob is also logged in elsewhere'
like "$(as bob 'Delete user|0|' 'Show all|0|' 'Noop|0|' 'Login|2|bob|secret|')" "$yes
$no*|
$yes
$no*|" 'Delete user: the connection stays, logged out, and the name is unknown'
like "$(heard 3 2)" 'Exit|1|*|' 'other sessions of the deleted user get the reason'
ok '... and closed' wait_for 10 connected 0
close_conn 3
like "$(talk 'Login|2|ann|new|' 'Send mes|2|bob|lost|' | sed 1d)" "$no*|" 'mail to a deleted user is Noop'
register bob
is "$(as bob 'Show all|0|' 'Status|0|' | cut -d '|' -f 1-6)" "$yes
Answer|6|Yes|0|0|0" 'a name that is registered again begins with an empty mailbox'

# A wrong password costs no less work for an unknown name. For its time see guess.t and timing.t.
stop_server
with_real_hashes start_server
register dora
ticks() { awk '{ print $14 + $15 }' "/proc/$SERVER_PID/stat"; } # of the server's processor time
work() { # NAME: what three wrong passwords cost
    begun=$(ticks)
    for word in a b c; do talk "Login|2|$1|$word|" >/dev/null; done
    echo $(($(ticks) - begun))
}
known=$(work dora)
unknown=$(work nobody)
ok "an unknown name costs the server no less work ($unknown and $known ticks)" \
    test $((unknown * 2)) -ge "$known"
done_testing
