// Insights, from the event to the text and the message about it, over cdc, Kafka and Postgres, while the processes that word them are
// killed with calls in flight and the models are late, fail, lie and limit: no budget is exceeded, no input is paid for twice, and every
// user who did something has each insight once, with a text.
#include "demo/receivers/model_servers.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/component/insights/dropped_activity.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>

using namespace weir;
using namespace weir::chaos;
using testing::kInsightsOfAUser;
using testing::value;

namespace {

constexpr int kProcesses = 3;
constexpr std::int64_t kTokens = 20'000;  // of an organization's day, whose users would use more

class Insights {
 public:
  explicit Insights(const Parameters& asked)
      : kills_(asked.of_form(8, 150)),
        users_of_a_kill_(asked.of_form(20, 6)),
        users_(static_cast<std::int64_t>(kills_) * users_of_a_kill_),
        dice_(asked.seed),
        report_("insights", asked),
        owner_(value(ground_.connect())) {
    value(testing::add_consenting_users(owner_, users_));
    value(testing::add_dropped_activity(owner_));
    run(fmt::format(
        "UPDATE weir.insight_budgets SET requests = NULL, tokens = CASE spender WHEN 'organization' THEN {} END, micro_usd = NULL",
        kTokens));
    ground_.add({.name = "cdc", .component = "cdc"});
    ground_.add({.name = "notifications",
                 .component = "notifications",
                 .environment = {{"WEIR_CONSUMERS_NOTIFICATIONS_DSN", ground_.dsn() + " user=weir_notifications"},
                                 {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                                 {"WEIR_CONSUMERS_NOTIFICATIONS_INTAKE", "true"}}});
    for (int number = 1; number <= kProcesses; ++number) all_.push_back(&add(fmt::format("insights-{}", number)));
  }

  void run() {
    ground_.instance("cdc").start();
    ground_.instance("notifications").start();
    for (Instance* each : all_) each->start();
    ground_.await("the slot of weir cdc", [&] {
      return ground_.try_number("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL").value_or(0) > 0;
    });
    for (int kill = 0; kill < kills_; ++kill) {
      let_users_achieve(kill);
      ground_.await("calls in flight", [&] { return open_calls() > 0; });
      Instance& victim = *all_[dice_() % all_.size()];
      victim.kill();
      if (open_calls() > 0) ++hits_;
      victim.start();
    }
    const std::string waits =
        "SELECT (SELECT count(*) FROM weir.insight_intents) + (SELECT count(*) FROM weir.insight_drafts) + "
        "(SELECT count(*) FROM weir.insight_calls WHERE outcome = 'open')";
    ground_.await("every insight", [&] {
      return ground_.number("SELECT count(*) FROM public.insights") >= users_ * kInsightsOfAUser && ground_.number(waits) == 0;
    });
    ground_.await("the messages of every user",
                  [&] { return ground_.number("SELECT count(*) FROM public.notifications WHERE channel = 'in_app'") >= users_; });
    for (Instance* each : all_) each->stop_well();
    judge();
  }

 private:
  static GroundOptions options() {
    GroundOptions options;
    options.pipeline = true;
    options.set = {{"WEIR_CDC_TABLES", "public.achievements_unlocked,public.consents,public.insights"},
                   {"WEIR_CDC_KEYS", "public.achievements_unlocked=user_id,public.consents=user_id"},
                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                   {"WEIR_CONSUMERS_INSIGHTS_SESSION_TIMEOUT", "6s"},
                   {"WEIR_CONSUMERS_INSIGHTS_FLUSH_INTERVAL", "20ms"},
                   {"WEIR_CONSUMERS_INSIGHTS_INTENT_DELAY", "300ms"},
                   {"WEIR_CONSUMERS_INSIGHTS_LEASE", "5s"},
                   {"WEIR_CONSUMERS_INSIGHTS_KEEP", "5s"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_TIMEOUT", "4s"},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_TIMEOUT", "4s"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_CALLS", "20"},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_CALLS", "20"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", demo::kAnthropicKey},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_KEY", demo::kOpenaiKey}};
    return options;
  }
  Instance& add(const std::string& name) {
    return ground_.add({.name = name,
                        .component = "insights",
                        .environment = {{"WEIR_CONSUMERS_INSIGHTS_DSN", ground_.dsn() + " user=weir_insights"},
                                        {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", servers_->url()},
                                        {"WEIR_CONSUMERS_INSIGHTS_OPENAI_URL", servers_->url()}}});
  }
  void run(const std::string& sql) { value(owner_.script(sql)); }
  [[nodiscard]] std::int64_t open_calls() { return ground_.number("SELECT count(*) FROM weir.insight_calls WHERE outcome = 'open'"); }

  /// Each of the next users unlocks an achievement: the event that opens the user's intent.
  void let_users_achieve(int kill) {
    run(fmt::format(R"sql(
INSERT INTO public.achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at)
SELECT organization_id, id, gen_random_uuid(), now()
  FROM public.users
 ORDER BY id
OFFSET {} LIMIT {})sql",
                    kill * users_of_a_kill_, users_of_a_kill_));
  }

