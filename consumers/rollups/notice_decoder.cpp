// Messages of weir cdc that stand in the place of changes that were left out (weir cdc skip).
#include "common/events/message.hpp"
#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/facts.hpp"

namespace weir::rollups {

namespace {

using runtime::Skipped;

class NoticeDecoder final : public runtime::Decoder {
 public:
  NoticeDecoder(std::string executions, std::string agents, const TimeLimits& limits)
      : executions_(std::move(executions)), agents_(std::move(agents)), limits_(limits) {}

  runtime::DecodeResult decode(const runtime::Record& record) override {
    auto read = events::read_message(record);
    if (auto* ending = std::get_if<runtime::Ending>(&read)) {
      return std::visit([](auto& why) { return runtime::DecodeResult(std::move(why)); }, *ending);
    }
    const auto& message = std::get<events::LogicalMessage>(read);
    // An application may emit any prefix, but only weir cdc can name a table.
    if (message.prefix != events::kSkipPrefix || message.table.empty()) return Skipped{"other_message"};
    const std::string table = "." + message.schema + "." + message.table;
    const bool is_execution = executions_.ends_with(table);
    if (!is_execution && !agents_.ends_with(table)) return Skipped{"other_table"};
    runtime::Decoded out;
    out.payload = std::make_unique<Fact>(
        Incomplete{is_execution ? Source::kExecutions : Source::kAgents, message.recorded_at + limits_.max_future, ""});
    out.recorded_at = message.recorded_at;
    return out;
  }

 private:
  std::string executions_;
  std::string agents_;
  TimeLimits limits_;
};

}  // namespace

std::shared_ptr<runtime::Decoder> notice_decoder(const std::string& executions, const std::string& agents, const TimeLimits& limits) {
  return std::make_shared<NoticeDecoder>(executions, agents, limits);
}

}  // namespace weir::rollups
