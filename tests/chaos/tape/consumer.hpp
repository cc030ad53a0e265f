// The tape: a consumer that writes one row an event, with who wrote it and under which epoch, into a table that refuses no duplicate, so
// that every mistake can be seen afterwards. In everything else it is like every consumer of weir.
#pragma once

#include "common/runtime/consumer.hpp"

#include <string>
#include <vector>

namespace weir::chaos {

struct TapeOptions {
  std::string writer;               // name of this instance
  std::vector<std::string> topics;  // to read
  runtime::FlushLimits flush;
  bool swallow = false;  // passes over a failed statement in silence, which no consumer may do
};

class TapeConsumer final : public runtime::Consumer {
 public:
  explicit TapeConsumer(TapeOptions options) : options_(std::move(options)) {}

  [[nodiscard]] runtime::Description describe() const override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work& work,
                                              Instant now) override;

 private:
  Result<void> write(std::span<const runtime::Event* const> batch, postgres::Statements& connection) const;

  TapeOptions options_;
};

}  // namespace weir::chaos
