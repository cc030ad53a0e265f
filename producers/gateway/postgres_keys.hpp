// The KeySource over Postgres, with timeouts so short that a request never waits long for it: a statement that runs too long is ended by
// the server, a server that hangs is given up by us.
#pragma once

#include "common/postgres/pool.hpp"
#include "producers/gateway/key_directory.hpp"

namespace weir::gateway {

class PostgresKeys final : public KeySource {
 public:
  /// `connections`: as many as ask at once.
  PostgresKeys(postgres::Settings settings, std::size_t connections);
  Result<std::optional<ApiKey>> find(const KeyHash& hash) override;
  /// One small statement: does Postgres answer, and is public.api_keys there? Fault kPgSchema where it is not.
  [[nodiscard]] Result<void> check();

 private:
  postgres::Pool pool_;
};

}  // namespace weir::gateway
