#include "operations/console/observer.hpp"

#include "common/core/thread_name.hpp"
#include "common/core/waiting.hpp"
#include "operations/console/questions.hpp"
#include "operations/console/status_store.hpp"

#include <algorithm>

namespace weir::console {

namespace {

constexpr Milliseconds kOld{5'000};  // between two snapshots: no rate is told over a longer time

}  // namespace

Observer::Observer(ObserverOptions options, Viewers& viewers, const Clock& clock, telemetry::Log& log)
    : options_(std::move(options)), viewers_(viewers), clock_(clock), log_(log), thread_([this] { run(); }) {}

Observer::~Observer() {
  stop_.stop();
  viewers_.stop();
  thread_.join();
}

void Observer::run() {
  name_thread("observer");
  ask_topics();
  while (viewers_.await_interest()) {
    const Deadline turn(options_.interval);
    Snapshot now = look();
    const bool is_near = before_ && now.at - before_->at < kOld;
    viewers_.publish(snapshot_json(viewers_.next(), now, is_near ? &*before_ : nullptr));
    before_ = std::move(now);
    if (topics_known_.over()) ask_topics();
    if (stop_.wait(turn.left())) return;
  }
}

/// Where a service is away, what was known of it stays.
Snapshot Observer::look() {
  Snapshot now = before_.value_or(Snapshot{});
  const auto from_postgres = ask_postgres(now);
  note("postgres", from_postgres);
  const auto from_kafka = from_postgres ? ask_kafka(now) : Result<void>();
  // A topic that is gone, of which a group still has a position, makes nothing else old.
  const bool lacks_topic = !from_kafka && from_kafka.error().kind == FaultKind::kKafkaUnknownTopic;
  if (from_postgres) note("kafka", lacks_topic ? Result<void>() : from_kafka);
  if (from_postgres) note("topics", lacks_topic ? from_kafka : Result<void>());
  now.is_fresh = from_postgres.has_value() && (from_kafka.has_value() || lacks_topic);
  now.at = clock_.now();
  now.faults.clear();
  for (const auto& [source, fault] : faults_) now.faults.push_back(fault);
  return now;
}

Result<void> Observer::ask_postgres(Snapshot& snapshot) {
  if (!session_ || !session_->usable()) session_.emplace(WEIR_TRY(open_as_operator(options_.postgres)));
  positions_ = WEIR_TRY(operations::positions(*session_, std::nullopt));
  snapshot.pauses = WEIR_TRY(operations::pauses(*session_));
  if (snapshot.status && clock_.now() - snapshot.status->at < options_.status_interval) return {};
  snapshot.status = WEIR_TRY(load_status(*session_));
  snapshot.status->at = clock_.now();
  return {};
}

Result<void> Observer::ask_kafka(Snapshot& snapshot) {
  if (!probe_) probe_ = WEIR_TRY(kafka::LogProbe::open(options_.kafka, options_.patience));
  operations::Lag lag = operations::lag_of(*probe_, positions_, clock_);
  const bool knows_logs =
      lag.rows.empty() || std::any_of(lag.rows.begin(), lag.rows.end(), [](const auto& row) { return row.log.has_value(); });
  if (knows_logs) snapshot.lag = std::move(lag.rows);
  if (lag.fault) return fail(*lag.fault);
  return {};
}

/// Kafka's own topics are not for people. Where nobody answers, what was known stays.
void Observer::ask_topics() {
  topics_known_.begin();
  const auto admin = kafka::Admin::open(options_.kafka);
  if (!admin || !(*admin)->ping(options_.patience)) return;
  const auto found = (*admin)->list_topics();
  if (!found) return;
  std::vector<std::string> names;
  for (const kafka::TopicState& topic : *found) {
    if (!topic.name.starts_with("__")) names.push_back(topic.name);
  }
  std::sort(names.begin(), names.end());
  const std::lock_guard lock(mutex_);
  topics_ = std::move(names);
}

std::vector<std::string> Observer::topics() const {
  const std::lock_guard lock(mutex_);
  return topics_;
}

/// A fault is told once, when it begins.
void Observer::note(std::string_view source, const Result<void>& went) {
  const auto known = faults_.find(source);
  if (went) {
    if (known != faults_.end()) faults_.erase(known);
    return;
  }
  if (known == faults_.end()) {
    log_.fault(std::string(source) + "_not_read", went.error());
    faults_.emplace(source, KnownFault{std::string(source), went.error().line(), clock_.now()});
  } else {
    known->second.detail = went.error().line();
  }
}

}  // namespace weir::console
