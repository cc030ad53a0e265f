// Makes the answer to a request from the result of each event.
//
//   one event:  202 {"status":202,"id":…,"source":…}, or the problem itself
//   a batch:    {"accepted":n,"refused":m,"items":[{"index":0,"status":202,"id":…,"source":…} | {"index":1,"status":422,"problem":{…}}, …]}
//               under the status that all items share, or 207 where they differ
#pragma once

#include "common/http/problem.hpp"
#include "common/http/server.hpp"
#include "producers/gateway/judge.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::gateway {

/// The code of a refusal that names the content codings that are taken.
inline constexpr std::string_view kUnsupportedEncoding = "unsupported_encoding";

struct ItemAnswer {
  std::string id;  // that of the accepted event
  std::string source;
  std::optional<Refusal> refusal;
  [[nodiscard]] int status() const { return refusal ? refusal->problem.status : 202; }
};

[[nodiscard]] http::Response answer_event(const ItemAnswer& item);
[[nodiscard]] http::Response answer_batch(const std::vector<ItemAnswer>& items);
/// A refusal of the request as a whole.
[[nodiscard]] http::Response answer_refusal(const Refusal& refusal);
[[nodiscard]] http::Response answer_refusal(int status, std::string code, std::string detail);

}  // namespace weir::gateway
