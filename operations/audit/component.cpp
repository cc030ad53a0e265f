// The sealer's process. It looks for committed rows a few times a second: a NOTIFY from writers would have their commits wait for each
// other.
#include "operations/audit/component.hpp"

#include "common/core/backoff.hpp"
#include "common/migrations/migrator.hpp"
#include "common/postgres/visibility.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "operations/audit/heads.hpp"
#include "operations/audit/sealer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace weir::audit {

namespace {

using telemetry::Counter;
using telemetry::Histogram;
using telemetry::Metric;

constexpr std::int64_t kMostRows = 5'000;  // of one transaction
constexpr Backoff kBackoff{.first = Milliseconds{100}, .longest = Milliseconds{30'000}};
constexpr Seconds kPartitionsEvery{3'600};
constexpr Seconds kPartitionsAgain{60};  // after a failure

constexpr Metric<Counter> kSealedRows{"weir_audit_sealed_rows_total", "Rows of the audit log that were chained."};
constexpr Metric<Histogram> kSealSeconds{
    "weir_audit_seal_seconds", "From a change to its link: age of the oldest row of each round.", {}, telemetry::kUpToADay};
constexpr Metric<Counter> kPartitions{"weir_partitions_made_total", "Monthly partitions that were made ahead."};

/// A file that is only appended to; each write is of whole lines.
class HeadsFile {
 public:
  [[nodiscard]] static Result<HeadsFile> open(const std::string& path) {
    HeadsFile file;
    if (path.empty()) return file;
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (file.descriptor_ < 0) return fail(FaultKind::kConfiguration, fmt::format("audit.heads_file {}: {}", path, std::strerror(errno)));
    return file;
  }
  HeadsFile(HeadsFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  HeadsFile& operator=(HeadsFile&&) = delete;
  ~HeadsFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] Result<void> write(const std::vector<Head>& heads) const {
    if (descriptor_ < 0 || heads.empty()) return {};
    std::string lines;
    for (const Head& head : heads) lines += line_of(head) + '\n';
    if (::write(descriptor_, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) && ::fdatasync(descriptor_) == 0) return {};
    return fail(FaultKind::kIo, fmt::format("audit.heads_file: {}", std::strerror(errno)), "heads are in the log too");
  }

 private:
  HeadsFile() = default;
  int descriptor_ = -1;
};

class SealerProcess {
 public:
  SealerProcess(process::Context& context, HeadsFile file)
      : context_(context),
        settings_(process::postgres_settings(context.configuration, "weir sealer", "audit.dsn")),
        interval_(std::chrono::duration_cast<Milliseconds>(context.configuration.duration("audit.interval"))),
        file_(std::move(file)),
        sealed_rows_(context.metrics.of(kSealedRows)),
        seal_seconds_(context.metrics.of(kSealSeconds)),
        partitions_(context.metrics.of(kPartitions)) {}

  Result<void> run() {
    WEIR_TRY(process::retry_at_start(context_, "Postgres", [this] { return connect(); }));
    int failures = 0;
    do {
      context_.beat();
      const auto went = turn();
      if (went) {
        failures = 0;
        context_.health.ready("postgres");
        context_.health.started();
        continue;
      }
      // A retried statement is no more than another look, after a commit in doubt too; what waiting does not mend ends the process.
      const Action next = next_action(went.error(), ++failures);
      if (next != Action::kRetry && next != Action::kResolveDoubt) return went;
      context_.log.fault("seal_failed", went.error());
      context_.health.not_ready("postgres", went.error().line());
      if (context_.stop.wait(pause_after(kBackoff, failures))) break;
    } while (!context_.stop.wait(interval_));
    return {};
  }

 private:
  Result<void> connect() {
    connection_.emplace(WEIR_TRY(postgres::Connection::open(settings_)));
    WEIR_TRY(migrations::require_current(*connection_));
    WEIR_TRY(postgres::require_visible(*connection_, {{"public", "audit_log"}}));
    // Statistics of a log that only grows lag behind; its index by transaction is the way to what is new.
    WEIR_TRY(connection_->script("SET enable_seqscan = off"));
    is_sealer_ = false;
    sealer_ = Sealer(kMostRows);
    return {};
  }

  Result<void> turn() {
    if (!connection_ || !connection_->usable()) WEIR_TRY(connect());
    if (!is_sealer_) {
      is_sealer_ = WEIR_TRY(try_become_sealer(*connection_));
      if (is_sealer_) context_.log.info("sealer_works");
      if (!is_sealer_ && !std::exchange(told_to_wait_, true)) context_.log.info("sealer_waits", {{"hint", "another one is at work"}});
      if (!is_sealer_) return {};
      told_to_wait_ = false;
    }
    make_partitions_when_due();
    for (bool more = true; more && !context_.stop.stopped();) {
      const Round round = WEIR_TRY(sealer_.round(*connection_));
      tell(round);
      more = !round.complete;
      context_.beat();
    }
    return {};
  }

  void tell(const Round& round) {
    if (round.rows == 0) return;
    sealed_rows_.add(static_cast<double>(round.rows));
    if (round.oldest) seal_seconds_.observe(context_.clock.now() - *round.oldest);
    for (const Head& head : round.heads) {
      context_.log.info("audit_sealed", {{"organization", head.organization.text()}, {"number", head.number}, {"hash", hex(head.hash)}});
    }
    if (const auto written = file_.write(round.heads); !written) context_.log.fault("heads_not_written", written.error());
  }

  /// A table without its partition keeps rows in the default one, so a failure is no reason to stop sealing.
  void make_partitions_when_due() {
    const SteadyInstant now = context_.clock.steady();
    if (now < partitions_due_) return;
    const auto made = make_partitions(*connection_);
    partitions_due_ = now + (made ? kPartitionsEvery : kPartitionsAgain);
    if (!made) return context_.log.fault("partitions_not_made", made.error());
    partitions_.add(static_cast<double>(*made));
    if (*made > 0) context_.log.info("partitions_made", {{"partitions", *made}});
  }

  process::Context& context_;
  postgres::Settings settings_;
  Milliseconds interval_;
  HeadsFile file_;
  std::optional<postgres::Connection> connection_;
  Sealer sealer_{kMostRows};
  SteadyInstant partitions_due_{};
  bool is_sealer_ = false;
  bool told_to_wait_ = false;
  const Counter sealed_rows_;
  const Histogram seal_seconds_;
  const Counter partitions_;
};

Result<void> run(process::Context& context) {
  SealerProcess process(context, WEIR_TRY(HeadsFile::open(context.configuration.text("audit.heads_file"))));
  return process.run();
}

std::vector<config::Field> fields() {
  return {{.key = "audit.dsn",
           .type = config::Type::kText,
           .help = "The connection string of weir sealer, as the role weir_sealer.",
           .secret = true,
           .instead = "postgres.dsn"},
          {.key = "audit.interval",
           .type = config::Type::kDuration,
           .help = "How often the sealer looks for rows of the audit log that are not chained yet.",
           .fallback = "500ms",
           .minimum = "10ms",
           .maximum = "1m"},
          {.key = "audit.heads_file",
           .type = config::Type::kText,
           .help = "A file to which the end of each chain is appended as it grows, beside the log; keep it where the database's owner does "
                   "not write.",
           .flag = "--heads-file"}};
}

}  // namespace

process::Component sealer_component() {
  return {.name = "sealer",
          .help = "Chain the audit log, so that what is changed or removed in it is found, and make monthly partitions ahead.",
          .fields = fields(),
          .required = {"audit.dsn"},
          .run = run,
          .examples = {"weir sealer --heads-file /var/log/weir/audit-heads.jsonl"},
          .declaration = {.role = "weir_sealer",
                          .tables = {{"weir.audit_heads", process::TableUse::kOffers}, {"weir.audit_heads", process::TableUse::kWrites}}}};
}

}  // namespace weir::audit
