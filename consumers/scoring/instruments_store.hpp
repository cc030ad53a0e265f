// Instruments in the database: an assessment with its items and norms, written from the JSON form that files have and read back into it.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/postgres/statements.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::scoring {

struct StoredInstrument {
  Uuid id;                           // assessments.id
  std::optional<Uuid> organization;  // none: of the library, for every organization
  std::string key;
  std::int32_t version = 0;
  std::string status;  // draft, published or retired
  std::optional<Instant> published_at;
  std::string document;  // as schemas/instrument.v1.json describes it
};

/// Reads the instruments with these ids, as far as they exist.
[[nodiscard]] Result<std::vector<StoredInstrument>> read_instruments(postgres::Statements& connection, std::span<const Uuid> ids);
/// Reads all instruments, in order of organization, key and version.
[[nodiscard]] Result<std::vector<StoredInstrument>> list_instruments(postgres::Statements& connection);

enum class Loading : std::uint8_t {
  kPublished,  // the version did not exist
  kUnchanged,  // the version exists, published or retired, with the same content
};

/// Publishes an instrument in which read_instrument found no fault; without an organization, for the library. Must be called within a
/// transaction. Fault kData: the version is published with another content, or a draft of it exists.
[[nodiscard]] Result<Loading> load_instrument(postgres::Statements& connection, const std::string& document,
                                              const std::optional<Uuid>& organization);

}  // namespace weir::scoring
