#include "operations/console/tails.hpp"

#include "common/core/rate_limit.hpp"
#include "common/core/thread_name.hpp"
#include "common/core/waiting.hpp"
#include "operations/console/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>

namespace weir::console {

namespace {

constexpr Milliseconds kPatience{5'000};
constexpr Milliseconds kLook{200};
constexpr std::int64_t kMostLast = 100;
constexpr std::int64_t kMostPartitions = 1'000'000;
constexpr std::size_t kPageBytes = 256UL << 10U;
constexpr Rate kShown{50, Seconds{1}};
constexpr Milliseconds kTellLeftOut{1'000};
constexpr Seconds kHeartbeat{15};

std::string fault_event(const Fault& fault) { return "event: fault\ndata: " + refusal(fault).body + "\n\n"; }

}  // namespace

Result<TailRequest> tail_request(const Parameters& parameters, std::string_view last_event_id) {
  const auto topic = parameters.text("topic");
  if (!topic) return fail(FaultKind::kUsage, "topic: must be named");
  TailRequest request{.wanted = {.topic = *topic}};
  operations::TailWanted& wanted = request.wanted;
  wanted.follow = true;
  wanted.partition = WEIR_TRY(parameters.number("partition", 0, kMostPartitions));
  wanted.filter.key = parameters.text("key");
  wanted.filter.type = parameters.text("type");
  if (const auto where = parameters.text("where")) {
    wanted.filter.field = events::field_of(*where);
    if (!wanted.filter.field) return fail(FaultKind::kUsage, "where: is no JSON Pointer and value such as /after/status=failed");
  }
  wanted.limit = WEIR_TRY(parameters.number("last", 0, kMostLast)).value_or(operations::kTailed);
  if (wanted.filter.chooses()) wanted.limit = 0;  // only those that come
  if (last_event_id.empty()) return request;
  request.place = place_of(last_event_id);
  if (!request.place) return fail(FaultKind::kUsage, "Last-Event-ID: is not the id of an event of a tail");
  return request;
}

class Tails::Tail final : public http::StreamWriter {
 public:
  Tail(const kafka::Settings& kafka, TailRequest request, const Clock& clock)
      : kafka_(kafka), request_(std::move(request)), clock_(clock) {}
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;
  ~Tail() override {
    end();
    if (thread_.joinable()) thread_.join();
  }

  void opened(std::shared_ptr<http::Stream> stream) override {
    const std::lock_guard lock(mutex_);
    if (ended_) return stream->end();
    stream_ = std::move(stream);
    thread_ = std::thread([this] { run(); });
  }
  void drained() override { changed_.notify_all(); }
  void closed(http::StreamEnd) override { end(); }

  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (stream_) stream_->end();
    changed_.notify_all();
  }
  /// Whether its thread is over, or never began.
  [[nodiscard]] bool over() const { return finished_ || !started(); }

 private:
  [[nodiscard]] bool started() const {
    const std::lock_guard lock(mutex_);
    return stream_ != nullptr;
  }

  void run() {
    name_thread("tail");
    const auto went = follow();
    if (!went) stream_->send(fault_event(went.error()));
    stream_->end();
    finished_ = true;
  }

  Result<void> follow() {
    std::vector<kafka::LogPart> parts = WEIR_TRY(operations::parts_of(kafka_, request_.wanted, kPatience));
    if (request_.place) {
      WEIR_TRY(go_on(parts));
    } else if (*request_.wanted.limit > 0) {
      WEIR_TRY(show_last(parts));
    }
    for (const kafka::LogPart& part : parts) place_[part.partition] = part.from;
    const auto reader = WEIR_TRY(kafka::LogReader::open(kafka_, request_.wanted.topic, parts));
    Pause heartbeat(kHeartbeat);
    heartbeat.begin();
    while (await_taken()) {
      auto record = WEIR_TRY(reader->next(kLook));
      tell_left_out();
      if (heartbeat.over()) {
        stream_->send(":\n\n");
        heartbeat.begin();
      }
      if (!record) continue;
      place_[record->partition] = record->offset + 1;
      if (request_.wanted.admits_as_shown(*record)) show(std::move(*record));
    }
    return {};
  }

  /// From where the viewer was cut, as far as the log still has it; a partition that is new since then from its beginning.
  Result<void> go_on(std::vector<kafka::LogPart>& parts) {
    const auto admin = WEIR_TRY(kafka::Admin::open(kafka_));
    for (kafka::LogPart& part : parts) {
      const auto log = WEIR_TRY(admin->range(request_.wanted.topic, part.partition));
      const auto seen = request_.place->find(part.partition);
      part.from = seen == request_.place->end() ? log.begin : std::clamp(seen->second, log.begin, log.end);
    }
    return {};
  }

  /// The last records come by their time; what follows, partition by partition.
  Result<void> show_last(std::vector<kafka::LogPart>& parts) {
    const auto admin = WEIR_TRY(kafka::Admin::open(kafka_));
    for (kafka::LogPart& part : parts) part.to = WEIR_TRY(admin->range(request_.wanted.topic, part.partition)).end;
    auto records = WEIR_TRY(operations::last_records(kafka_, request_.wanted.topic, parts, *request_.wanted.limit, kPatience));
    for (kafka::LogPart& part : parts) place_[part.partition] = part.from;
    for (const auto& record : records) place_[record.partition] = std::min(place_[record.partition], record.offset);
    for (auto& record : records) {
      place_[record.partition] = record.offset + 1;
      send(std::move(record));
    }
    for (kafka::LogPart& part : parts) part = {part.partition, part.to, kafka::kWithoutEnd};
    return {};
  }

  void show(kafka::StoredRecord record) {
    if (take(full_at_, kShown, clock_.steady()).allowed) return send(std::move(record));
    if (left_out_++ == 0) since_left_out_.begin();
  }

  void send(kafka::StoredRecord record) {
    const std::string id = text_of(place_);
    const std::string data = operations::record_json(request_.wanted.topic, std::move(record), true);
    stream_->send(fmt::format("event: record\nid: {}\ndata: {}\n\n", id, data));
  }

  void tell_left_out() {
    if (left_out_ == 0 || !since_left_out_.over()) return;
    stream_->send(fmt::format("event: left_out\nid: {}\ndata: {{\"records\":{}}}\n\n", text_of(place_), left_out_));
    left_out_ = 0;
  }

  /// Waits while much is still to be taken. False: the tail is over.
  bool await_taken() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || stream_->waiting() < kPageBytes; });
    return !ended_;
  }

  const kafka::Settings& kafka_;
  TailRequest request_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<http::Stream> stream_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> finished_{false};
  std::thread thread_;
  // Of the thread alone.
  TailPlace place_;
  SteadyInstant full_at_{};
  std::int64_t left_out_ = 0;
  Pause since_left_out_{kTellLeftOut};
};

Tails::Tails(kafka::Settings kafka, std::size_t most, const Clock& clock) : kafka_(std::move(kafka)), most_(most), clock_(clock) {}

Tails::~Tails() { stop(); }

std::shared_ptr<http::StreamWriter> Tails::make(TailRequest request) {
  const std::lock_guard lock(mutex_);
  reap();
  if (stopping_ || tails_.size() >= most_) return nullptr;
  tails_.push_back(std::make_shared<Tail>(kafka_, std::move(request), clock_));
  return tails_.back();
}

/// Under the lock. Who alone is left holding a tail knows that its connection is gone.
void Tails::reap() {
  std::erase_if(tails_, [](const auto& tail) { return tail.use_count() == 1 && tail->over(); });
}

void Tails::stop() {
  std::vector<std::shared_ptr<Tail>> ending;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ending.swap(tails_);
  }
  for (const auto& tail : ending) tail->end();
}

}  // namespace weir::console