  void judge() {
    const auto number = [&](const std::string& sql) { return ground_.number(sql); };
    report_.figure("kills", kills_);
    report_.witness("kills_with_calls_in_flight", hits_, kills_ / 2);
    // Nearly every answer comes to a process that lives on: one kill in six leaves a call without, so that the short form may see none.
    report_.witness("calls_that_nobody_answered_for", number("SELECT count(*) FROM weir.insight_calls WHERE reason = 'its lease ended'"),
                    kills_ / 20);
    report_.witness("texts_of_models", number("SELECT count(*) FROM public.insights WHERE provider <> 'template'"), kills_ / 8);
    report_.witness("texts_over_budget", number("SELECT count(*) FROM public.insights WHERE fallback_reason = 'budget_tokens'"), 1);
    report_.exact(
        "insights",
        number("SELECT count(*) FROM public.insights WHERE title <> '' AND (provider = 'template') = (fallback_reason IS NOT NULL)"),
        users_ * kInsightsOfAUser);
    report_.exact("users_without_each_insight_once", number(R"sql(
SELECT count(*)
  FROM public.users u
 WHERE (SELECT count(*) || ' ' || count(DISTINCT audience) FROM public.insights i WHERE i.user_id = u.id) <> '2 2')sql"),
                  0);
    report_.exact("messages",
                  number("SELECT count(*) FROM public.notifications WHERE channel = 'in_app' AND template_key = 'insight.ready'"), users_);
    // Usage that an answer tells of may be more than was reserved; here it never is.
    report_.exact(
        "days_over_budget",
        number(fmt::format(
            "SELECT count(*) FROM weir.insight_spending WHERE spender LIKE 'organization:%' AND reserved_tokens + charged_tokens > {}",
            kTokens)),
        0);
    report_.exact("days_whose_sum_is_not_that_of_their_calls", number(R"sql(
SELECT count(*)
  FROM (SELECT spender, sum(charged_tokens) AS charged, sum(reserved_tokens) AS reserved FROM weir.insight_spending
         WHERE spender LIKE 'organization:%' GROUP BY spender) s
 WHERE reserved <> 0
    OR charged <> (SELECT coalesce(sum(tokens_in + tokens_out), 0) FROM weir.insight_calls c WHERE 'organization:' || c.organization_id = s.spender))sql"),
                  0);
    report_.exact("inputs_called_for_twice", twice(), 0);
    report_.figure("largest_ms_to_a_text",
                   number("SELECT (1000 * extract(epoch FROM max(worded_at - claimed_at)))::bigint FROM public.insights"));
    report_.figure("took", report_.elapsed());
  }

  /// Inputs that the servers were sent more than once. No two users have the same numbers, and the inputs have no placeholders.
  [[nodiscard]] std::int64_t twice() const {
    std::map<std::string, int> times;
    for (const demo::ModelServers::Taken& taken : servers_->taken()) ++times[taken.body];
    return std::ranges::count_if(times, [](const auto& each) { return each.second > 1; });
  }

