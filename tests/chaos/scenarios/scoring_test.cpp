// Users submit, correct, withdraw and delete, and complete activities, while instances of weir scoring, and weir cdc, are killed at random
// points, most of them in the midst of a transaction: every status, score, growth row, profile and alignment is what SQL gives over the
// answers as they were given, and every learner's progress, skill, streak and achievements over the completions as they stand.
#include "common/encryption/master_key.hpp"
#include "common/testing/default_configuration.hpp"
#include "consumers/scoring/component.hpp"
#include "demo/application/application.hpp"
#include "demo/application/learners.hpp"
#include "demo/application/respondents.hpp"
#include "demo/application/simulation.hpp"
#include "demo/stage/expectations.hpp"
#include "tests/chaos/harness/ground.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::chaos;
using testing::value;

namespace {

constexpr std::size_t kMembers = 2;
constexpr int kActsBetween = 60;
constexpr int kKillsOfCaptureEvery = 4;
constexpr Milliseconds kDelay{8};  // each way to Postgres, so that a random point lies within a transaction
constexpr std::size_t kShownDifferences = 20;

class Scoring {
 public:
  explicit Scoring(const Parameters& asked)
      : kills_(asked.of_form(8, 150)),
        in_transaction_(asked.of_form(4, 75)),
        report_("scoring", asked),
        dice_(asked.seed),
        ground_(report_, ground_options()),
        simulation_(asked.seed, {}),
        owner_(value(ground_.connect())) {
    const std::filesystem::path key = ground_.folder() / "master.key";
    value(encryption::make_master_key(key));
    masters_.current = value(encryption::master_key_of_file(key));
    value(ground_.weir({"instruments", "load"}));
    demo::Application application(value(ground_.sql_session()));
    value(application.found(simulation_.world()));
    ground_.add({.name = "cdc", .component = "cdc"});
    for (std::size_t number = 1; number <= kMembers; ++number) {
      const std::string name = "scoring-" + std::to_string(number);
      members_.push_back(&ground_.add(
          {.name = name, .component = "scoring", .postgres_link = name, .environment = {{"WEIR_ENCRYPTION_MASTER_KEY_FILE", key}}}));
    }
    respondents_.emplace(value(ground_.sql_session()), ring_, simulation_.world(), asked.seed);
    value(respondents_->gather(clock_.now()));
    learners_.emplace(value(ground_.sql_session()), simulation_.world(), asked.seed + 1);
    value(learners_->gather());
  }

  void run() {
    ground_.instance("cdc").start();
    for (Instance* member : members_) {
      link(*member).delay(kDelay);
      member->start();
    }
    // Learners begin after the snapshot, because weir cannot know the zones that users had before it.
    ground_.await("the slot of weir cdc", [&] {
      return ground_.try_number("SELECT count(*) FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL").value_or(0) > 0;
    });
    for (int kill = 0; kill < kills_; ++kill) {
      for (int act = 0; act < kActsBetween; ++act) {
        value(respondents_->act(clock_.now()));
        value(learners_->act(clock_.now()));
      }
      await_more();
      if (kill % kKillsOfCaptureEvery == 1) {
        ground_.instance("cdc").kill();
        ground_.instance("cdc").start();
      }
      hurt(*members_[dice_() % members_.size()]);
    }
    for (const Instance* member : members_) link(*member).heal();
    settle();
    for (Instance* member : members_) member->stop_well();
    ground_.instance("cdc").stop_well();
    judge();
  }

 private:
  static GroundOptions ground_options() {
    GroundOptions options;
    options.pipeline = true;
    options.set = {{"WEIR_CONSUMERS_SCORING_START", "earliest"},
                   {"WEIR_CONSUMERS_SCORING_SESSION_TIMEOUT", "6s"},
                   {"WEIR_CONSUMERS_SCORING_FLUSH_INTERVAL", "20ms"},
                   {"WEIR_CDC_TABLES",
                    "public.users,public.assessment_responses,public.consents,public.projects,public.project_members,"
                    "public.activity_completions,public.learning_modules,public.module_prerequisites,public.learning_activities,"
                    "public.achievements"},
                   {"WEIR_CDC_KEYS",
                    "public.assessment_responses=user_id,public.consents=user_id,public.project_members=user_id,"
                    "public.activity_completions=user_id"}};
    return options;
  }
  [[nodiscard]] Proxy& link(const Instance& member) { return ground_.postgres_link(member.name()); }

