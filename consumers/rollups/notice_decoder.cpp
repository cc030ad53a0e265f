// Messages of weir cdc that stand in the place of changes that were left out (weir cdc skip).
#include "common/events/message.hpp"
#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/facts.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::rollups {

namespace {

using runtime::Skipped;

class NoticeDecoder final : public runtime::Decoder {
 public:
  NoticeDecoder(std::string executions, std::string agents, std::string tasks, const TimeLimits& limits)
      : topics_{std::pair{Source::kExecutions, std::move(executions)}, std::pair{Source::kAgents, std::move(agents)},
                std::pair{Source::kTasks, std::move(tasks)}},
        limits_(limits) {}

  runtime::DecodeResult decode(const runtime::Record& record) override {
    auto read = events::read_message(record);
    if (auto* ending = std::get_if<runtime::Ending>(&read)) {
      return std::visit([](auto& why) { return runtime::DecodeResult(std::move(why)); }, *ending);
    }
    const auto& message = std::get<events::LogicalMessage>(read);
    // An application may emit any prefix, but only weir cdc can name a table.
    if (message.prefix != events::kSkipPrefix || message.table.empty()) return Skipped{"other_message"};
    const std::string table = "." + message.schema + "." + message.table;
    const auto topic = std::ranges::find_if(topics_, [&](const auto& one) { return one.second.ends_with(table); });
    if (topic == topics_.end()) return Skipped{"other_table"};
    runtime::Decoded out;
    out.payload = std::make_unique<Fact>(Incomplete{topic->first, message.recorded_at + limits_.max_future, ""});
    out.recorded_at = message.recorded_at;
    return out;
  }

 private:
  std::array<std::pair<Source, std::string>, 3> topics_;
  TimeLimits limits_;
};

}  // namespace

std::shared_ptr<runtime::Decoder> notice_decoder(const std::string& executions, const std::string& agents, const std::string& tasks,
                                                 const TimeLimits& limits) {
  return std::make_shared<NoticeDecoder>(executions, agents, tasks, limits);
}

}  // namespace weir::rollups
