/* SPDX-License-Identifier: ISC */
/* Whose mail a server with doors takes, and who may send without a login. */
#include "session/doors_service.h"

#include "store_fixture.h"

static struct door_key *open_key(struct store *s, const char *domain)
{
    struct door_key *k = NULL;

    if (door_key_open(s, domain, &k) != ST_OK)
        exit(1);
    return k;
}

static void test_domains(struct store *s)
{
    static const char *const domains[] = {"new.example", "b.example"};
    struct service_doors d = {.domains = domains, .ndomains = 2};

    door_key_free(open_key(s, "old.example"));
    struct door_key *key = open_key(s, "new.example");
    d.key = key;
    ok(doors_is_ours(&d, SPAN("new.example")), "doors_is_ours: the main domain");
    ok(doors_is_ours(&d, SPAN("B.Example")), "doors_is_ours: another one, in other letters");
    ok(doors_is_ours(&d, SPAN("OLD.example")), "doors_is_ours: one that was the main one earlier");
    ok(doors_is_ours(&d, SPAN("LocalHost")), "doors_is_ours: localhost");
    ok(!doors_is_ours(&d, SPAN("a.new.example")) && !doors_is_ours(&d, SPAN("example")),
       "doors_is_ours: neither what is below a domain nor above");
    ok(!doors_is_ours(&d, SPAN("")) && !doors_is_ours(&d, SPAN("new.example.")),
       "doors_is_ours: nor what only begins like one");
    door_key_free(key);
}

static void test_trusted(void)
{
    struct address_net nets[2];
    struct service_doors d = {.trusted = nets, .ntrusted = 2};

    if (!address_parse_net(SPAN("192.0.2.0/28"), &nets[0]) ||
        !address_parse_net(SPAN("2001:db8::7"), &nets[1]))
        exit(1);
    ok(doors_is_trusted(&d, "192.0.2.15"), "doors_is_trusted: an address of the first network");
    ok(doors_is_trusted(&d, "2001:db8::7"), "doors_is_trusted: the second one");
    ok(!doors_is_trusted(&d, "192.0.2.16") && !doors_is_trusted(&d, "2001:db8::8"),
       "doors_is_trusted: not those beside them");
    ok(!doors_is_trusted(&d, "") && !doors_is_trusted(&d, "unknown"),
       "doors_is_trusted: not what is no address");
    d.ntrusted = 0;
    ok(!doors_is_trusted(&d, "192.0.2.15"), "doors_is_trusted: nobody, if there is no network");
}

int main(void)
{
    struct fixture f;

    fixture_begin(&f);
    struct store *s = fixture_open(&f, true);
    test_domains(s);
    test_trusted();
    store_close(s);
    fixture_end(&f);
    return done_testing();
}
