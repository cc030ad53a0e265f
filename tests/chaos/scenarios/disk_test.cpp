// The disks of Postgres' data, of its write-ahead log and of the broker's log fill up to the last byte under load: whatever was
// acknowledged stays, and work goes on soon after there is space and what had ended is started again.
#include "common/testing/services.hpp"
#include "tests/chaos/harness/small_disk.hpp"
#include "tests/chaos/scenarios/two_roads.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr std::int64_t kDataMebibytes = 192;
constexpr std::int64_t kWalMebibytes = 160;
constexpr std::int64_t kLogMebibytes = 192;
constexpr Milliseconds kSoon{30'000};

// Postgres removes old segments of the WAL instead of using them again, so that the disk is full soon.
constexpr const char* kPostgresSettings = "wal_recycle = off\nmin_wal_size = 32MB\nmax_wal_size = 64MB\n";
constexpr const char* kKafkaSettings = "log.index.size.max.bytes=65536\n";
constexpr const char* kMuchLog = "SELECT pg_logical_emit_message(false, 'chaos', repeat('x', 4000000))";
constexpr const char* kRefused = "weir_retries_total{fault=\"pg_resources\"}";

struct Disks {
  SmallDisk data{testing::scratch() / "disk-data", kDataMebibytes};
  SmallDisk wal{testing::scratch() / "disk-wal", kWalMebibytes};
  SmallDisk log{testing::scratch() / "disk-log", kLogMebibytes};

  [[nodiscard]] GroundOptions ground_options() const {
    GroundOptions options;
    options.postgres = {.data = data.path() / "data", .wal = wal.path() / "wal", .settings = kPostgresSettings};
    options.kafka.data = log.path() / "log";
    options.kafka.settings = kKafkaSettings;
    return options;
  }
};

class FullDisks {
 public:
  explicit FullDisks(const Parameters& asked)
      : rounds_(asked.of_form(1, 10)), report_("disk", asked), dice_(asked.seed), roads_(report_, disks_.ground_options(), false) {
    roads_.start(asked);
  }

  void run() {
    static_cast<void>(roads_.progress("start"));
    std::array<void (FullDisks::*)(), 3> all{&FullDisks::fill_data, &FullDisks::fill_wal, &FullDisks::fill_log};
    for (int round = 0; round < rounds_; ++round) {
      std::shuffle(all.begin(), all.end(), dice_);
      for (const auto fill : all) (this->*fill)();
    }
    roads_.end();
    report_.witness("data_full_and_refused", data_full_, rounds_);
    report_.witness("wal_full_and_crashed", wal_full_, rounds_);
    report_.witness("log_full_and_ended", log_full_, rounds_);
    report_.witness("gateway_unready", unready_, rounds_);
    report_.figure("parts_that_ended", revived_);
    report_.figure("slowest_recovery", slowest_);
    CHECK(slowest_ <= kSoon);
    report_.figure("took", report_.elapsed());
  }

 private:
  local::Postgres& postgres() { return roads_.ground().services().postgres(); }
  local::Kafka& kafka() { return roads_.ground().services().kafka(); }

  /// Space that becomes free meanwhile is taken again.
  void await_full(SmallDisk& disk, const std::string& what, const std::function<bool()>& holds) {
    roads_.ground().await(what, [&] {
      disk.fill();
      return holds();
    });
  }

  double refused() {
    double times = 0;
    for (const char* tape : {"tape-1", "tape-2"}) times += roads_.ground().instance(tape).metric(kRefused).value_or(0);
    return times;
  }

  /// Postgres answers 53100: a unit of work is refused, and taken again.
  void fill_data() {
    const double before = refused();
    await_full(disks_.data, "a unit of work is refused for want of space", [&] { return refused() > before; });
    ++data_full_;
    disks_.data.empty();
    recovered("data");
  }

  /// Postgres panics, and may not come up before there is space.
  void fill_wal() {
    const std::int64_t begun = started_at();
    await_full(disks_.wal, "Postgres crashes for want of space", [&] {
      auto connection = roads_.ground().connect();
      return !connection || (!connection->script(kMuchLog) && started_at() != begun);
    });
    ++wal_full_;
    disks_.wal.empty();
    if (!postgres().running()) REQUIRE(postgres().resume());
    recovered("wal");
  }

  /// A broker that cannot write its log ends.
  void fill_log() {
    await_full(disks_.log, "the broker ends for want of space", [&] { return !kafka().running(); });
    ++log_full_;
    roads_.ground().await("the gateway says that it cannot", [&] { return !roads_.ground().instance("gateway").ready(); });
    ++unready_;
    disks_.log.empty();
    REQUIRE(kafka().resume());
    recovered("log");
  }

  /// When the server last began, by its own account; 0: it does not answer.
  std::int64_t started_at() {
    return roads_.ground()
        .try_number(
            "SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        .value_or(0);
  }

  void recovered(const std::string& disk) {
    revived_ += roads_.revive();
    slowest_ = std::max(slowest_, roads_.progress(disk + "_full"));
  }

  int rounds_;
  Report report_;
  std::mt19937_64 dice_;
  Disks disks_;
  TwoRoads roads_;
  std::int64_t data_full_ = 0;
  std::int64_t wal_full_ = 0;
  std::int64_t log_full_ = 0;
  std::int64_t unready_ = 0;
  std::int64_t revived_ = 0;
  Milliseconds slowest_{0};
};

}  // namespace

TEST_CASE("disks fill up to the last byte, and nothing that was acknowledged is lost") {
  const Parameters asked = parameters();
  if (const std::string why_not = own_mounts(); !why_not.empty()) {
    // Where CI runs as root, mounts must be possible.
    REQUIRE_MESSAGE((std::getenv("CI") == nullptr || ::geteuid() != 0), why_not);
    MESSAGE("not run: " << why_not);
    return;
  }
  FullDisks(asked).run();
}