  int kills_;
  int users_of_a_kill_;
  std::int64_t users_;
  int hits_ = 0;
  std::mt19937_64 dice_;
  Report report_;
  Ground ground_{report_, options()};
  postgres::Connection owner_;
  std::unique_ptr<demo::ModelServers> servers_ = value(demo::ModelServers::start(demo::demo_script()));
  std::vector<Instance*> all_;
};

/// Both providers take every request and answer none, while users go on doing things.
class HangingModels {
 public:
  explicit HangingModels(const Parameters& asked) : report_("insights_hanging", asked), owner_(value(ground_.connect())) {
    value(testing::add_consenting_users(owner_, kWaves * kUsersOfAWave));
    value(testing::add_dropped_activity(owner_));
    value(owner_.script("UPDATE weir.insight_budgets SET requests = NULL, tokens = NULL, micro_usd = NULL"));
    ground_.add({.name = "cdc", .component = "cdc"});
    ground_.add({.name = "notifications",
                 .component = "notifications",
                 .environment = {{"WEIR_CONSUMERS_NOTIFICATIONS_DSN", ground_.dsn() + " user=weir_notifications"},
                                 {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                                 {"WEIR_CONSUMERS_NOTIFICATIONS_INTAKE", "true"}}});
    ground_.add({.name = "insights",
                 .component = "insights",
                 .environment = {{"WEIR_CONSUMERS_INSIGHTS_DSN", ground_.dsn() + " user=weir_insights"},
                                 {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_URL", servers_->url()},
                                 {"WEIR_CONSUMERS_INSIGHTS_OPENAI_URL", servers_->url()}}});
  }

  void run() {
    for (const char* name : {"cdc", "notifications", "insights"}) ground_.instance(name).start();
    ground_.await("the slot of weir cdc", [&] {
      return ground_.try_number("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL").value_or(0) > 0;
    });
    for (std::int64_t wave = 0; wave < kWaves; ++wave) {
      value(owner_.script(fmt::format(R"sql(
INSERT INTO public.achievements_unlocked (organization_id, user_id, achievement_id, unlocked_at)
SELECT organization_id, id, gen_random_uuid(), now()
  FROM public.users
 ORDER BY id
OFFSET {} LIMIT {})sql",
                                      wave * kUsersOfAWave, kUsersOfAWave)));
      const std::int64_t all = (wave + 1) * kUsersOfAWave;
      ground_.await(
          "both groups at the end of the topic",
          [&] { return known_users() >= all && told_users() >= all && lag("weir.insights") == 0 && lag("weir.notifications") == 0; },
          kPatience);
      ground_.await("calls in flight", [&] { return open_calls() > 0; });
    }
    report_.exact("records_that_insights_have_yet_to_take", lag("weir.insights"), 0);
    report_.exact("records_that_notifications_have_yet_to_take", lag("weir.notifications"), 0);
    ground_.await("a text for every insight", [&] {
      return ground_.number("SELECT count(*) FROM public.insights WHERE provider = 'template'") >=
             kWaves * kUsersOfAWave * kInsightsOfAUser;
    });
    // Nobody has answered, so every text came while calls hung.
    report_.exact("texts_of_models", ground_.number("SELECT count(*) FROM public.insights WHERE provider <> 'template'"), 0);
    report_.figure("took", report_.elapsed());
  }

 private:
  static constexpr std::int64_t kWaves = 10;
  static constexpr std::int64_t kUsersOfAWave = 30;
  static constexpr Milliseconds kPatience{20'000};  // less than a call may hang
  static constexpr const char* kTopic = "weir.cdc.public.achievements_unlocked";

  static GroundOptions options() {
    GroundOptions options;
    options.pipeline = true;
    options.set = {{"WEIR_CDC_TABLES", "public.achievements_unlocked,public.consents,public.insights"},
                   {"WEIR_CDC_KEYS", "public.achievements_unlocked=user_id,public.consents=user_id"},
                   {"WEIR_CONSUMERS_INSIGHTS_START", "earliest"},
                   {"WEIR_CONSUMERS_INSIGHTS_FLUSH_INTERVAL", "20ms"},
                   {"WEIR_CONSUMERS_INSIGHTS_INTENT_DELAY", "300ms"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_TIMEOUT", "30s"},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_TIMEOUT", "30s"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_CALLS", "20"},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_CALLS", "20"},
                   {"WEIR_CONSUMERS_INSIGHTS_ANTHROPIC_KEY", demo::kAnthropicKey},
                   {"WEIR_CONSUMERS_INSIGHTS_OPENAI_KEY", demo::kOpenaiKey}};
    return options;
  }
  /// Users of whom insights have heard.
  [[nodiscard]] std::int64_t known_users() {
    return ground_.number(R"sql(
SELECT count(*)
  FROM (SELECT user_id FROM weir.insight_intents
         UNION SELECT user_id FROM weir.insight_drafts
         UNION SELECT user_id FROM public.insights) u)sql");
  }
  /// Users who were told of their achievement.
  [[nodiscard]] std::int64_t told_users() {
    return ground_.number(
        "SELECT count(DISTINCT user_id) FROM public.notifications WHERE channel = 'in_app' AND template_key = 'achievement.unlocked'");
  }
  /// Records of the topic that the group has yet to take.
  [[nodiscard]] std::int64_t lag(const std::string& group) {
    const auto position = ground_.number(fmt::format(
        "SELECT coalesce(sum(next_offset), 0)::bigint FROM weir.consumer_offsets WHERE epoch > 0 AND group_id = '{}' AND topic = '{}'",
        group, kTopic));
    return ground_.end_of(kTopic).value_or(0) - position;
  }
  [[nodiscard]] std::int64_t open_calls() { return ground_.number("SELECT count(*) FROM weir.insight_calls WHERE outcome = 'open'"); }

  Report report_;
  Ground ground_{report_, options()};
  postgres::Connection owner_;
  std::unique_ptr<demo::ModelServers> servers_ = value(demo::ModelServers::start(
      [](const demo::ModelRequest&, std::uint64_t) { return demo::ModelBehaviour{.act = demo::ModelAct::kSilent}; }));
};

}  // namespace

TEST_CASE("while both providers hang, no group falls behind: insights take their events and notifications theirs") {
  HangingModels(parameters()).run();
}

TEST_CASE("every user who did something has each insight once, with a text, whoever is killed and whatever models do") {
  Insights(parameters()).run();
}
