// What users confide to the application: answers of an assessment, credentials of a connector, the address of a destination. It encrypts
// them before it writes them, as docs/encryption.md asks of every application.
#pragma once

#include "common/encryption/key_ring.hpp"
#include "demo/application/world.hpp"
#include "demo/clients/given_answers.hpp"
#include "demo/clients/sql_session.hpp"

#include <string_view>
#include <vector>

namespace weir::demo {

/// The words that each confidence holds. Whoever has the database, the topics or the logs, but not the master key, must not find them.
inline constexpr std::string_view kAnswer = "I would rather nobody knew?";
inline constexpr std::string_view kCredential = "open+sesame/42";
inline constexpr std::string_view kAddress = "quiet.reader@demo.invalid";

/// One response, connector and destination for some users of each organization, encrypted by keys of the ring. The
/// response answers a code that no item has, so that it is refused. Gives the responses.
[[nodiscard]] Result<std::vector<GivenResponse>> write_confidences(SqlSession& session, encryption::KeyRing& ring, const World& world,
                                                                   Instant now);

}  // namespace weir::demo
