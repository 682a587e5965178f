# shellcheck shell=sh
# over_udp.sh: runs tests of what goes over TCP once more with their clients on UDP; see lib.sh.

run_over() { # TRANSPORT TEST...
    transport=$1
    shift
    for test; do
        TRANSPORT=$transport B=$B timeout 120 sh "$here/$test.t" >"$T/$test" 2>&1
        result $? "$test.t over $transport" || diag "$(cat "$T/$test")"
    done
}
