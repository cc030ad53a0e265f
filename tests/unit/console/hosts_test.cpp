#include "operations/console/hosts.hpp"

#include <doctest/doctest.h>

#include <vector>

using weir::console::Hosts;

namespace {

const std::vector<std::string> kNone;

}  // namespace

TEST_CASE("on loopback the console is known by the names of this machine and its own port") {
  const Hosts hosts("127.0.0.1:8088", 8088, kNone);
  for (const char* own : {"127.0.0.1:8088", "localhost:8088", "LocalHost:8088", "[::1]:8088"}) CHECK_MESSAGE(hosts.is_own(own), own);
  for (const char* foreign : {"", "evil.example", "evil.example:8088", "127.0.0.1", "localhost", "localhost:80", "127.0.0.1:8089",
                              "127.0.0.1.evil.example:8088", "localhost:8088.evil.example", "localhost:8088@evil.example"})
    CHECK_FALSE_MESSAGE(hosts.is_own(foreign), foreign);
}

TEST_CASE("an address that it listens on is a name of its own, but not the address of every network") {
  CHECK(Hosts("10.0.0.7:8088", 8088, kNone).is_own("10.0.0.7:8088"));
  CHECK(Hosts("localhost:0", 41'234, kNone).is_own("localhost:41234"));
  CHECK_FALSE(Hosts("0.0.0.0:8088", 8088, kNone).is_own("0.0.0.0:8088"));
  CHECK(Hosts("127.0.0.1:80", 80, kNone).is_own("localhost"));
}

TEST_CASE("further names are taken with their port, or with any port where none is said") {
  const std::vector<std::string> allowed{"Weir.example.com", "other.example:8443"};
  const Hosts hosts("0.0.0.0:8088", 8088, allowed);
  CHECK(hosts.is_own("weir.example.com"));
  CHECK(hosts.is_own("weir.example.com:8443"));
  CHECK(hosts.is_own("other.example:8443"));
  CHECK_FALSE(hosts.is_own("other.example"));
  CHECK_FALSE(hosts.is_own("weir.example.com.evil.example"));
}

TEST_CASE("an origin is the console's own where it is that of the very name that was asked") {
  const std::vector<std::string> allowed{"weir.example.com"};
  const Hosts hosts("127.0.0.1:8088", 8088, allowed);
  CHECK(hosts.is_own_origin("http://127.0.0.1:8088", "127.0.0.1:8088"));
  CHECK(hosts.is_own_origin("https://weir.example.com", "weir.example.com"));
  CHECK_FALSE(hosts.is_own_origin("http://localhost:8088", "127.0.0.1:8088"));
  CHECK_FALSE(hosts.is_own_origin("http://evil.example", "127.0.0.1:8088"));
  CHECK_FALSE(hosts.is_own_origin("http://127.0.0.1:9999", "127.0.0.1:8088"));
  CHECK_FALSE(hosts.is_own_origin("http://evil.example", "evil.example"));
  CHECK_FALSE(hosts.is_own_origin("null", "127.0.0.1:8088"));
  CHECK_FALSE(hosts.is_own_origin("ftp://127.0.0.1:8088", "127.0.0.1:8088"));
}
