#include "common/host/consumer_host.hpp"

#include "common/group/group_source.hpp"
#include "common/host/told_event.hpp"
#include "common/kafka/admin.hpp"
#include "common/ledger/postgres_letters.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "common/runtime/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <random>

namespace weir::host {

namespace {

std::string key(const std::string& consumer, std::string_view field) { return fmt::format("consumers.{}.{}", consumer, field); }

Milliseconds milliseconds(const config::Configuration& configuration, const std::string& name) {
  return std::chrono::duration_cast<Milliseconds>(configuration.duration(name));
}

/// The operator creates topics. One that is missing is told at once, not only after the group has been joined.
Result<void> check_topics(const kafka::Settings& settings, const runtime::Description& description) {
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  WEIR_TRY(admin->ping(Milliseconds{5'000}));
  std::vector<std::string> names;
  for (const runtime::TopicBinding& binding : description.topics) names.push_back(binding.topic);
  const auto there = WEIR_TRY(admin->describe_topics(names));
  for (const runtime::TopicBinding& binding : description.topics) {
    const std::string& name = binding.topic;
    const auto found = std::find_if(there.begin(), there.end(), [&](const kafka::TopicState& topic) { return topic.name == name; });
    if (found == there.end()) {
      if (binding.role == runtime::TopicRole::kNotices) continue;
      return fail(FaultKind::kKafkaUnknownTopic, fmt::format("topic {} does not exist", name), "create it with `weir topics apply`");
    }
    const auto policy = found->configuration.find("cleanup.policy");
    if (policy != found->configuration.end() && policy->second.find("compact") != std::string::npos) {
      return fail(FaultKind::kConfiguration, fmt::format("topic {} is compacted, and {} needs every change", name, description.group),
                  "set cleanup.policy=delete on it, or make it with `weir topics apply`");
    }
  }
  return {};
}

/// A working thread has a consumer and sessions of its own, since neither may be used by two threads.
struct Lane {
  Lane(std::unique_ptr<runtime::Consumer> its, postgres::Settings settings, ledger::LedgerOptions options, Microseconds grace)
      : consumer(std::move(its)), ledger(std::move(settings), options), letters(ledger, {options.group, grace}) {}
  std::unique_ptr<runtime::Consumer> consumer;
  ledger::PostgresLedger ledger;
  ledger::PostgresLetters letters;
};

using config::Field;
using config::Type;

/// The rows that say when a unit of work is written: at the first of the three.
std::vector<Field> flush_fields(const std::string& name, const std::string& max_records) {
  return {
      Field{.key = key(name, "flush_interval"),
            .type = Type::kDuration,
            .help = "A unit of work is written at the latest after this time.",
            .fallback = "1s",
            .minimum = "10ms",
            .maximum = "1m"},
      Field{.key = key(name, "max_records"),
            .type = Type::kInteger,
            .help = "A unit of work is written when it holds this many records.",
            .fallback = max_records,
            .minimum = "1",
            .maximum = "1000000"},
      Field{.key = key(name, "max_bytes"),
            .type = Type::kBytes,
            .help = "A unit of work is written when its records take this many bytes.",
            .fallback = "32MiB",
            .minimum = "1MiB",
            .maximum = "1GiB"},
  };
}

/// The rows that bound parked records: how many may wait, and for how long.
std::vector<Field> letter_fields(const std::string& name) {
  return {
      Field{.key = key(name, "parking_grace"),
            .type = Type::kDuration,
            .help = "A record that waits for something, for example for the row that it refers to, is a dead letter after this time.",
            .fallback = "15m",
            .minimum = "1s",
            .maximum = "30d"},
      Field{.key = key(name, "max_parked_per_key"),
            .type = Type::kInteger,
            .help = "Where this many records of one key wait, their partition pauses until there is room again.",
            .fallback = "10000",
            .minimum = "1",
            .maximum = "1000000"},
      Field{.key = key(name, "max_parked"),
            .type = Type::kInteger,
            .help = "Where this many records of a partition wait, the partition pauses until there is room again.",
            .fallback = "100000",
            .minimum = "1",
            .maximum = "10000000"},
      Field{.key = "dead_letters.retention",
            .type = Type::kDuration,
            .help = "Dead letters that were resolved or discarded are removed after this time; those that wait stay.",
            .fallback = "30d",
            .minimum = "1h",
            .maximum = "3650d"},
  };
}

}  // namespace

std::vector<config::Field> consumer_fields(const std::string& name, const std::string& max_records) {
  std::vector<Field> rows = flush_fields(name, max_records);
  const std::vector<Field> of_letters = letter_fields(name);
  rows.insert(rows.end(), of_letters.begin(), of_letters.end());
  const std::vector<Field> own{
      Field{.key = key(name, "dsn"),
            .type = Type::kText,
            .help = fmt::format("The connection string of weir {0}, as the role weir_{0}.", name),
            .secret = true,
            .instead = "postgres.dsn"},
      Field{.key = key(name, "start"),
            .type = Type::kChoice,
            .help = "Where the group begins in a topic that it has never read. It has no default: earliest loses nothing, latest skips all "
                    "history.",
            .choices = {"earliest", "latest"},
            .required = true},
      Field{.key = key(name, "idle_timeout"),
            .type = Type::kDuration,
            .help = "A partition with nothing to read for this long no longer holds the watermark back.",
            .fallback = "60s",
            .minimum = "1s"},
      Field{.key = key(name, "session_timeout"),
            .type = Type::kDuration,
            .help = "An instance that Kafka has not heard from for this long loses its partitions.",
            .fallback = "10s",
            .minimum = "6s",
            .maximum = "5m"},
      Field{.key = key(name, "group_protocol"),
            .type = Type::kChoice,
            .help = "Who shares out partitions: classic, the members; consumer, the broker (KIP-848, Kafka 4.0 or newer), which then keeps "
                    "session_timeout for the group and has to allow it.",
            .fallback = "classic",
            .choices = {"classic", "consumer"}},
      Field{.key = key(name, "lanes"),
            .type = Type::kInteger,
            .help = "How many lanes share out the partitions of an instance. Each has its own session of Postgres and commits by itself, "
                    "as more instances would.",
            .fallback = "1",
            .minimum = "1",
            .maximum = "16"},
  };
  rows.insert(rows.begin(), own.begin(), own.end());
  return rows;
}

runtime::FlushLimits flush_limits(const config::Configuration& configuration, const std::string& name) {
  return {milliseconds(configuration, key(name, "flush_interval")),
          static_cast<std::size_t>(configuration.integer(key(name, "max_records"))), configuration.bytes(key(name, "max_bytes"))};
}

std::vector<std::string> consumer_required(const std::string& name) { return {key(name, "start"), "kafka.brokers", key(name, "dsn")}; }

std::vector<process::ExampleRow> consumer_example(const std::string& name) {
  return {{key(name, "start"), "earliest", "A group that has never read begins at the oldest record, so that it leaves none out."}};
}

Result<void> run_consumer(process::Context& context, const MakeConsumer& make_consumer) {
  const config::Configuration& configuration = context.configuration;
  std::unique_ptr<runtime::Consumer> first = make_consumer();
  const runtime::Description description = first->describe();
  const std::string component = "weir " + description.name;
  WEIR_TRY(kafka::check_library_version());
  const kafka::Settings kafka_settings = process::kafka_settings(configuration, "weir-" + description.name);
  const Milliseconds idle_timeout = milliseconds(configuration, key(description.name, "idle_timeout"));

  std::vector<std::string> streams;
  std::vector<std::string> notices;
  for (const runtime::TopicBinding& binding : description.topics) {
    (binding.role == runtime::TopicRole::kNotices ? notices : streams).push_back(binding.topic);
  }

  const auto count = static_cast<std::size_t>(configuration.integer(key(description.name, "lanes")));
  std::deque<Lane> lanes;
  while (lanes.size() < count) {
    Lane& lane = lanes.emplace_back(
        lanes.empty() ? std::move(first) : make_consumer(),
        process::postgres_settings(configuration, component, key(description.name, "dsn")),
        ledger::LedgerOptions{description.group, idle_timeout, notices, configuration.duration("dead_letters.retention")},
        configuration.duration(key(description.name, "parking_grace")));
    WEIR_TRY(process::retry_at_start(context, "Postgres", [&]() -> Result<void> {
      WEIR_TRY(lane.ledger.ensure_connected({}));
      return lane.consumer->prepare(lane.ledger.connection());
    }));
  }
  WEIR_TRY(process::await_kafka(context, kafka_settings));
  WEIR_TRY(process::retry_at_start(context, "Kafka", [&] { return check_topics(kafka_settings, description); }));

  group::GroupOptions group;
  group.group = description.group;
  group.topics = streams;
  group.notices = notices;
  group.session_timeout = milliseconds(configuration, key(description.name, "session_timeout"));
  const bool by_broker = configuration.text(key(description.name, "group_protocol")) == "consumer";
  group.protocol = by_broker ? group::GroupProtocol::kConsumer : group::GroupProtocol::kClassic;
  WEIR_TRY(process::retry_at_start(context, "Kafka", [&] { return group::configure_group(kafka_settings, group); }));

  runtime::Options options;
  options.start_latest = configuration.text(key(description.name, "start")) == "latest";
  options.idle_timeout = idle_timeout;
  options.drain_time = milliseconds(configuration, "drain_timeout");
  options.seed = std::random_device{}();
  options.parking.per_key = static_cast<std::size_t>(configuration.integer(key(description.name, "max_parked_per_key")));
  options.parking.per_partition = static_cast<std::size_t>(configuration.integer(key(description.name, "max_parked")));
  const auto open_source = [&](runtime::RebalanceListener& listener) { return group::open_group_source(kafka_settings, group, listener); };
  std::vector<runtime::Lane> running;
  for (Lane& lane : lanes) running.push_back({*lane.consumer, lane.ledger, lane.letters});
  return runtime::run({std::move(running), open_source, context.clock, context.log, context.metrics, context.health,
                       [&context] { return context.stop.stopped(); }, context.beat},
                      options);
}

Result<void> run_consumer(process::Context& context, const MakeConsumer& make_consumer, std::vector<process::Loop> beside) {
  beside.insert(beside.begin(), {"consumer", [&](process::Context& its) { return run_consumer(its, make_consumer); }});
  return process::run_side_by_side(context, beside);
}

namespace {

process::Explanation explanation_of(const runtime::DecodeResult& judged) {
  process::Explanation explanation{.verdict = "taken", .event_time = judged.decoded.event_time, .recorded_at = std::nullopt};
  if (judged.decoded.change) explanation.recorded_at = judged.decoded.change->recorded_at;
  if (!judged.ending) return explanation;
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*judged.ending)) {
    explanation.verdict = "skipped";
    explanation.reason = skipped->reason;
  } else if (const auto* dead = std::get_if<runtime::Dead>(&*judged.ending)) {
    explanation.verdict = "dead";
    explanation.reason = dead->reason;
    explanation.path = dead->path;
    explanation.message = dead->message;
  }
  return explanation;
}

/// The decoder of a topic; null: the consumer does not read it.
std::shared_ptr<runtime::Decoder> decoder_of(const runtime::Description& description, const std::string& topic) {
  for (const runtime::TopicBinding& binding : description.topics) {
    if (binding.topic == topic) return binding.make_decoder();
  }
  return nullptr;
}

/// Has the decoder of the record's topic judge it, as a working thread would.
std::optional<process::Explanation> explained(const runtime::Description& description, const process::RecordToExplain& told) {
  const auto decoder = decoder_of(description, told.topic);
  if (decoder == nullptr) return std::nullopt;
  return explanation_of(decoder->decode(record_of(told)));
}

Result<std::vector<process::Origin>> origins_of(const runtime::Description& description, const std::optional<RowOrigin>& origin) {
  std::vector<process::Origin> origins;
  if (!origin) return origins;
  for (const std::string& topic : origin->topics) {
    const auto decoder = decoder_of(description, topic);
    WEIR_ASSERT(decoder != nullptr);
    origins.push_back({topic, origin->from, origin->to, [decoder, has_made = origin->has_made](const process::RecordToExplain& told) {
                         const auto event = event_of(*decoder, told);
                         return event && has_made(*event);
                       }});
  }
  return origins;
}

/// Sets the functions by which `weir trace` asks the component about its rows.
void answer_traces(process::Component& component, const ConsumerRow& row) {
  component.explains = [describe = row.describe](const config::Configuration& configuration, const process::RecordToExplain& record) {
    return explained(describe(configuration), record);
  };
  if (row.has_made) {
    component.has_made = [describe = row.describe, has_made = row.has_made](
                             const config::Configuration& configuration, postgres::Statements& connection,
                             const process::RecordToExplain& told) -> Result<std::vector<process::ResultRow>> {
      const auto decoder = decoder_of(describe(configuration), told.topic);
      const auto event = decoder == nullptr ? std::nullopt : event_of(*decoder, told);
      if (!event) return std::vector<process::ResultRow>();
      return has_made(configuration, connection, *event);
    };
  }
  if (row.origin) {
    component.origins = [describe = row.describe, origin = row.origin](
                            const config::Configuration& configuration, postgres::Statements& connection,
                            const process::RowToTrace& asked) -> Result<std::vector<process::Origin>> {
      return origins_of(describe(configuration), WEIR_TRY(origin(configuration, connection, asked)));
    };
  }
}

}  // namespace

process::Component consumer_component(ConsumerRow row) {
  process::Component component;
  component.name = row.name;
  component.help = std::move(row.help);
  component.fields = consumer_fields(row.name, row.max_records);
  component.fields.insert(component.fields.end(), row.fields.begin(), row.fields.end());
  component.required = consumer_required(row.name);
  component.examples = {"weir " + row.name, "weir " + row.name + " --config weir.yaml"};
  component.takes = std::move(row.takes);
  component.declaration = {.role = "weir_" + row.name,
                           .group = "weir." + row.name,
                           .tables = std::move(row.tables),
                           .example = consumer_example(row.name),
                           .rereading = std::move(row.rereading),
                           .results = std::move(row.results)};
  component.declaration.example.insert(component.declaration.example.end(), row.example.begin(), row.example.end());
  component.check = std::move(row.check);
  component.verifies = std::move(row.verifies);
  answer_traces(component, row);
  component.reads = [describe = std::move(row.describe)](const config::Configuration& configuration) {
    std::vector<process::ReadTopic> topics;
    for (const runtime::TopicBinding& binding : describe(configuration).topics) {
      topics.push_back({binding.topic, binding.role == runtime::TopicRole::kNotices});
    }
    return topics;
  };
  component.run = [make = std::move(row.make), beside = std::move(row.beside)](process::Context& context) -> Result<void> {
    const MakeConsumer consumers = WEIR_TRY(make(context.configuration));
    if (!beside) return run_consumer(context, consumers);
    return run_consumer(context, consumers, beside(context));
  };
  return component;
}

}  // namespace weir::host
