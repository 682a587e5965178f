# SPDX-License-Identifier: ISC
# Pochta. `make help` lists what can be made.

# What programs, manuals and packages say: docs/hacking.md, "Make a release".
VERSION  = 1.0
DATE     = 2026-11-30
PREFIX   = /usr/local
SYSCONFDIR = $(if $(PREFIX:/usr=),$(PREFIX)/etc,/etc)
DESTDIR  =
MODE     =
B        = build$(MODE:%=/%)

CC       = cc
OPT      = -O2 -g
CSTD     = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Wcast-qual -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough -Wno-psabi $(WERROR)
HARDEN   = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SAN      =
COUNT    =
CFLAGS   = $(CSTD) $(WARN) $(OPT) $(if $(SAN),$(SAN),$(HARDEN)) -pthread
CPPFLAGS = -iquote include -iquote src/server -iquote src -DPOCHTA_VERSION='"$(VERSION)"'
LDFLAGS  = $(if $(SAN),$(SAN),-pie -Wl,-z,relro,-z,now) -pthread
LDLIBS   = -lcrypt
Q        = $(if $(V),,@)
SAY      = @$(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),:,printf '%5s  %s\n')

asan:     export ASAN_OPTIONS = detect_leaks=1:abort_on_error=1:detect_stack_use_after_return=1
asan:     export UBSAN_OPTIONS = print_stacktrace=1
tsan:     export TSAN_OPTIONS = second_deadlock_stack=1
MODE_asan = MODE=asan OPT='-O1 -g -fno-omit-frame-pointer' \
            SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'
MODE_tsan = MODE=tsan OPT='-O1 -g' SAN=-fsanitize=thread
MODE_fuzz = MODE=fuzz CC=clang OPT='-O1 -g -fno-omit-frame-pointer' \
            SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
            UNTRACED=-fno-sanitize=fuzzer-no-link
MODE_windows = MODE=windows EXE=.exe CC=x86_64-w64-mingw32-gcc AR=x86_64-w64-mingw32-ar \
               CSTD='-std=gnu11 -D__USE_MINGW_ANSI_STDIO=1 -D__printf__=__gnu_printf__ \
                     -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000002 -isystem src/common/os/windows' \
               HARDEN='-fstack-protector-strong -D_FORTIFY_SOURCE=2' WERROR=-Werror \
               LDFLAGS='-static -municode -Wl,--dynamicbase,--high-entropy-va,--nxcompat' \
               LDLIBS='-lws2_32 -lbcrypt -ladvapi32 -lssp'
# tests/faults tells calls by their callers, which a jump in place of a call would hide.
MODE_i386 = MODE=i386 CC='$(CC) -m32' OPT='-O2 -g -fno-optimize-sibling-calls' WERROR=-Werror \
            LDLIBS='-Lbuild/i386/lib -l:libcrypt.so.1 -Wl,-rpath,$(CURDIR)/build/i386/lib'
# What helgrind-short looks at.
threaded = many.t fsck_busy.t send.t@udp2 session/gate_test store/commit_test store/lock_test \
           store/logged_delivery_test store/under_way_test
i386_tests = frames limits large word_sizes clock_ahead config_values
# Counts branches: see tests/coverage/run. Without assertions, whose other side is never reached; and tests/faults
# finds each function by its name.
MODE_coverage = MODE=coverage CC=clang OPT='-O1 -g -fno-inline -fno-optimize-sibling-calls -DNDEBUG' \
                COUNT='-fprofile-instr-generate=$(CURDIR)/build/coverage/profiles/%m%c -fcoverage-mapping \
                       -fprofile-update=atomic -mllvm -runtime-counter-relocation -Qunused-arguments'
FUZZ_SECONDS = 60
FUZZ_JOBS    = $(shell nproc)
SEEDS    = 100000
FROM     = 1

