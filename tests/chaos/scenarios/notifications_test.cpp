// Messages, from the event to receivers that verify what they get, while the processes that send them are killed and the receivers
// misbehave in every way: none is lost, none is sent twice but for calls that nobody got an answer of, and none before its time. The log
// of the receivers is compared with the tables by code that is not weir's.
#include "demo/witness/deliveries.hpp"
#include "demo/witness/verify.hpp"
#include "tests/chaos/scenarios/message_ground.hpp"
#include "tests/component/notification_providers/receivers.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>

using namespace weir;
using namespace weir::chaos;
using testing::value;

namespace {

constexpr int kEqualEvents = 1'000;
constexpr int kWriters = 20;
constexpr int kProcesses = 3;
constexpr std::size_t kShown = 20;
constexpr std::int64_t kMostKib = 160 * 1'024;  // of a process, resident

class Notifications {
 public:
  explicit Notifications(const Parameters& asked)
      : kills_(asked.of_form(10, 200)), sends_(asked.of_form(500, 10'000)), dice_(asked.seed), report_("notifications", asked) {}

  void run() {
    start_intake();
    one_event_for_many();
    equal_events();
    for (Instance* each : all_) each->stop_well();
    ground_.ground().instance("cdc").stop_well();
    kill_dispatchers();
    start_deliverers();
    outage_of_one();
    faults();
    for (Instance* each : deliverers_) each->stop_well();
    judge();
  }

 private:
  void start_intake() {
    ground_.run(R"sql(
UPDATE public.notification_rules SET is_active = false WHERE key <> '';
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, subject_type, subject_column, channels, dedupe)
VALUES ('to followers', 'public.agent_executions', '{"operation": "insert", "is": {"task_type": "once"}}', 'task.created', 'followers',
        'organization', 'organization_id', '{in_app,pusher,webhook}', '{}');
INSERT INTO public.notification_rules (name, source_topic, condition, template_key, audience, channels, dedupe)
VALUES ('one of many', 'public.agent_executions', '{"operation": "insert", "is": {"task_type": "equal"}}', 'task.started', 'user', '{pusher}',
        '{task_type}'))sql");
    ground_.ground().add({.name = "cdc", .component = "cdc"}).start();
    for (int number = 1; number <= kProcesses; ++number) {
      all_.push_back(&ground_.add(fmt::format("both-{}", number), "", patient()));
      all_.back()->start();
    }
    ground_.ground().await("the slot of weir cdc", [&] {
      return ground_.ground().try_number("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL").value_or(0) > 0;
    });
    ground_.ground().await("the processes", [&] { return std::ranges::all_of(all_, [](Instance* each) { return each->ready(); }); });
  }

  [[nodiscard]] std::string task(const std::string& type) {
    return fmt::format(R"sql(
INSERT INTO public.agent_executions (organization_id, agent_id, user_id, task_type)
SELECT '{}', '{}', min(id::text)::uuid, '{}' FROM public.users)sql",
                       ground_.organization().text(), ground_.agent().text(), type);
  }

  void one_event_for_many() {
    const std::string counted = "SELECT count(*) FROM public.notifications WHERE template_key = 'task.created'";
    ground_.run(task("once"));
    ground_.ground().await("the messages of one event",
                           [&] { return ground_.ground().number(counted + " AND status IN ('sent', 'delivered')") == 3 * kFollowers; });
    report_.exact("messages_of_one_event", ground_.ground().number(counted), 3 * kFollowers);
    ground_.log().read();
    std::map<std::string, int> times;
    for (const LoggedArrival& each : ground_.log().all()) ++times[each.message];
    // On a busy machine a receiver may not answer in time: its messages come again, and their attempts say why.
    const std::int64_t unanswered = ground_.ground().number("SELECT count(*) FROM public.notification_attempts WHERE outcome = 'unknown'");
    report_.exact("calls_of_one_event", static_cast<std::int64_t>(ground_.log().all().size()) - unanswered, 2 * kFollowers);
    report_.exact("each_once", static_cast<std::int64_t>(times.size()), 2 * kFollowers);
  }

  void equal_events() {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([this] {
        auto session = ground_.ground().sql_session();
        for (int event = 0; session && event < kEqualEvents / kWriters; ++event) static_cast<void>(session->script(task("equal")));
      });
    }
    writers.clear();
    CHECK(ground_.ground().number("SELECT count(*) FROM public.agent_executions WHERE task_type = 'equal'") == kEqualEvents);
    const std::string ended =
        "SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE group_id = 'weir.notifications' AND topic LIKE "
        "'%agent_executions'";
    ground_.ground().await("the equal events", [&] { return ground_.ground().number(ended) >= kEqualEvents + 1; });
    ground_.ground().await("their message", [&] { return ground_.waiting() == 0; });
    report_.exact(
        "messages_of_1000_equal_events",
        ground_.ground().number("SELECT count(*) FROM public.notifications WHERE template_key = 'task.started' AND status = 'sent'"), 1);
  }

  /// Timeouts that leave a receiver in Python time to answer where the machine is busy.
  static std::map<std::string, std::string> patient() {
    return {{"WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_TIMEOUT", "3s"},
            {"WEIR_CONSUMERS_NOTIFICATIONS_WEBHOOK_TIMEOUT", "3s"},
            {"WEIR_CONSUMERS_NOTIFICATIONS_SENDGRID_TIMEOUT", "3s"}};
  }

  /// Receivers answer a while after they have taken a message, so that a process is killed between the two.
  void kill_dispatchers() {
    constexpr int kLeast = 1'500;
    constexpr std::size_t kMostArrivals = 120;
    auto environment = patient();
    environment["WEIR_CONSUMERS_NOTIFICATIONS_LEASE"] = "6s";
    environment["WEIR_CONSUMERS_NOTIFICATIONS_WEBHOOK_CALLS"] = "2";
    Instance& victim = ground_.add("victim", "DELIVER", environment);
    std::int64_t before = 0;
    std::int64_t hits = 0;
    for (int kill = 0; kill < kills_; ++kill) {
      if (ground_.waiting() < kLeast) ground_.insert(late_messages());
      const std::size_t until = ground_.log().read() + 1 + dice_() % kMostArrivals;
      victim.start();
      ground_.ground().await("calls of the victim", [&] { return ground_.log().read() >= until; });
      victim.kill();
      const std::int64_t now = unrecorded();
      if (now > before) ++hits;
      before = now;
    }
    victim.start();
    ground_.ground().await(
        "the messages of the killed", [&] { return ground_.waiting() == 0; }, Seconds{600});
    victim.stop_well();
    report_.figure("kills", kills_);
    report_.witness("kills_between_send_and_record", hits, kills_ * 9 / 10);
    report_.figure("messages_sent_and_not_recorded", unrecorded());
    count_repeats();
  }

  /// How often a receiver took a message whose process was killed before it recorded the answer.
  [[nodiscard]] std::int64_t unrecorded() {
    const std::int64_t recorded = ground_.ground().number("SELECT count(*) FROM public.notification_attempts WHERE outcome = 'accepted'");
    return static_cast<std::int64_t>(ground_.log().read()) - recorded;
  }

  std::vector<Draft> late_messages() {
    std::vector<Draft> drafts;
    for (int number = 0; number < 1'000; ++number) {
      drafts.push_back({"pusher", static_cast<int>(dice_() % 1'000), "late/0.2,late/0.2"});
      drafts.push_back({"webhook", static_cast<int>(dice_() % kFollowers), "late/0.2,late/0.2"});
    }
    return drafts;
  }

  /// Counts what came again. An endpoint that drops a webhook whose id it has seen is left with each webhook once.
  void count_repeats() {
    ground_.log().read();
    std::map<std::string, std::map<std::string, std::int64_t>> times;
    for (const LoggedArrival& each : ground_.log().all()) ++times[each.protocol][each.message];
    std::int64_t repeats = 0;
    for (const auto& [protocol, messages] : times) {
      std::int64_t of_protocol = 0;
      for (const auto& [message, count] : messages) of_protocol += count - 1;
      report_.figure("repeats_of_" + protocol, of_protocol);
      repeats += of_protocol;
    }
    CHECK(repeats <= unrecorded());
    CHECK(repeats <= ground_.ground().number("SELECT count(*) FROM public.notification_attempts WHERE outcome = 'unknown'"));
    report_.exact("webhooks_beyond_their_ids",
                  static_cast<std::int64_t>(times["webhook"].size()) -
                      ground_.ground().number("SELECT count(*) FROM public.notifications WHERE channel = 'webhook'"),
                  0);
    report_.exact("accepted_twice", ground_.ground().number(R"sql(
SELECT count(*) FROM (
  SELECT FROM public.notification_attempts WHERE outcome = 'accepted' GROUP BY notification_id HAVING count(*) > 1) a)sql"),
                  0);
  }

  /// Each message goes alone, because its words tell its receiver how to behave.
  void start_deliverers() {
    auto environment = patient();
    environment["WEIR_CONSUMERS_NOTIFICATIONS_PUSHER_BATCH"] = "1";
    environment["WEIR_CONSUMERS_NOTIFICATIONS_WEBHOOK_CALLS"] = "1";
    for (int number = 1; number <= kProcesses; ++number) {
      deliverers_.push_back(&ground_.add(fmt::format("deliverer-{}", number), "DELIVER", environment));
      deliverers_.back()->start();
    }
  }

  /// SendGrid is out until all others have what was sent to them meanwhile.
  void outage_of_one() {
    const int each = std::max(20, sends_ / 10);
    testing::Receivers::running().set_out("sendgrid", true);
    ground_.insert(drafts_of("email", each, {"ok"}));
    ground_.ground().await("a refusal of SendGrid", [&] {
      ground_.log().read();
      return std::ranges::any_of(ground_.log().all(), [](const auto& arrival) { return arrival.protocol == "sendgrid"; });
    });
    ground_.insert(drafts_of("pusher", each, {"ok"}));
    ground_.insert(drafts_of("webhook", each, {"ok"}));
    ground_.ground().await("the messages of others", [&] {
      watch_memory();
      return ground_.ground().number("SELECT count(*) FROM weir.delivery_queue WHERE channel <> 'email'") == 0;
    });
    CHECK(ground_.waiting() == each);
    report_.exact("sent_by_others_during_an_outage",
                  2 * each - ground_.ground().number("SELECT count(*) FROM weir.delivery_queue WHERE channel <> 'email'"), 2 * each);
    testing::Receivers::running().set_out("sendgrid", false);
    ground_.ground().await(
        "the mails", [&] { return ground_.waiting() == 0; }, Seconds{300});
    sent_ += 3 * each;
  }

  [[nodiscard]] int place() {
    constexpr std::uint64_t kPlaces = 20;
    return static_cast<int>(dice_() % kPlaces);
  }

  std::vector<Draft> drafts_of(const std::string& channel, int count, const std::vector<std::string>& words) {
    std::vector<Draft> drafts;
    for (int number = 0; number < count; ++number) {
      const std::string& word = words[dice_() % words.size()];
      drafts.push_back({channel, place(), word});
    }
    return drafts;
  }

  /// Four in five messages are taken at once. A fault of Pusher concerns its whole account, so that only a few messages meet one.
  void faults() {
    const std::vector<std::string> of_webhooks{"429/1,ok",   "429,ok", "401,ok", "500,ok", "503/2,ok",   "500,503,ok",
                                               "silence,ok", "cut,ok", "giant",  "slow",   "redirect,ok"};
    const std::vector<std::string> of_pusher{"429/1,ok", "429,ok", "500,ok", "silence,ok", "cut,ok", "giant", "slow", "401,ok"};
    const int left = sends_ - sent_;
    std::vector<Draft> drafts = drafts_of("webhook", left / 10, of_webhooks);
    for (const std::string& words : of_webhooks) drafts.push_back({"webhook", place(), words});
    for (const std::string& words : of_pusher) drafts.push_back({"pusher", place(), words});
    for (const Draft& each : drafts_of("pusher", left / 500, of_pusher)) drafts.push_back(each);
    const auto faulty = static_cast<int>(drafts.size());
    for (const char* channel : {"webhook", "pusher", "email"}) {
      for (const Draft& each : drafts_of(channel, (left - faulty) / 3, {"ok"})) drafts.push_back(each);
    }
    std::ranges::shuffle(drafts, dice_);
    add_unreachable(drafts);
    ground_.insert(drafts);
    ground_.ground().await(
        "all but the unreachable",
        [&] {
          watch_memory();
          return ground_.waiting() == unreachable_;
        },
        Seconds{1'200});
    sent_ += static_cast<int>(drafts.size());
  }

  /// Adds an endpoint whose certificate nobody signed, and another that lets callers connect and says nothing. Their messages wait.
  void add_unreachable(std::vector<Draft>& drafts) {
    const auto& receivers = testing::Receivers::running();
    const int stranger = ground_.add_endpoint(fmt::format("https://localhost:{}/hook", receivers.port("stranger")));
    const int stalled = ground_.add_endpoint(fmt::format("http://127.0.0.1:{}/hook", receivers.port("stalled")));
    constexpr int kEach = 5;
    for (int number = 0; number < kEach; ++number) {
      drafts.push_back({"webhook", stranger, "ok"});
      drafts.push_back({"webhook", stalled, "ok"});
    }
    unreachable_ = 2 * kEach;
  }

  void watch_memory() {
    for (const Instance* each : deliverers_) most_kib_ = std::max(most_kib_, each->resident_kib());
  }

  void judge() {
    ground_.log().read();
    for (const auto& [word, times] : ground_.log().words()) report_.figure("answers_" + word, times);
    for (const char* word : {"429", "429/1", "401", "500", "503", "503/2", "silence", "cut", "giant", "slow", "redirect"}) {
      CAPTURE(word);
      CHECK(ground_.log().words()[word] > 0);
    }
    const auto early = ground_.log().early();
    tell(early);
    report_.figure("sends", sent_);
    report_.exact("before_their_time", static_cast<std::int64_t>(early.size()), 0);
    report_.exact("dead", ground_.ground().number("SELECT count(*) FROM public.notifications WHERE status = 'dead'"), 0);
    report_.exact("waiting_for_unreachable_endpoints", ground_.waiting(), unreachable_);
    report_.figure("resident_kib_at_most", most_kib_);
    CHECK(most_kib_ > 0);
    CHECK(most_kib_ < kMostKib);
    demo::Verdict verdict;
    value(demo::give_arrivals(ground_.session(), ground_.log().given()));
    value(demo::check_results(ground_.session(), demo::delivery_checks(), verdict));
    tell(verdict.differences);
    report_.tell(value(demo::count_deliveries(ground_.session())).line());
    report_.exact("lost", verdict.lost, 0);
    report_.exact("doubled", verdict.doubled, 0);
    report_.exact("differences", static_cast<std::int64_t>(verdict.differences.size()), 0);
    report_.figure("took", report_.elapsed());
  }

  void tell(const std::vector<std::string>& lines) const {
    for (std::size_t i = 0; i < lines.size() && i < kShown; ++i) report_.tell(lines[i]);
  }

  int kills_;
  int sends_;
  std::mt19937_64 dice_;
  Report report_;
  MessageGround ground_{report_};
  std::vector<Instance*> all_;
  std::vector<Instance*> deliverers_;
  std::int64_t unreachable_ = 0;
  std::int64_t most_kib_ = 0;
  int sent_ = 0;
};

}  // namespace

TEST_CASE("messages arrive whoever is killed and whatever receivers do") {
  if (!testing::has_receivers()) return;
  Notifications(parameters()).run();
}
