#include "tests/bench/notifications/fairness.hpp"

#include "common/core/await.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/percentiles.hpp"

#include <fmt/format.h>

#include <map>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{600'000};

class Fairness {
 public:
  Fairness(Stage& stage, const FairnessPlan& plan, Report& report) : stage_(stage), plan_(plan), report_(report) {}

  double run() {
    Component notifications("notifications", stage_.with({{"WEIR_CONSUMERS_NOTIFICATIONS_FLUSH_INTERVAL", "50ms"}}));
    stage_.await_claim(notifications);
    load(1, 2);  // so that what is measured finds everything warm
    notifications.await("the first messages", kPatience, [this] { return stage_.all_came(); });
    const double alone = others_p99(notifications, "nobody exceeds", 1);
    const double beside_tenant = others_p99(notifications, exceeding(), plan_.times);
    // Of the first organization, which is left out of the measurement: the others share the account with it.
    for (std::int64_t i = 0; i < plan_.backlog; ++i) stage_.request_for(kBacklogged);
    stage_.flush();
    notifications.await("the backlog", kPatience,
                        [this] { return stage_.number(kWaiting) >= plan_.backlog * 9 / 10 && stage_.number(kNew) == 0; });
    must(stage_.owner().script(kRemember));
    const double beside_user = others_p99(notifications, "one user with a backlog", 1);
    const std::int64_t stayed = stage_.number(kStayed);
    const std::int64_t rewritten = stage_.number(kRewritten);
    report_.figure("messages that waited for tokens all the time", static_cast<double>(stayed), "");
    report_.figure("of these, rows that were rewritten meanwhile", static_cast<double>(rewritten), "");
    report_.judge(fmt::format("{} of {} waiting rows were rewritten, fewer than one in a hundred", rewritten, stayed),
                  rewritten * 100 < stayed);
    notifications.stop();
    judge(exceeding(), beside_tenant, alone);
    judge("one user with a backlog", beside_user, alone);
    return beside_tenant;
  }

 private:
  static constexpr std::int64_t kBacklogged = 0;
  static constexpr const char* kWaiting = "SELECT count(*) FROM weir.delivery_queue WHERE waits_for IS NOT NULL";
  static constexpr const char* kNew = "SELECT count(*) FROM weir.delivery_queue WHERE waits_for IS NULL AND leased_until IS NULL";
  // Postgres' own count of written rows comes late, by the size of a claim. A row that was rewritten stands at another place.
  static constexpr const char* kRemember = R"(
CREATE TEMP TABLE waited AS
SELECT notification_id, ctid AS place FROM weir.delivery_queue WHERE waits_for IS NOT NULL)";
  static constexpr const char* kStayed = R"(
SELECT count(*) FROM weir.delivery_queue q JOIN waited w USING (notification_id) WHERE q.waits_for IS NOT NULL)";
  static constexpr const char* kRewritten = R"(
SELECT count(*) FROM weir.delivery_queue q JOIN waited w USING (notification_id) WHERE q.waits_for IS NOT NULL AND q.ctid <> w.place)";

  [[nodiscard]] std::string exceeding() const { return fmt::format("one organization at {} times its rate", plan_.times); }

  void judge(const std::string& what, double p99, double alone) {
    report_.judge(fmt::format("{}: the others' p99 {:.0f} ms, {:.0f} alone", what, p99, alone), p99 <= 2 * alone);
  }

  /// Each organization has messages at its rate, to one of its users after the other; the first at so many times its rate.
  void load(std::int64_t times, std::int64_t seconds) {
    const std::int64_t others = stage_.site().organizations - 1;
    const std::int64_t a_second = plan_.rate * (others + times);
    const SystemClock clock;
    const SteadyInstant began = clock.steady();
    for (std::int64_t i = 0; i < a_second * seconds; ++i) {
      const SteadyInstant due = began + Microseconds{1'000'000 * i / a_second};
      static_cast<void>(await(
          kPatience, [&] { return clock.steady() >= due; }, Milliseconds{1}));
      const std::int64_t turn = i % (others + times);
      stage_.request_for(next_user(turn < others ? 1 + turn : 0));
    }
    stage_.flush();
  }
  std::int64_t next_user(std::int64_t organization) {
    const std::int64_t organizations = stage_.site().organizations;
    const std::int64_t users = stage_.site().users / organizations;
    // The first user of the first organization is the one who gets the backlog.
    const std::int64_t user = 1 + next_[organization]++ % (users - 1);
    return user * organizations + organization;
  }

  double others_p99(Component& notifications, const std::string& what, std::int64_t times) {
    const Instant began = must(stage_.owner().script("SELECT clock_timestamp()"))[0].get<Instant>(0);
    load(times, plan_.seconds);
    report_.figure("on their way when the load ended, " + what, static_cast<double>(stage_.requested() - stage_.receiver().messages()),
                   "messages");
    const auto is_over = [&] {
      return must(stage_.owner().query("waits", R"(
               SELECT count(*)
                 FROM weir.delivery_queue
                WHERE organization_id <> $1)",
                                       postgres::Params{}.add(*Uuid::parse(organization_id(0)))))[0]
                 .get<std::int64_t>(0) == 0;
    };
    notifications.await("the others' messages", kPatience, is_over);
    const auto rows = must(stage_.owner().query("made", R"(
      SELECT n.id::text, n.created_at, a.started_at, (n.variables ->> 'at')::bigint
        FROM public.notifications n
        JOIN public.notification_attempts a ON a.notification_id = n.id AND a.attempt = 1
       WHERE n.created_at >= $1 AND n.organization_id <> $2)",
                                                postgres::Params{}.add(began).add(*Uuid::parse(organization_id(0)))));
    const auto arrivals = stage_.receiver().arrivals();
    const auto milliseconds = [](auto time) { return std::chrono::duration<double, std::milli>(time).count(); };
    Percentiles delays;
    Percentiles until_claimed;
    Percentiles since_requested;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto came = arrivals.find(rows[i].get<std::string>(0));
      if (came == arrivals.end()) give_up("a message did not come");
      delays.add(milliseconds(came->second - rows[i].get<Instant>(1)));
      until_claimed.add(milliseconds(rows[i].get<Instant>(2) - rows[i].get<Instant>(1)));
      since_requested.add(milliseconds(Microseconds{unix_us(came->second) - rows[i].get<std::int64_t>(3)}));
    }
    report_.figure("others' p50, " + what, delays.at(0.5), "ms");
    report_.figure("others' p99, " + what, delays.at(0.99), "ms");
    report_.figure("of these until they were claimed, p99, " + what, until_claimed.at(0.99), "ms");
    report_.figure("others' p99 from their requests, " + what, since_requested.at(0.99), "ms");
    notifications.await("the messages of who exceeds", kPatience,
                        [this] { return stage_.number("SELECT count(*) FROM weir.delivery_queue WHERE waits_for IS NULL") == 0; });
    return delays.at(0.99);
  }

  Stage& stage_;
  const FairnessPlan& plan_;
  Report& report_;
  std::map<std::int64_t, std::int64_t> next_;  // users by organization
};

}  // namespace

double measure_fairness(Stage& stage, const FairnessPlan& plan, Report& report) { return Fairness(stage, plan, report).run(); }

}  // namespace weir::bench
