#include "tests/bench/rollups/events.hpp"

#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "producers/cdc/envelope.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

#include <iterator>

namespace weir::bench {

namespace {

constexpr std::int64_t kFirstOrganization = 0x0a1b2c3d4e5f;
constexpr Milliseconds kPatience{120'000};

/// splitmix64: one number gives one execution, on every machine.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9E3779B97F4A7C15ULL;
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBULL;
  return number ^ (number >> 31U);
}

std::string organization_id(std::int64_t number) { return fmt::format("7d0f8f2a-55f5-4fd6-8f4c-{:012x}", kFirstOrganization + number); }

kafka::Message message_of(const std::string& topic, const std::string& key, const std::string& value, Instant at) {
  kafka::Message message;
  message.topic = topic;
  message.key = key;
  message.value = value;
  message.timestamp_ms = unix_ms(at);
  return message;
}

/// "2026-11-18 01:02:03.123456+00", as Postgres writes it.
std::string postgres_text(Instant at) {
  std::string text = format_instant(at);
  text[10] = ' ';
  text.replace(text.size() - 1, 1, "+00");
  return text;
}

/// What weir rollups reads.
std::vector<std::string> topics_of(const std::string& prefix) {
  return {executions_topic(prefix), prefix + ".public.agent_instances", prefix + ".public.agent_task_queue", prefix + ".actions"};
}

}  // namespace

std::string_view name_of(Form form) { return form == Form::kSmallest ? "(b) smallest form" : "(a) as weir cdc writes them"; }

std::string executions_topic(const std::string& prefix) { return prefix + ".public.agent_executions"; }

void make_topics(const kafka::Settings& broker, const std::string& prefix, std::int32_t partitions, std::int32_t others) {
  // The day lies in the past: with a limit the broker would begin to delete what is still to be read.
  const std::map<std::string, std::string> kept{{"retention.ms", "-1"}, {"file.delete.delay.ms", "1000"}};
  std::vector<kafka::TopicSpec> topics;
  for (const std::string& name : topics_of(prefix)) {
    topics.push_back({name, name == executions_topic(prefix) || others == 0 ? partitions : others, 1, kept});
  }
  must(must(kafka::Admin::open(broker))->create_topics(topics));
}

void remove_topics(const kafka::Settings& broker, const std::string& prefix) {
  const auto admin = must(kafka::Admin::open(broker));
  for (const std::string& name : topics_of(prefix)) must(admin->delete_topic(name));
}

/// The values of one execution, all of them texts as Postgres writes them.
struct EventWriter::Execution {
  std::int64_t number;
  std::string organization;
  std::string agent;
  std::string_view status;
  Instant started_at;
  Instant ended_at;
  std::string time;
  std::string memory;
  std::string cpu;
  std::string quality;
  std::string confidence;
  std::string rating;
  std::uint64_t lsn;
};

struct EventWriter::Envelope {
  cdc::EnvelopeWriter writer{{"weir.cdc", "weir.cdc", "app", 8UL << 20U}};
  cdc::TableShape table;
  std::vector<cdc::OutRecord> out;
};

EventWriter::EventWriter(const Load& load) : load_(load), envelope_(std::make_unique<Envelope>()) {
  const auto type = [](cdc::Form form) { return cdc::ColumnType{form, 6, nullptr}; };
  const auto text = type(cdc::Form::kText);
  const auto real = type(cdc::Form::kReal);
  const auto integer = type(cdc::Form::kInteger);
  const auto instant = type(cdc::Form::kTimestampZoned);
  envelope_->table = {"public",
                      "agent_executions",
                      "",
                      {{"id", text},
                       {"organization_id", text},
                       {"agent_id", text},
                       {"user_id", text},
                       {"task_type", text},
                       {"status", text},
                       {"progress", integer},
                       {"started_at", instant},
                       {"completed_at", instant},
                       {"execution_time_ms", real},
                       {"memory_mb", real},
                       {"cpu_percent", real},
                       {"quality_score", real},
                       {"confidence_score", real},
                       {"user_rating", integer},
                       {"error_message", text},
                       {"input", text},
                       {"output", text},
                       {"created_at", instant},
                       {"updated_at", instant}},
                      {2},
                      false};
}

EventWriter::~EventWriter() = default;

EventWriter::Execution EventWriter::execution(std::int64_t number, Instant ended_at) const {
  const std::uint64_t dice = mixed(static_cast<std::uint64_t>(number));
  const auto roll = [&](unsigned shift, std::uint64_t sides) { return (dice >> shift) % sides; };
  const auto agent = mixed(~static_cast<std::uint64_t>(number)) % static_cast<std::uint64_t>(load_.agents);
  const std::uint64_t time = 20 + roll(0, 1'000) * roll(10, 20);
  return {number,
          organization_id(static_cast<std::int64_t>(agent) % load_.organizations),
          fmt::format("00000000-0000-4000-8000-{:012x}", agent),
          roll(3, 20) == 0   ? "failed"
          : roll(3, 20) == 1 ? "cancelled"
                             : "completed",
          ended_at - Milliseconds{time},
          ended_at,
          fmt::format("{}.{:03}", time, roll(20, 999) + 1),
          fmt::format("{}.25", 64 + roll(30, 900)),
          fmt::format("{}.5", roll(32, 99)),
          fmt::format("0.{:02}", 1 + roll(36, 99)),
          fmt::format("0.{:02}", 1 + roll(40, 99)),
          fmt::format("{}", 1 + roll(44, 5)),
          7'106'620'688 + static_cast<std::uint64_t>(number) * 640};
}

void EventWriter::write_smallest(const Execution& e, std::string& value) const {
  fmt::format_to(
      std::back_inserter(value),
      R"({{"before":null,"after":{{"id":"00000000-0000-4000-9000-{:012x}","organization_id":"{}","agent_id":"{}","status":"{}",)"
      R"("started_at":"{}","completed_at":"{}","progress":100,"execution_time_ms":{},"memory_mb":{},"cpu_percent":{},"quality_score":{},)"
      R"("confidence_score":{},"user_rating":{}}},"source":{{"name":"weir.cdc","db":"app","schema":"public","table":"agent_executions",)"
      R"("ts_ms":{},"sequence":"[\"{}\",\"{}\"]","txId":{}}},"op":"c"}})",
      e.number, e.organization, e.agent, e.status, format_instant(e.started_at), format_instant(e.ended_at), e.time, e.memory, e.cpu,
      e.quality, e.confidence, e.rating, unix_ms(e.ended_at), e.lsn - 560, e.lsn, 700 + e.number % 2'000'000'000);
}