# The rooms, and what the programs, tests and rooms above may link of them: docs/house.md. Each is an
# archive; the linker takes symbols from the archives that follow.
above_base      = base
above_proto     = proto $(above_base)
above_mime      = mime $(above_base)
above_udp       = udp $(above_proto)
above_os        = os $(above_udp)
above_transport = transport $(above_os)
above_store     = store mime $(above_transport)
above_log       = log $(above_store)
above_config    = config $(above_log)
above_admin     = admin $(above_config)
above_ctl       = ctl $(above_admin)
above_session   = session $(above_admin)
above_doors     = doors $(above_session)
above_net       = net $(above_doors)
above_server    = server $(above_net)
above_client    = client mime $(above_transport)

in_common = base proto mime udp os transport
in_server = store log config admin ctl session doors net
rooms     = $(in_common:%=common/%) $(in_server:%=server/%) server client
archives  = $(patsubst %,$(B)/%.a,$(above_$(1)))
objects   = $(patsubst src/%.c,$(B)/%.o,$(filter-out %/main.c $(others),$(wildcard src/$(1)/*.c)))

# os/X_windows.c is the twin of os/X.c; these files of os serve both systems.
both_os = clock_calendar crypt_wipe file_content net_connect net_name random_hex
others  = $(if $(EXE),$(filter-out %_windows.c $(both_os:%=src/common/os/%.c),$(wildcard src/common/os/*.c)),%_windows.c)

campaign = $(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/crash/*.c))
compose  = $(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/client/*.c)) \
           $(filter-out %/campaign.o %/cut.o %/disk.o %/replay.o,$(campaign))
units    = $(patsubst tests/unit/%.c,$(B)/unit/%$(EXE),$(if $(EXE),$(of_client),$(filter-out %_windows_test.c,$(wildcard tests/unit/*/*_test.c))))
tarball  = $(B)/pochta-$(VERSION).tar.gz
comma    = ,
-include tests/unit/replaced.mk # what has no tests can be installed, too
# Those for Windows, but for those that make calls of Linux, or that set the time zone, which is no matter of
# a variable there.
of_client = $(filter-out $(of_linux:%=tests/unit/%_test.c),$(wildcard $(patsubst %,tests/unit/%/*_test.c,base proto mime udp client))) tests/unit/os/alike_test.c $(wildcard tests/unit/os/*_windows_test.c)
of_linux = base/address client/call client/draft client/draft_edit client/draft_view client/language client/secret \
    client/settings client/view $(patsubst replaced_%,%,$(filter replaced_%,$(.VARIABLES)))
for_windows = $(patsubst tests/%.c,$(B)/%.exe,$(wildcard tests/windows/*.c))
udp      = $(patsubst %,$(B)/udp/%,talk lossy sender)
simulation = $(patsubst tests/%.c,$(B)/%.o,$(filter-out $(udp:$(B)/%=tests/%.c),$(wildcard tests/udp/*.c)))
machine  = $(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/machine/*.c))
# The targets of the fuzzer, each of which libFuzzer calls, or a main that runs it on the files of its corpus.
fuzzed   = $(patsubst tests/fuzz/%.c,%,$(filter-out %/fuzz.c %/memory.c %/replay.c,$(wildcard tests/fuzz/*.c)))
targets  = $(fuzzed:%=$(B)/%)
replays  = $(fuzzed:%=$(B)/replay/%)
wholes   = $(fuzzed:%=$(B)/fuzz/%.whole.o)
# Those whose files, clock and random numbers are those of the simulated machine (tests/fuzz/memory.h).
in_memory = account draft invite mailbox maildir mbox pop3 proc redo session smtp store words
on_disk  = $(patsubst %,$(B)/machine/%.o,calls data disk machine names threads)
with_sqlite = $(B)/bench/sqlite
benches  = $(filter-out $(with_sqlite),$(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))) $(B)/bench/generate
generator = $(patsubst tests/%.c,$(B)/%.o,$(wildcard tests/bench/generator/*.c))
preloads = $(patsubst tests/it/%.c,$(B)/%.so,$(wildcard tests/it/*.c))
programs = $(B)/pochtad $(B)/pochta$(EXE) $(B)/pochtactl

all: $(programs) ## build the programs into build/

$(B)/pochtad: $(B)/server/main.o $(call archives,server)
$(B)/pochtactl: $(B)/server/ctl/main.o $(call archives,ctl)
$(B)/pochta$(EXE): $(B)/client/main.o $(call archives,client)
$(filter-out %/generate,$(benches)) $(with_sqlite): $(B)/%: $(B)/%.o
$(B)/bench/generate: $(generator)
$(benches): $(B)/client.a $(call archives,server)
$(with_sqlite): $(B)/base.a
$(with_sqlite): LDLIBS += -lsqlite3

$(B)/crash/campaign: $(campaign) $(call archives,client)
$(B)/client/compose: $(compose) $(call archives,client)
$(B)/hosts/load: $(B)/hosts/load.o $(call archives,client)

$(B)/udp/sim: $(simulation) $(call archives,transport)
$(udp): $(B)/%: $(B)/%.o $(call archives,client)
$(for_windows): $(B)/%.exe: $(B)/%.o
$(B)/udp/talk: LDFLAGS += -Wl,--wrap=connect,--wrap=send

# The calls that the simulated machine has instead of the real one.
wrapped = openat64 __openat64_2 open64 close mkdirat unlinkat renameat renameat2 fstatat64 fstat64 fstatfs64 \
    fstatvfs64 uname fopen64 fdopendir readdir64 closedir pread64 read pwrite64 write ftruncate64 fsync \
    fdatasync syncfs fcntl64 dup3 sem_open sem_close sem_unlink sem_trywait sem_post sem_getvalue \
    sem_init sem_destroy sem_wait sched_yield \
    pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_unlock pthread_cond_init \
    pthread_cond_destroy pthread_cond_wait pthread_cond_timedwait pthread_cond_signal \
    pthread_cond_broadcast pthread_create pthread_join clock_gettime time nanosleep ntp_adjtime getrandom \
    getpid
# On 32 bits those that have to do with a time have other names.
with_time = fstatat64=__fstatat64_time64 fstat64=__fstat64_time64 fcntl64=__fcntl_time64 \
    pthread_cond_timedwait=__pthread_cond_timedwait64 clock_gettime=__clock_gettime64 time=__time64 \
    nanosleep=__nanosleep64 ntp_adjtime=___adjtimex64
wrapped_64 = $(word 2,$(subst =, ,$(1)))
wrap_all = $(wrapped:%=-Wl,--wrap=%) $(if $(filter i386,$(MODE)),$(foreach t,$(with_time),$(call wrap_time,$(t))))
wrap_time = -Wl,--wrap=$(wrapped_64) -Wl,--defsym=__wrap_$(wrapped_64)=__wrap_$(firstword $(subst =, ,$(1)))
$(B)/machine/simulate: $(machine) $(call archives,session)
$(B)/machine/simulate: LDFLAGS += $(wrap_all)

# A target is linked in two steps. The first gives it the calls of the simulated machine; libFuzzer, which is
# added by the second, keeps the real ones.
$(wholes): $(B)/fuzz/%.whole.o: $(B)/fuzz/%.o $(B)/fuzz/fuzz.o $(B)/client.a $(B)/ctl.a $(call archives,server)
	$(SAY) LINK $@
	$(Q)$(CC) -r -nostdlib $(wraps) -o $@ $(filter %.o,$^) $(filter-out %.o,$^)
$(in_memory:%=$(B)/fuzz/%.whole.o): $(on_disk) $(B)/fuzz/memory.o
$(in_memory:%=$(B)/fuzz/%.whole.o): wraps = $(wrap_all) -Wl,--wrap=mkdtemp $(if $(filter i386,$(MODE)),$(call wrap_time,futimens=__futimens64),-Wl,--wrap=futimens)
$(B)/fuzz/sessions.whole.o: $(filter-out %/simulate.o,$(machine))
$(B)/fuzz/sessions.whole.o: wraps = $(wrap_all)
$(B)/fuzz/tty.whole.o: wraps = -Wl,--wrap=read,--wrap=isatty
# No input is kept for what the machine does.
$(B)/machine/%.o: CFLAGS += $(UNTRACED)
$(targets): $(B)/%: $(B)/fuzz/%.whole.o
$(targets): LDFLAGS += -fsanitize=fuzzer
$(replays): $(B)/replay/%: $(B)/fuzz/%.whole.o $(B)/fuzz/replay.o

# A unit test links the room it is of, and those below.
define room
$(B)/$(notdir $(1)).a: $(call objects,$(1))
$(filter $(B)/unit/$(notdir $(1))/%,$(units)): $(B)/%$(EXE): $(B)/%.o $(call archives,$(notdir $(1))) $(if $(EXE),$(B)/os.a $(B)/base.a)
endef
$(foreach r,$(rooms),$(eval $(call room,$(r))))
# A unit test that replaces calls: see tests/unit/replaced.mk.
$(units): LDFLAGS += $(patsubst %,-Wl$(comma)--wrap=%,$(replaced_$(@:$(B)/unit/%_test=%)))

$(programs) $(units) $(benches) $(with_sqlite) $(B)/crash/campaign $(B)/client/compose $(B)/hosts/load $(B)/udp/sim $(udp) $(B)/machine/simulate $(targets) $(replays) $(for_windows):
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) $(COUNT) -o $@ $+ $(LDLIBS)

$(B)/%.a:
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(COUNT) -MMD -MP -c -o $@ $<

$(B)/%.o: tests/%.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) -iquote tests/unit $(CFLAGS) -MMD -MP -c -o $@ $<

# Those that say the version.
$(B)/server/main.o $(B)/server/server.o $(B)/server/ctl/main.o $(B)/client/main.o: Makefile

$(B)/%.so: tests/it/%.c
	@mkdir -p $(@D)
	$(SAY) LINK $@
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

$(B)/faults.so: tests/it/faults.h

-include $(wildcard $(B)/*/*.d $(B)/*/*/*.d)

windows-units: windows
	+$(MAKE) $(MODE_windows) windows-units-there

windows-units-there: $(units) $(for_windows)

windows-check: setup all windows windows-units ## the tests of the client for Windows, under wine
	tests/run --windows $(B)

i386: ## everything for a 32-bit machine, into build/i386
	tests/setup i386
	tests/libcrypt32 build/i386/lib
	+$(MAKE) -j$$(nproc) $(MODE_i386) all units

i386-short: setup all i386 ## the unit tests of the programs for a 32-bit machine, and some others
	tests/run --i386 build/i386 unit/ $(i386_tests:%=/%.t)

i386-check: setup all i386 ## all tests, of the programs for a 32-bit machine
	tests/run --i386 --long build/i386

windows: ## the client for Windows, with mingw-w64: build/windows/pochta.exe
	tests/setup windows
	+$(MAKE) $(MODE_windows) build/windows/pochta.exe

demo: all ## a letter there and back, in front of your eyes
	tests/demo $(B)

check: setup all units ## install missing test tools, build, run the tests but for the longest
	tests/run $(B)

check-all: setup all units fuzzers ## all tests: also the longest, and all clients over UDP
	tests/setup hosts doors
	tests/run --long --udp $(B)

setup:
	tests/setup

lint: setup all ## every analyser over the whole tree; tests/lint TOOL FILE...: one over some files
	tests/lint

asan: setup ## the tests, but for the longest, under AddressSanitizer and UBSan; LONG=1: all tests
	+$(MAKE) -j$$(nproc) $(MODE_asan) all units
	tests/run --asan $(LONG:%=--long --udp) build/asan

tsan: setup ## the tests of the server, but for the longest, under ThreadSanitizer; LONG=1: all of these
	+$(MAKE) -j$$(nproc) $(MODE_tsan) all units
	tests/run --tsan $(LONG:%=--long --udp) build/tsan

asan-programs tsan-programs: %-programs:
	+$(MAKE) $(MODE_$*) all

memcheck: setup all units ## the unit tests, and sessions of all programs, under valgrind: memory, leaks; PART=0/2: every second
	tests/memcheck $(PART:%=--part %) $(B)

coverage: setup ## lines and branches that the tests reach, for each room
	tests/setup coverage
	+$(MAKE) -j$$(nproc) $(MODE_coverage) all units
	tests/coverage/run build/coverage

helgrind: setup all units ## the server and unit tests with threads under valgrind's helgrind: races, order of locks
	tests/memcheck --tool=helgrind $(B)

helgrind-short: setup all units ## what threads share in the store, and many clients, under helgrind
	tests/memcheck --tool=helgrind $(B) $(threaded)

crash: setup all units ## 1,000 kills of a server in use, and one at each system call
	tests/crash/kill $(B) --rounds 1000

faults: setup all units ## each call of server, tool and client fails once, and from there on for ever
	for test in $(B)/unit/*/*each_failure_test; do STRIDE=1 $$test || exit; done
	tests/faults/run $(B)

compose: setup all units ## 1,000 letters, while the client or the server ends at each key and step
	tests/client/compose $(B) --rounds 1000

screens: all ## writes tests/screens and those in the README again, as menu and verbs look now
	SCREENS=1 B=$(CURDIR)/$(B) tests/one tests/it/screens.t

backups: setup all $(B)/no_syncfs.so ## 200 backups while clients send; kills tool and server; then with power cuts
	tests/crash/backup $(B) --rounds 200
	for type in ext4 xfs; do \
	    tests/crash/backup $(B) --power $$type --rounds 150 && \
	    tests/crash/backup $(B) --power $$type --no-syncfs --rounds 50 || exit; \
	done

powercut: setup all units ## 1,000 power cuts each on ext4 and XFS
	tests/crash/powercut $(B) ext4 --rounds 1000
	tests/crash/powercut $(B) xfs --rounds 1000

replay: setup all units ## 2,000 states each of ext4 and XFS that a power cut may leave
	tests/crash/replay $(B) ext4 --states 2000
	tests/crash/replay $(B) xfs --states 2000

peers: all units ## 50 power cuts of Dovecot, Redis and Pochta on ext4: how much of the acknowledged is gone
	tests/setup bench
	tests/crash/peers $(B)

simulate: $(B)/udp/sim ## version 2 over UDP in 5,000 simulated networks
	$(B)/udp/sim --seeds 5000
	$(B)/udp/sim --speed

simulate-store: $(B)/machine/simulate ## the store on 100,000 machines that exist only in memory; SEEDS=N, FROM=N
	$(B)/machine/simulate --seeds $(SEEDS) --from $(FROM) --jobs $$(nproc)

hosts-nfs: setup all $(B)/hosts/load ## tests servers on three machines with NFS (user-mode Linux): power losses, a pulled cable (root; 10 minutes)
	tests/setup hosts-nfs
	tests/hosts/nfs

model: ## spin walks through all states of the locks of a store, and through broken rules
	tests/model/run

lossy: setup all units ## 10,000 messages over UDP, most of the network's faults, 5 kills
	tests/udp/once $(B) 10000 5 seed=20171203 loss=30 twice=10 late=20 every=20000 dark=5000

fuzz: setup fuzzers ## bytes made to reach more code: each target for FUZZ_SECONDS (60), FUZZ_JOBS of them at once
	prove --norc -v tests/fuzz/run :: --jobs $(FUZZ_JOBS) $(B)/fuzz $(B)/fuzz/corpus -max_total_time=$(FUZZ_SECONDS)

fuzz-merge: setup fuzzers ## writes tests/fuzz/corpus again: the smallest inputs that reach all that those of make fuzz do
	tests/fuzz/merge $(B)/fuzz $(B)/fuzz/corpus

controls: setup all units fuzzers ## plants bugs: each must be noticed; PART=0/4: every fourth of them
	prove --norc -v tests/crash/controls :: $(B) $(PART:%=--part %)

bench: all $(benches) $(preloads) ## how fast, against others and what the machine allows (root; 30 minutes); BENCH_WRITE=1: docs/benchmarks.md
	@test "$$(id -u)" != 0 || tests/setup bench || echo 'bench: goes on with the servers that are there'
	+@test ! -e /usr/include/sqlite3.h || $(MAKE) --no-print-directory $(with_sqlite)
	tests/bench/all $(B)

units: $(units) $(benches) $(B)/crash/campaign $(B)/client/compose $(B)/hosts/load $(B)/udp/sim $(udp) $(if $(SAN),,$(preloads) $(B)/machine/simulate) $(if $(MODE),,$(replays))

fuzzers:
	+@! tests/fuzz/able || $(MAKE) $(MODE_fuzz) $(or $(ONLY:%=$(B)/fuzz/%),targets)

targets: $(targets)

install: all ## into DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(B)/pochta $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(B)/pochtad $(B)/pochtactl $(DESTDIR)$(PREFIX)/sbin/
	test -e $(DESTDIR)$(SYSCONFDIR)/pochta/pochtad.conf || \
	    install -D -m 644 -t $(DESTDIR)$(SYSCONFDIR)/pochta contrib/pochtad.conf
	for page in docs/*.[1-8]; do \
	    install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || exit; done
	sed -i "s|^\.Dd .*|.Dd $$(LC_ALL=C date -d $(DATE) '+%B %-d, %Y')|; s|^\.Os$$|.Os Pochta $(VERSION)|" \
	    $(patsubst docs/%,$(DESTDIR)$(PREFIX)/share/man/*/%,$(wildcard docs/*.[1-8]))
	install -D -m 644 contrib/completion/pochta.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pochta
	for name in pochtactl pochtad; do \
	    ln -sf pochta $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$name || exit; done
	install -D -m 644 contrib/completion/_pochta \
	    $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pochta
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system contrib/pochtad.service contrib/pochtad.socket
	sed -i 's|/usr/local/etc/|$(SYSCONFDIR)/|; s|/usr/local/|$(PREFIX)/|' \
	    $(DESTDIR)$(PREFIX)/lib/systemd/system/pochtad.service
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/sysusers.d contrib/sysusers.d/pochta.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/tmpfiles.d contrib/tmpfiles.d/pochta.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/pochta contrib/stunnel.conf contrib/haproxy.cfg
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/pochta/fail2ban contrib/fail2ban/filter.d/pochtad.conf

uninstall: ## remove what install put there; the configuration and the mail stay
	rm -f $(DESTDIR)$(PREFIX)/bin/pochta $(DESTDIR)$(PREFIX)/sbin/pochtad $(DESTDIR)$(PREFIX)/sbin/pochtactl
	for page in docs/*.[1-8]; do \
	    rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit; done
	for name in pochta pochtactl pochtad; do \
	    rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$name || exit; done
	rm -f $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pochta
	rm -f $(DESTDIR)$(PREFIX)/lib/systemd/system/pochtad.service $(DESTDIR)$(PREFIX)/lib/systemd/system/pochtad.socket
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/pochta.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/pochta.conf
	rm -f $(DESTDIR)$(PREFIX)/share/doc/pochta/stunnel.conf $(DESTDIR)$(PREFIX)/share/doc/pochta/haproxy.cfg \
	    $(DESTDIR)$(PREFIX)/share/doc/pochta/fail2ban/pochtad.conf
	for dir in share/doc/pochta/fail2ban share/doc/pochta; do \
	    ! test -d $(DESTDIR)$(PREFIX)/$$dir || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/$$dir; done

dist: ## the source tarball build/pochta-VERSION.tar.gz of the files that git tracks
	@mkdir -p $(B)
	contrib/dist $(VERSION) $(DATE) $(tarball)

dist-check: ## the tarball twice, with the same bytes; it builds, and some of its tests pass
	tests/package/dist $(VERSION) $(DATE)

deb: dist ## Debian packages of server and client, checked by lintian, in build/deb
	tests/setup package
	contrib/deb $(VERSION) $(DATE) $(abspath $(tarball) $(B)/deb)

deb-check: deb ## installs, upgrades, removes and purges the packages in a chroot, and in a booted systemd (root)
	tests/package/check $(B)

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

.PHONY: all windows windows-units windows-units-there windows-check demo check check-all setup lint asan tsan \
        memcheck crash faults compose screens powercut replay peers simulate simulate-store model lossy fuzz \
        controls bench units fuzzers targets install uninstall dist dist-check deb deb-check clean help i386 \
        i386-short i386-check coverage fuzz-merge asan-programs tsan-programs helgrind helgrind-short backups \
        hosts-nfs
.SECONDARY:
