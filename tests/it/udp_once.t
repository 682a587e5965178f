#!/bin/sh
# SPDX-License-Identifier: ISC
# A short run of what `make lossy` does, with fewer faults: no message is lost or doubled, whatever the
# network loses and though the server is killed.
exec sh "$(dirname "$0")/../udp/once" "${B:-$(dirname "$0")/../../build}" 240 1 \
    seed=20171203 loss=15 twice=10 late=20 every=2000 dark=200
