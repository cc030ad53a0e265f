// The epoch of a row is read in the row's own transaction: if another owner had raised it by the time of the commit, the commit would be
// refused.
#include "tests/chaos/tape/consumer.hpp"

#include "common/postgres/statements.hpp"
#include "tests/chaos/tape/decoders.hpp"

#include <csignal>
#include <map>

namespace weir::chaos {
namespace {

constexpr const char* kGroup = "weir.tape";
constexpr const char* kEpochs = "SELECT topic, partition, epoch FROM weir.consumer_offsets WHERE group_id = $1";
constexpr const char* kCopy =
    "COPY tape.events (topic, partition, record_offset, key, number, amount, epoch, writer) FROM STDIN (FORMAT binary)";
constexpr const char* kPoison = "SELECT tape.poison($1)";

Result<std::map<runtime::TopicPartition, std::int64_t>> epochs(postgres::Statements& connection) {
  const auto rows = WEIR_TRY(connection.query("tape_epochs", kEpochs, postgres::Params().add(kGroup)));
  std::map<runtime::TopicPartition, std::int64_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    found[{rows[i].get<std::string>(0), rows[i].get<std::int32_t>(1)}] = rows[i].get<std::int64_t>(2);
  }
  return found;
}

}  // namespace

runtime::Description TapeConsumer::describe() const {
  runtime::Description description;
  description.name = "tape";
  description.group = kGroup;
  for (const std::string& topic : options_.topics) description.topics.push_back({topic, [topic] { return tape_decoder(topic); }});
  description.flush = options_.flush;
  return description;
}

Result<std::vector<runtime::Outcome>> TapeConsumer::apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work& work,
                                                          Instant) {
  std::vector<runtime::Outcome> outcomes(batch.size(), runtime::Outcome{runtime::Done{}});
  std::vector<const runtime::Event*> taken;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const NumberedEvent& event = batch[i]->as<TapePayload>().event;
    if (event.poison == "crash") ::raise(SIGSEGV);
    if (event.poison == "forbidden") {
      outcomes[i] = runtime::Dead{"forbidden", "/poison", "a rule forbids it"};
    } else {
      taken.push_back(batch[i]);
    }
  }
  if (auto written = write(taken, work.statements()); !written && !options_.swallow) return fail(std::move(written).error());
  return outcomes;
}

Result<void> TapeConsumer::write(std::span<const runtime::Event* const> batch, postgres::Statements& connection) const {
  if (batch.empty()) return {};
  const auto epoch_of = WEIR_TRY(epochs(connection));
  postgres::CopyBuffer buffer;
  for (const runtime::Event* one : batch) {
    const NumberedEvent& event = one->as<TapePayload>().event;
    buffer.begin_row(8);
    buffer.text(one->record.topic);
    buffer.int4(one->record.partition);
    buffer.int8(one->record.offset);
    buffer.int8(event.key);
    buffer.int8(event.number);
    buffer.int8(event.amount());
    buffer.int8(epoch_of.at({std::string(one->record.topic), one->record.partition}));
    buffer.text(options_.writer);
  }
  WEIR_TRY(connection.copy_in(kCopy, buffer));
  for (const runtime::Event* one : batch) {
    const std::string& poison = one->as<TapePayload>().event.poison;
    if (!poison.empty()) WEIR_TRY(connection.query("tape_poison", kPoison, postgres::Params().add(poison)));
  }
  return {};
}

}  // namespace weir::chaos
