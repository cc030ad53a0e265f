// Addresses in canonical form, networks, and which addresses everybody can reach.
#include "common/http/address.hpp"

#include <doctest/doctest.h>

#include <string>

using weir::http::Address;
using weir::http::is_loopback;
using weir::http::Network;
using weir::http::not_public;

namespace {

std::string judged(const std::string& text) {
  const auto address = Address::parse(text);
  if (!address) return "unreadable";
  return std::string(not_public(*address).value_or("public"));
}

}  // namespace

TEST_CASE("an address is read in its canonical form alone, and written so") {
  for (const char* text : {"1.2.3.4", "255.255.255.255", "::", "::1", "2001:db8::1", "::ffff:127.0.0.1", "fe80::1"}) {
    REQUIRE(Address::parse(text).has_value());
    CHECK(Address::parse(text)->text() == text);
  }
  for (const char* text : {"", "1.2.3", "1.2.3.4.", "01.2.3.4", "1.2.3.256", "127.1", "0x7f.0.0.1", "2130706433", " 1.2.3.4", "1.2.3.4 ",
                           "0:0:0:0:0:0:0:1", "2001:DB8::1", "2001:0db8::1", "::ffff:7f00:1", "fe80::1%eth0", "[::1]", ":", "1::2::3"})
    CHECK_FALSE(Address::parse(text).has_value());
}

TEST_CASE("a network has all addresses that begin with its bits") {
  const Network ten = *Network::parse("10.0.0.0/8");
  CHECK(ten.contains(*Address::parse("10.255.255.255")));
  CHECK_FALSE(ten.contains(*Address::parse("11.0.0.0")));
  const Network odd = *Network::parse("172.16.0.0/12");
  CHECK(odd.contains(*Address::parse("172.31.255.255")));
  CHECK_FALSE(odd.contains(*Address::parse("172.32.0.0")));
  CHECK(Network::parse("0.0.0.0/0")->contains(*Address::parse("8.8.8.8")));
  CHECK_FALSE(Network::parse("0.0.0.0/0")->contains(*Address::parse("::1")));
  CHECK(Network::parse("::1")->contains(*Address::parse("::1")));
  CHECK_FALSE(Network::parse("::1")->contains(*Address::parse("::2")));
  for (const char* text : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10/8", "::/129", "localhost"})
    CHECK_FALSE(Network::parse(text).has_value());
}

TEST_CASE("each network that is not public has these edges") {
  const std::string pub = "public";
  struct Edge {
    const char* below;
    const char* first;
    const char* last;
    const char* above;
  };
  for (const Edge& edge :
       {Edge{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
        Edge{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
        Edge{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
        Edge{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
        Edge{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
        Edge{"191.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9"}, Edge{"192.0.0.10", "192.0.0.11", "192.0.0.255", "192.0.1.0"},
        Edge{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"}, Edge{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
        Edge{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
        Edge{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
        Edge{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
        Edge{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
        Edge{"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
        Edge{"2001:4:111:ffff:ffff:ffff:ffff:ffff", "2001:4:113::", "2001:1f:ffff::", "2001:20::"},
        Edge{"2001:3f:ffff::", "2001:40::", "2001:1ff:ffff::", "2001:200::"},
        Edge{"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::"}, Edge{"2001:ffff::", "2002::", "2002:ffff::", "2003::"},
        Edge{"3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::"}}) {
    CAPTURE(edge.first);
    CHECK(judged(edge.first) != pub);
    CHECK(judged(edge.last) != pub);
    CHECK(judged(edge.above) == pub);
    if (std::string(edge.below) != "2001:4:111:ffff:ffff:ffff:ffff:ffff") CHECK(judged(edge.below) == pub);
  }
  CHECK(judged("0.0.0.0") == "this network");
  CHECK(judged("0.255.255.255") == "this network");
  CHECK(judged("1.0.0.0") == pub);
  CHECK(judged("223.255.255.255") == pub);
  for (const char* text : {"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"}) CHECK(judged(text) != pub);
}

TEST_CASE("of IPv6 only 2000::/3 is public, and translated addresses are judged by the IPv4 address inside") {
  for (const char* text : {"::", "::1", "::2", "::127.0.0.1", "::ffff:8.8.8.8", "100::1", "64:ff9b:1::1", "1fff::1", "4000::1", "5f00::1",
                           "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1", "2001::1", "2001:2::1"}) {
    CAPTURE(text);
    CHECK(judged(text) != "public");
  }
  CHECK(judged("2606:2800:220:1:248:1893:25c8:1946") == "public");
  CHECK(judged("2001:4860:4860::8888") == "public");
  CHECK(judged("2001:1::1") == "public");
  CHECK(judged("64:ff9b::808:808") == "public");
  CHECK(judged("64:ff9b::7f00:1") == "loopback");
  CHECK(judged("64:ff9b::a9fe:a9fe") == "link-local");
}

TEST_CASE("loopback is loopback in both families") {
  CHECK(is_loopback(*Address::parse("127.8.8.8")));
  CHECK(is_loopback(*Address::parse("::1")));
  CHECK_FALSE(is_loopback(*Address::parse("10.0.0.1")));
}
