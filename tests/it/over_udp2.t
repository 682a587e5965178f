#!/bin/sh
# What the commands and the client do over TCP they do over version 2 of UDP.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/over_udp.sh
. "$here/over_udp.sh"

run_over udp2 account capture client delete generation limits many menu report resend send show sync \
    trash version2 watch
done_testing