void EventWriter::write_as_cdc(const Execution& e, std::string& value) {
  using cdc::pgoutput::Cell;
  const std::string id = fmt::format("00000000-0000-4000-9000-{:012x}", e.number);
  const std::string started = postgres_text(e.started_at);
  const std::string ended = postgres_text(e.ended_at);
  const auto text = [](std::string_view of) { return Cell{Cell::Kind::kText, of}; };
  const cdc::pgoutput::Tuple row{text(id),
                                 text(e.organization),
                                 text(e.agent),
                                 Cell{},
                                 text("content_generator"),
                                 text(e.status),
                                 text("100"),
                                 text(started),
                                 text(ended),
                                 text(e.time),
                                 text(e.memory),
                                 text(e.cpu),
                                 text(e.quality),
                                 text(e.confidence),
                                 text(e.rating),
                                 Cell{},
                                 text("{}"),
                                 Cell{},
                                 text(started),
                                 text(ended)};
  cdc::ChangeContext context;
  context.lsn = {e.lsn};
  context.last_commit = cdc::Lsn{e.lsn - 560};
  context.committed_at = e.ended_at;
  context.now = e.ended_at + Milliseconds{4};
  context.xid = static_cast<std::uint32_t>(700 + e.number % 2'000'000'000);
  envelope_->out.clear();
  envelope_->writer.insert(envelope_->table, context, row, envelope_->out);
  value = std::move(*envelope_->out.front().value);
}

void EventWriter::write(std::int64_t number, Instant ended_at, std::string& key, std::string& value) {
  const Execution e = execution(number, ended_at);
  key.clear();
  value.clear();
  fmt::format_to(std::back_inserter(key), R"({{"agent_id":"{}"}})", e.agent);
  if (load_.form == Form::kSmallest) {
    write_smallest(e, value);
  } else {
    write_as_cdc(e, value);
  }
}

void publish(const kafka::Settings& broker, const std::string& topic, const Load& load) {
  const auto producer = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
  EventWriter writer(load);
  std::string key;
  std::string value;
  for (std::int64_t i = 0; i < load.events; ++i) {
    // Whole microseconds: the last event lies within the span whatever their number.
    const auto into_the_span = static_cast<std::int64_t>(static_cast<__int128>(load.span.count()) * i / load.events);
    const Instant ended_at = load.from + Microseconds{into_the_span};
    writer.write(i, ended_at, key, value);
    while (!producer->send(message_of(topic, key, value, ended_at))) producer->wait_for_room(Milliseconds{100});
  }
  must(producer->flush(kPatience));
}

void publish_one(const kafka::Settings& broker, const std::string& topic, const Load& load, std::int64_t number, Instant ended_at) {
  const auto producer = must(kafka::Producer::open(broker, kafka::ProducerOptions{}));
  std::string key;
  std::string value;
  EventWriter(load).write(number, ended_at, key, value);
  if (!producer->send(message_of(topic, key, value, ended_at))) give_up("the producer has no room for one event");
  must(producer->flush(kPatience));
}

}  // namespace weir::bench
