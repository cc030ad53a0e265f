// Webhooks lead nowhere that not everybody can reach, unless the operator allowed it. Connections are counted by a server that listens on
// every address of this machine.
#include "tests/component/notification_providers/delivery_world.hpp"
#include "tests/unit/http/hostile_urls.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace weir;
using namespace weir::testing;

namespace {

/// Counts the connections that are made to a port, by IPv4 and IPv6, and ends each at once.
class ConnectionCounter {
 public:
  ConnectionCounter() : socket_(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int off = 0;
    ::setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(socket_, generic, size) == 0);
    REQUIRE(::listen(socket_, SOMAXCONN) == 0);
    REQUIRE(::getsockname(socket_, generic, &size) == 0);
    port_ = ntohs(address.sin6_port);
    thread_ = std::thread([this] {
      for (int peer = ::accept(socket_, nullptr, nullptr); peer >= 0; peer = ::accept(socket_, nullptr, nullptr)) {
        ++count_;
        ::close(peer);
      }
    });
  }
  ConnectionCounter(const ConnectionCounter&) = delete;
  ConnectionCounter& operator=(const ConnectionCounter&) = delete;
  ~ConnectionCounter() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
  std::atomic<int> count_{0};
  std::thread thread_;
};

/// The URL with a port behind its host, where the host is plain and has none.
std::string with_port(std::string_view url, int port) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return std::string(url);
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view host = rest.substr(0, end);
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  const bool is_plain = host.find_first_of(":@\\%[") == std::string_view::npos;
  if (host.empty() || (!is_bracketed && !is_plain)) return std::string(url);
  return std::string(kScheme) + std::string(host) + ":" + std::to_string(port) + std::string(rest.substr(end));
}

/// The addresses by which this machine is reached, as URLs name them.
std::vector<std::string> own_addresses() {
  std::vector<std::string> texts;
  ifaddrs* all = nullptr;
  REQUIRE(::getifaddrs(&all) == 0);
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    char text[INET_ADDRSTRLEN];
    const auto* const address = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    texts.emplace_back(::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text));
  }
  ::freeifaddrs(all);
  return texts;
}

void add(DeliveryWorld& world, const std::string& provider, const std::string& url) {
  Outgoing& message = world.add(provider);
  message.address = url;
  message.secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
}

}  // namespace

TEST_CASE("hostile URLs of webhooks and Slack connect to nothing, and their messages are not lost at once") {
  if (!has_receivers()) return;
  const ConnectionCounter counter;
  DeliveryWorld world(Flags{{"webhook.allow", ""}, {"retry_pause", "10ms"}});
  for (const std::string_view hostile : kHostileUrls) {
    for (const std::string& url : {std::string(hostile), with_port(hostile, counter.port())}) {
      add(world, "webhook", url);
      add(world, "slack", url);
    }
  }
  std::vector<std::string> hosts{"127.0.0.1",  "localhost",          "[::1]",   "127.1", "2130706433",
                                 "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"};
  for (const std::string& own : own_addresses()) hosts.push_back(own);
  for (const std::string& host : hosts) {
    const std::string url = "http://" + host + ":" + std::to_string(counter.port());
    add(world, "webhook", url + "/hook");
    add(world, "slack", url + "/services/x");
  }
  CHECK(world.queue.rows.ids.size() > 4 * 80);
  const auto failed_twice = [&](const Uuid& id) { return world.course(id).starts_with("postponed postponed"); };
  world.run_until([&] { return std::ranges::all_of(world.queue.rows.ids, failed_twice); });
  CHECK(counter.count() == 0);
}

TEST_CASE("a connection to an address that the operator allowed is made, and counted") {
  if (!has_receivers()) return;
  const ConnectionCounter counter;
  DeliveryWorld world(Flags{{"webhook.allow", "127.0.0.1"}});
  add(world, "webhook", "http://127.0.0.1:" + std::to_string(counter.port()) + "/hook");
  world.run_until([&] { return counter.count() > 0; });
  CHECK(world.course(world.last()).find("accepted") == std::string::npos);
}

TEST_CASE("an organization's own account leads to public addresses alone") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"webhook.allow", ""}});
  const auto account = account_of(OrganizationId{Uuid::random()}, "pusher",
                                  {{"url", Receivers::running().url()}, {"app_id", "3"}, {"key", "278d425bdf160c739803"}},
                                  {{"secret", "7ad3773142a6692b25b8"}});
  REQUIRE(account.has_value());
  world.add("pusher").account = *account;
  world.run_until([&] { return world.course(world.last()).starts_with("postponed postponed"); });
  CHECK(Receivers::running().of(world.last()).empty());
}
