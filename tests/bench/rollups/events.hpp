// The load of rollups' benches: executions that ended, as changes of agent_executions with op c, 1,000 agents over one day of event time
// unless told, in order of time. There is no agent_instances row of them, so that rows come from executions alone. Records are keyed by
// agent_id, as cdc.keys allows, so that one agent's are on one partition.
#pragma once

#include "common/core/time.hpp"
#include "common/kafka/client.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::bench {

enum class Form : std::uint8_t {
  kAsWritten,  // as weir cdc writes them: about 950 bytes
  kSmallest,   // the least that the decoder must accept: about 550
};
[[nodiscard]] std::string_view name_of(Form form);

struct Load {
  Form form = Form::kSmallest;
  std::int64_t events = 1'000'000;  // they fill the span whatever their number, so that the rows stay the same
  std::int64_t agents = 1'000;
  std::int64_t organizations = 1;  // that share the agents
  Instant from = *parse_instant("2026-11-18T00:00:00Z");
  Microseconds span = std::chrono::hours{24};  // of event time
};

inline constexpr std::int32_t kPartitions = 6;  // of the shipped topics

/// Makes the topics that weir rollups reads, under `prefix`; `others`: partitions of those that stay empty, 0 for as many.
void make_topics(const kafka::Settings& broker, const std::string& prefix, std::int32_t partitions = kPartitions, std::int32_t others = 0);
/// Takes them away again; their room on the disk is free a moment later.
void remove_topics(const kafka::Settings& broker, const std::string& prefix);
[[nodiscard]] std::string executions_topic(const std::string& prefix);

/// Writes the whole load.
void publish(const kafka::Settings& broker, const std::string& topic, const Load& load);
/// Writes one event more.
void publish_one(const kafka::Settings& broker, const std::string& topic, const Load& load, std::int64_t number, Instant ended_at);

/// One execution that ended at `ended_at`, for a load that is steady. It overwrites `key` and `value`.
class EventWriter {
 public:
  explicit EventWriter(const Load& load);
  ~EventWriter();
  void write(std::int64_t number, Instant ended_at, std::string& key, std::string& value);

 private:
  struct Execution;
  [[nodiscard]] Execution execution(std::int64_t number, Instant ended_at) const;
  void write_smallest(const Execution& execution, std::string& value) const;
  void write_as_cdc(const Execution& execution, std::string& value);

  struct Envelope;
  Load load_;
  std::unique_ptr<Envelope> envelope_;
};

}  // namespace weir::bench
