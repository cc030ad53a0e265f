// A valid action of each type, for tests to break.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

namespace weir::events::testing {

struct Example {
  std::string_view type;
  std::string_view data;  // with every member that the type knows
};

inline constexpr std::array<Example, 5> kExamples{{
    {"user.action", R"({"action":"page.view","target":"/reports","duration_ms":1200,"properties":{"depth":{"x":[1,2.5,null]}}})"},
    {"notification.requested",
     R"({"template":"report.ready","channels":["email","in_app"],"user_id":"00000000-0000-4000-8000-000000000001","priority":"high","variables":{"name":"Zoë"}})"},
    {"agent.execution.requested",
     R"({"agent_id":"00000000-0000-4000-8000-0000000000a1","task_type":"content_generator","input":{"prompt":"x"},"priority":5})"},
    {"report.requested",
     R"({"report":"agents.weekly","from":"2026-11-01T00:00:00Z","to":"2026-11-08T00:00:00.000000001+01:00","format":"pdf"})"},
    {"search.vector.requested", R"({"query":"who\nis it","limit":10,"filters":{"kind":"note"}})"},
}};

inline std::string event_of(std::string_view type, std::string_view data) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"e-1","source":"/apps/web","type":"{}","time":"2026-11-18T01:02:03.5Z","subject":"agents/42",)"
      R"("datacontenttype":"application/json","organizationid":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",)"
      R"("userid":"00000000-0000-4000-8000-000000000001","sessionid":"s-1",)"
      R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","shard":7,"data":{}}})",
      type, data);
}

inline std::string valid_event() { return event_of(kExamples[0].type, kExamples[0].data); }

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? std::string("nothing to replace") : text.replace(at, from.size(), to);
}

}  // namespace weir::events::testing
