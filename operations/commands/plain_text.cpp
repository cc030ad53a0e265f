#include "operations/commands/plain_text.hpp"

#include "common/postgres/dsn.hpp"

#include <vector>

namespace weir::operations {

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

/// host:port or [v6]:port without its port.
std::string host_of(const std::string& broker) {
  if (broker.starts_with('[')) return broker.substr(1, broker.find(']') - 1);
  return broker.substr(0, broker.rfind(':'));
}

}  // namespace

bool is_loopback(std::string_view host) {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.") || host.starts_with("/") || host.starts_with("@");
}

std::string plain_text_broker(const kafka::Settings& settings) {
  const auto protocol = settings.properties.find("security.protocol");
  const bool encrypted = protocol != settings.properties.end() && protocol->second.ends_with("SSL");
  if (encrypted) return "";
  for (const std::string& broker : split(settings.brokers)) {
    if (!is_loopback(host_of(broker))) return broker;
  }
  return "";
}

std::string plain_text_host(const std::string& dsn) {
  auto given = postgres::dsn_options(dsn);
  const std::string mode = given["sslmode"];
  if (mode == "require" || mode == "verify-ca" || mode == "verify-full") return "";
  for (const std::string& host : split(given.contains("hostaddr") ? given["hostaddr"] : given["host"])) {
    if (!is_loopback(host)) return host;
  }
  return "";
}

}  // namespace weir::operations
