// The simulated users: they post actions to the gateway with their organization's key, and accept only the answer that the post deserves.
#pragma once

#include "common/core/result.hpp"
#include "demo/application/changes.hpp"
#include "demo/clients/http_client.hpp"

#include <functional>
#include <map>
#include <string>

namespace weir::demo {

class Visitors {
 public:
  /// `keys`: an API key for each organization. `stopped` ends a wait for a gateway that is away.
  Visitors(int gateway_port, std::map<Uuid, std::string> keys, std::function<bool()> stopped);

  /// Posts until an answer has come. After 503, 429 and a broken connection it posts again with the same id, as the gateway asks for.
  /// Gives whether the action was accepted (202). Fault kData: an answer that should not have come; kCancelled: stopped before any answer.
  [[nodiscard]] Result<bool> post(const Post& post);

 private:
  HttpClient client_;
  std::map<Uuid, std::string> keys_;
  std::function<bool()> stopped_;
};

}  // namespace weir::demo
