// The events that the bench posts: page views of a thousand users, about 330 bytes each, no two alike.
#pragma once

#include "common/core/time.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace weir::bench {

inline constexpr std::uint64_t kUsers = 1'000;

/// "2026-11-20T10:00:": the minute in which the bench began, since events of long ago are refused.
inline const std::string kMinute = format_instant(SystemClock().now()).substr(0, 17);

inline void append_action(std::string& out, std::uint64_t number) {
  fmt::format_to(std::back_inserter(out),
                 R"({{"specversion":"1.0","id":"bench-{:012}","source":"/apps/web","type":"user.action","subject":"pages/{}",)"
                 R"("time":"{}{:02}.{:03}Z","userid":"99999999-2222-4333-8444-{:012}","sessionid":"s-{}",)"
                 R"("data":{{"action":"page.view","target":"/products/{}","duration_ms":{},"properties":{{"referrer":"search"}}}}}})",
                 number, number % 100, kMinute, number % 60, number % 1'000, number % kUsers, number % 5'000, number % 700,
                 number % 90'000);
}

/// POST /v1/events with the `count` events from `first` on: one as an object, more as an array.
inline void append_post(std::string& out, const std::string& key, std::uint64_t first, std::uint64_t count) {
  std::string body;
  if (count > 1) body += '[';
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) body += ',';
    append_action(body, first + i);
  }
  if (count > 1) body += ']';
  fmt::format_to(std::back_inserter(out),
                 "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n"
                 "Content-Length: {}\r\n\r\n",
                 key, body.size());
  out += body;
}

}  // namespace weir::bench
