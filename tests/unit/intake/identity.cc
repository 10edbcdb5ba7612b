#include "core/intake/identity.hh"

#include "core/intake/admission.hh"

#include <doctest/doctest.h>

#include <vector>

namespace kwit {

namespace {

using Fields = std::vector<mime::HeaderField>;

Digest
identity_of(const Fields& fields, std::string_view body, std::string_view queue_id = "4ABCD") {
    Identity identity(fields, queue_id);
    identity.body(as_bytes(body));
    return std::move(identity).finish();
}

} // namespace

TEST_SUITE("intake/identity") {
    const Fields mail = {
        {"From", " a@kunde.example"},
        {"Subject", " x"},
        {"Date", " d"},
        {"Message-ID", " <1@kunde.example>"}};

    TEST_CASE("what the way adds does not count, what the sender wrote does") {
        const Digest first = identity_of(mail, "body");
        Fields more = mail;
        more.insert(more.begin(), {"Received", " from x"});
        more.push_back({"Authentication-Results", " mx; none"});
        CHECK(identity_of(more, "body") == first);
        CHECK_FALSE(identity_of(mail, "bodY") == first);
        for (std::size_t i = 0; i < mail.size(); ++i) {
            Fields other = mail;
            other[i].value += "z";
            CHECK_FALSE(identity_of(other, "body") == first);
        }
    }

    TEST_CASE("a Message-ID of our own MTA's making is left out with the Date") {
        Fields first = mail;
        first[3].value = " <20261121.4ABCD@mx.example.com>";
        Fields second = first;
        second[2].value = " later";
        second[3].value = " <20261121.4WXYZ@mx.example.com>";
        CHECK(identity_of(first, "body", "4ABCD") == identity_of(second, "body", "4WXYZ"));
        CHECK_FALSE(identity_of(first, "body", "") == identity_of(second, "body", ""));
    }

    TEST_CASE("a header cannot pretend to be the body") {
        CHECK_FALSE(
            identity_of({{"Subject", "x"}}, "date:d\n\n") ==
            identity_of({{"Subject", "x"}, {"Date", "d"}}, "")
        );
    }
}

TEST_SUITE("intake/admission") {
    TEST_CASE("as many as the limit enter, one more does not, and a place is given back") {
        Admission admission;
        auto first = admission.enter(2);
        const auto second = admission.enter(2);
        CHECK(first.has_value());
        CHECK(second.has_value());
        CHECK_FALSE(admission.enter(2).has_value());
        CHECK(admission.full(2));
        first.reset();
        CHECK(admission.enter(2).has_value());
    }
}

} // namespace kwit
