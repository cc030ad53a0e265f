// How many entries of indexes are read for a message. Statements of the queue are planned once and used while tables grow, so that what
// Postgres knew when it planned them must not matter.
#include "common/core/await.hpp"
#include "common/testing/manual_clock.hpp"
#include "tests/component/notifications/queue_site.hpp"

using namespace weir;
using namespace weir::notifications;

namespace {

constexpr int kMany = 2'000;
constexpr std::size_t kInAClaim = 50;
constexpr std::size_t kClaims = 6;
constexpr std::size_t kFew = 40;  // entries, of all indexes together

/// Plans every statement over a single message, adds many of one organization, and sends some of them after a time. Gives how many entries
/// were read for each.
std::size_t entries_read(QueueSite& site, Microseconds passed) {
  {
    testing::ManualClock clock;
    DeliveryQueue queue({.session = Worker::session(site), .masters = nullptr, .accounts = Worker::accounts(), .clock = clock});
    const auto send = [&](std::size_t most) {
      Claimed claimed =
          must(queue.claim({.channel = "pusher", .most = most, .lease = Seconds{60}, .most_of_an_account = most, .room = {}}));
      std::vector<Report> reports;
      for (Job& job : claimed.jobs) reports.push_back(Worker::report_of(std::move(job), delivery::Accepted{"p", nullptr}));
      REQUIRE(must(queue.report(reports, {})) == most);
    };
    site.add({.user = 0});
    send(1);
    site.add({.user = 0, .count = kMany});
    clock.advance(passed);
    for (std::size_t i = 0; i < kClaims; ++i) send(kInAClaim);
  }
  // A session counts no later than it ends.
  const auto is_over = [&] {
    return site.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'weir_notifications'") == "0";
  };
  REQUIRE(await(Seconds{30}, is_over));
  const std::string read = site.value(R"(
    SELECT sum(idx_tup_read)
      FROM pg_stat_user_indexes
     WHERE relname ~ '^(delivery_queue|rate_limit_buckets|notifications_.*|notification_attempts_.*)$')");
  return std::stoul(read) / (kClaims * kInAClaim);
}

}  // namespace

TEST_CASE("few entries are read for a message in a month of which Postgres knows nothing yet") {
  QueueSite site;
  CHECK(entries_read(site, Seconds{0}) < kFew);
}

TEST_CASE("few entries are read for a message though the queue was nearly empty, and long before, when it was vacuumed") {
  QueueSite site;
  site.add({.user = 0, .count = kMany});
  site.run("DELETE FROM weir.delivery_queue WHERE ctid < (SELECT max(ctid) FROM weir.delivery_queue)");
  site.run("VACUUM weir.delivery_queue");
  site.run("UPDATE weir.delivery_queue SET due_at = now() + interval '1 hour'");
  CHECK(entries_read(site, Seconds{0}) < kFew);
}

TEST_CASE("few entries are read for a message a few seconds after the first of a month that was vacuumed while it was empty") {
  QueueSite site;
  site.run("VACUUM");
  CHECK(entries_read(site, Seconds{6}) < kFew);
}
