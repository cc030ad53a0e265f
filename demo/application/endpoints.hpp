// Users who follow their organization give an endpoint of their own, which is called for each message. weir uses an endpoint once it has
// answered a challenge.
#pragma once

#include "common/core/result.hpp"
#include "common/encryption/key_ring.hpp"
#include "demo/clients/sql_session.hpp"

#include <string>

namespace weir::demo {

struct EndpointTerms {
  std::string urls;    // what every endpoint's URL begins with
  std::string secret;  // that signs the calls
};

/// Writes an endpoint for each follower of an organization, with URL and secret encrypted.
[[nodiscard]] Result<void> write_endpoints(SqlSession& session, encryption::KeyRing& ring, const EndpointTerms& terms);

}  // namespace weir::demo
