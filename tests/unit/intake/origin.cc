#include "core/intake/origin.hh"

#include <doctest/doctest.h>

namespace kwit {

TEST_SUITE("intake/origin") {
    TEST_CASE("a client's network is its /24 or /48") {
        CHECK(network_of("192.0.2.17") == "192.0.2.0/24");
        CHECK(network_of("::ffff:192.0.2.17") == "192.0.2.0/24");
        CHECK(network_of("2001:db8:1:2::3") == "2001:db8:1::/48");
        CHECK(network_of("") == "?");
        CHECK(network_of("192.0.2") == "?");
        CHECK(network_of("unix socket") == "?");
    }

    TEST_CASE("a sender's domain is that of the envelope") {
        CHECK(sender_domain_of("anna@Kunde.Example") == "kunde.example");
        CHECK(sender_domain_of("") == "<>");
        CHECK(sender_domain_of("nobody") == "?");
        CHECK(sender_domain_of("a@b@\xff") == "?");
    }
}

} // namespace kwit
