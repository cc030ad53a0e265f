// Looks at the pipeline from outside, by SQL and the broker's own ends, for the live table.
#pragma once

#include "common/kafka/admin.hpp"
#include "demo/clients/sql_session.hpp"
#include "demo/stage/screen.hpp"
#include "demo/witness/verify.hpp"

#include <optional>

namespace weir::demo {

/// What the application has done so far.
struct Deeds {
  std::uint64_t changes = 0;
  std::uint64_t posts = 0;
  std::size_t submissions = 0;
  std::size_t completions = 0;
};

class Watch {
 public:
  Watch(SqlSession session, kafka::Admin& admin, const Expectation& expectation, const Clock& clock);

  /// Fills in what the pipeline shows; the caller fills in what the application did.
  [[nodiscard]] Result<Sight> look(const Deeds& deeds);
  [[nodiscard]] SqlSession& session() { return session_; }

 private:
  [[nodiscard]] Result<std::int64_t> lag();
  [[nodiscard]] Result<std::vector<MetricLine>> newest();

  SqlSession session_;
  kafka::Admin& admin_;
  const Expectation& expectation_;
  const Clock& clock_;
  SteadyInstant begin_;
  SteadyInstant last_;
  Sight before_;
};

}  // namespace weir::demo