  [[nodiscard]] std::int64_t ended() {
    return ground_.try_number("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts WHERE group_id = 'weir.scoring'").value_or(0);
  }
  void await_more() {
    const std::int64_t before = ended_;
    ground_.await("records that end", [&] { return (ended_ = ended()) > before; });
  }

  void hurt(Instance& victim) {
    // A process that dies three times over one event buries it, rightly; the scenario `poison` shows that.
    ground_.await("no partition whose events go one at a time",
                  [&] { return ground_.try_number("SELECT count(*) FROM weir.consumer_offsets WHERE deaths > 1").value_or(1) == 0; });
    ground_.await("a transaction of " + victim.name(), [&] {
      value(respondents_->act(clock_.now()));
      value(learners_->act(clock_.now()));
      return link(victim).open_transactions() > 0;
    });
    const std::int64_t before = link(victim).counters().ended_in_transaction;
    victim.kill();
    ground_.await("the links of " + victim.name() + " are gone", [&] { return link(victim).open_links() == 0; });
    if (link(victim).counters().ended_in_transaction > before) ++killed_in_transaction_;
    report_.tell("killed " + victim.name());
    victim.start();
  }

  static demo::Expectation expected() {
    const process::Component component = scoring::scoring_component();
    return testing::by_default(component, [&](const auto& configuration) { return demo::expectation_of(component, configuration); });
  }

  void settle() {
    const std::string written = ground_.text("SELECT pg_current_wal_lsn()");
    auto session = value(ground_.sql_session());
    ground_.await("everything to end", [&] {
      const auto rest = demo::unsettled(session, ground_.admin(), expected(), written);
      return rest && rest->empty();
    });
  }

  void judge() {
    auto session = value(ground_.sql_session());
    demo::Expectation expectation = expected();
    expectation.dead = respondents_->refused();
    value(demo::give_answers(session, respondents_->responses()));
    value(demo::give_zones(session, learners_->zones()));
    const demo::Verdict verdict = value(demo::verify(session, ground_.admin(), expectation));
    report_.tell(verdict.line());
    const auto& differences = verdict.differences;
    for (std::size_t index = 0; index < differences.size() && index < kShownDifferences; ++index) report_.tell(differences[index]);
    report_.figure("kills", kills_);
    report_.witness("kills_in_an_open_transaction", killed_in_transaction_, in_transaction_);
    report_.figure("submissions", static_cast<std::int64_t>(respondents_->responses().size()));
    report_.figure("completions", static_cast<std::int64_t>(learners_->completions()));
    for (const char* table : {"assessment_scores", "growth_scores", "attachment_profiles", "values_alignments", "module_progress",
                              "learner_states", "achievements_unlocked", "activity_ratings"}) {
      const std::int64_t rows = ground_.number(std::string("SELECT count(*) FROM public.") + table);
      CHECK(rows > 0);
      report_.figure(table, rows);
    }
    report_.figure("records", verdict.records);
    report_.figure("re_sent", verdict.re_sent);
    report_.exact("lost", verdict.lost, 0);
    report_.exact("doubled", verdict.doubled, 0);
    report_.exact("differences", static_cast<std::int64_t>(differences.size()), 0);
    report_.figure("took", report_.elapsed());
  }

  int kills_;
  int in_transaction_;
  Report report_;
  std::mt19937_64 dice_;
  Ground ground_;
  demo::Simulation simulation_;
  postgres::Connection owner_;
  encryption::MasterKeys masters_;
  encryption::KeyRing ring_{owner_, masters_};
  std::optional<demo::Respondents> respondents_;
  std::optional<demo::Learners> learners_;
  std::vector<Instance*> members_;
  SystemClock clock_;
  std::int64_t ended_ = 0;
  int killed_in_transaction_ = 0;
};

}  // namespace

TEST_CASE("scores are exact whoever is killed when") { Scoring(parameters()).run(); }
