#include "common/http/request_head.hpp"

#include "common/core/text.hpp"

#include <cstddef>

namespace weir::http {

void split_target(std::string_view target, Request& request) {
  if (!target.starts_with('/')) {
    const std::size_t scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      const std::size_t path = target.find('/', scheme + 3);
      target = path == std::string_view::npos ? "/" : target.substr(path);
    }
  }
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
}

std::optional<HeadRefusal> head_refusal(const Request& request, unsigned version) {
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers) {
    if (name == "host") ++hosts;
    if (name == "transfer-encoding" && lower(value) != "chunked") return {{501, "The only transfer encoding that is read is chunked."}};
    if (name == "expect" && lower(value) != "100-continue") return {{417, "The only expectation that is met is 100-continue."}};
  }
  if (hosts > 1 || (hosts == 0 && version > 10)) return {{400, "A request has exactly one Host header."}};
  return std::nullopt;
}

}  // namespace weir::http
