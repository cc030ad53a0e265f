// The runtime's Ledger in Postgres. One session, used by the working thread alone.
#pragma once

#include "common/core/waiting.hpp"
#include "common/postgres/connection.hpp"
#include "common/runtime/ledger.hpp"

namespace weir::ledger {

/// A setting that is a row of the configuration has its default there, and none here.
struct LedgerOptions {
  std::string group;
  Milliseconds idle_timeout{};
  std::vector<std::string> notices{};  // topics that hold no watermark back
  Microseconds letter_retention{};
  Microseconds mark_every = std::chrono::hours{1};  // a partition's position is noted with its counts
};

class PostgresLedger final : public runtime::Ledger {
 public:
  PostgresLedger(postgres::Settings settings, LedgerOptions options) : settings_(std::move(settings)), options_(std::move(options)) {}

  Result<void> ensure_connected(std::span<const runtime::Claim> held) override;
  Result<void> introduce(const std::string& topic, const Uuid& topic_id, std::span<const runtime::LogRange> ranges,
                         bool from_latest) override;
  Result<runtime::Claim> claim(const runtime::TopicPartition& partition) override;
  Result<void> bind_topic(const runtime::Claim& claim, const Uuid& topic_id) override;
  Result<void> release(std::span<const runtime::Claim> claims) override;
  Result<void> mark_attempt(const runtime::Claim& claim, std::int64_t offset) override;
  Result<runtime::Work*> begin(std::span<const runtime::PositionMove> pending) override;
  Result<void> commit(std::span<const runtime::DeadLetter> dead, const runtime::OutcomeCounts& counts,
                      std::span<const runtime::PositionMove> moves) override;
  void rollback() override;
  void meanwhile(std::function<std::optional<Milliseconds>()> work) override {
    if (connection_) connection_->meanwhile(std::move(work));
  }
  Result<std::vector<runtime::Standing>> standings(std::span<const runtime::Claim> claims) override;
  Result<bool> record_gap(const runtime::Claim& claim, const runtime::Gap& gap) override;
  Result<bool> admit_key_form(const runtime::Claim& claim, const runtime::SourceKeyForm& form) override;
  Result<void> keep_refused_wakeup(const Fault& fault, Milliseconds pause) override;
  Result<void> forget_refused_wakeup() override;
  Result<runtime::RefusedKeys> refused_keys() override;
  Result<runtime::Pauses> pauses() override;
  Result<Instant> now() override;
  Result<void> forget_letters() override;

  /// The session, for Consumer::prepare before the first assignment.
  [[nodiscard]] postgres::Connection& connection() { return *connection_; }

 private:
  class OpenWork final : public runtime::Work {
   public:
    explicit OpenWork(PostgresLedger& ledger) : ledger_(ledger) {}
    postgres::Statements& statements() override { return *ledger_.connection_; }
    Result<std::optional<Instant>> group_watermark() override { return ledger_.group_watermark(); }

   private:
    PostgresLedger& ledger_;
  };

  Result<void> connect(std::span<const runtime::Claim> held);
  Result<void> make_up_for_releases();
  /// Ends the owner's session. Returns whether it was alive.
  [[nodiscard]] static Result<bool> end_owner(postgres::Connection& connection, const std::string& owner);
  Result<std::optional<Instant>> group_watermark();
  Result<void> bury(std::span<const runtime::DeadLetter> dead);
  Result<void> count(const runtime::OutcomeCounts& counts);
  Result<void> move(std::span<const runtime::PositionMove> moves);
  /// Notes positions with their counts, of those partitions whose last mark by this session is old.
  Result<void> mark(std::span<const runtime::PositionMove> moves);

  postgres::Settings settings_;
  LedgerOptions options_;
  std::optional<postgres::Connection> connection_;
  std::string owner_;                       // this session, or the last one, as pid@start
  std::vector<runtime::Claim> unreleased_;  // let go while there was no session to write this with
  OpenWork work_{*this};
  std::vector<runtime::PositionMove> pending_;
  Stopwatch age_;
  std::map<runtime::TopicPartition, std::chrono::nanoseconds> next_marks_;  // by age_
};

}  // namespace weir::ledger
