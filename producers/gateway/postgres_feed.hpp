// The messages of users over Postgres: each question is one transaction as role authenticated under the caller's claims.
#pragma once

#include "common/postgres/pool.hpp"
#include "producers/gateway/feed.hpp"

namespace weir::gateway {

class PostgresFeed final : public Feed {
 public:
  /// `connections`: as many as ask at once.
  PostgresFeed(postgres::Settings settings, std::size_t connections) : pool_(std::move(settings), connections) {}

  Result<Instant> now() override;
  Result<std::vector<FeedMessage>> after(const Identity& caller, const FeedPlace& place, std::size_t limit) override;
  Result<FeedPage> page(const Identity& caller, const std::optional<PagePlace>& before, std::size_t limit) override;
  Result<bool> mark_read(const Identity& caller, const Uuid& id) override;
  Result<std::int64_t> mark_all_read(const Identity& caller) override;

 private:
  template <class Ask>
  auto ask_as(const Identity& caller, Ask ask) -> decltype(ask(std::declval<postgres::Connection&>()));

  postgres::Pool pool_;
};

/// The claims of a transaction (request.jwt.claims) that row security reads.
[[nodiscard]] std::string claims_json(const Identity& caller);

}  // namespace weir::gateway
