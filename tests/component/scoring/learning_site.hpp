// An organization that teaches: modules 1 to 3, of which 2 stands on 1, and 3 on 1 and 2; each with two required activities and an optional
// third one (11, 12, 13, 21, …), and learners who complete them. Each act gives the event that change capture would make of it.
#pragma once

#include "tests/component/scoring/site.hpp"

namespace weir::scoring {

inline Uuid module_of(int n) { return id(2'000 + n); }
inline Uuid activity_of(int n) { return id(2'100 + n); }
inline Uuid achievement_of(int n) { return id(2'200 + n); }
inline Uuid completion_of(int n) { return id(3'000 + n); }

class LearningSite : public Site {
 public:
  LearningSite() {
    for (int m = 1; m <= 3; ++m) {
      run(fmt::format(
          "INSERT INTO public.learning_modules (id, organization_id, key, title, is_published) VALUES ('{}', '{}', 'm{}', 'M', true)",
          module_of(m).text(), kOrganization.text(), m));
      for (int a = 1; a <= 3; ++a) {
        run(fmt::format(R"(
INSERT INTO public.learning_activities (id, organization_id, module_id, kind, title, difficulty_rating, points, required)
VALUES ('{}', '{}', '{}', 'quiz', 'A', {}, {}, {}))",
                        activity_of(10 * m + a).text(), kOrganization.text(), module_of(m).text(), 1'000 + 100 * m, 10 * m + a, a != 3));
      }
    }
    for (const auto& [module, needed] : {std::pair{2, 1}, std::pair{3, 1}, std::pair{3, 2}}) needs(module, needed);
  }

  std::shared_ptr<runtime::Event> needs(int module, int prerequisite) {
    run(fmt::format("INSERT INTO public.module_prerequisites (organization_id, module_id, prerequisite_id) VALUES ('{}', '{}', '{}')",
                    kOrganization.text(), module_of(module).text(), module_of(prerequisite).text()));
    return taught({module, prerequisite});
  }
  std::shared_ptr<runtime::Event> needs_no_more(int module, int prerequisite) {
    run(fmt::format("DELETE FROM public.module_prerequisites WHERE module_id = '{}' AND prerequisite_id = '{}'", module_of(module).text(),
                    module_of(prerequisite).text()));
    return taught({module, prerequisite});
  }
  std::shared_ptr<runtime::Event> alter_module(int module, const std::string& set) {
    run(fmt::format("UPDATE public.learning_modules SET {} WHERE id = '{}'", set, module_of(module).text()));
    return taught({module});
  }
  std::shared_ptr<runtime::Event> alter_activity(int activity, const std::string& set) {
    run(fmt::format("UPDATE public.learning_activities SET {} WHERE id = '{}'", set, activity_of(activity).text()));
    return taught({activity / 10}, activity);
  }
  /// The event of a change of these modules, or of an activity in them.
  static std::shared_ptr<runtime::Event> taught(std::vector<int> modules, std::optional<int> activity = std::nullopt) {
    CourseChanged fact{kOrganization, {}};
    for (const int module : modules) fact.modules.push_back(module_of(module));
    if (activity) fact.activity = activity_of(*activity);
    return event_of(std::move(fact), kStart);
  }

  /// An achievement of the library where it is of no organization.
  std::shared_ptr<runtime::Event> award(int n, const std::string& condition, int points = 0,
                                        std::optional<OrganizationId> organization = kOrganization) {
    run(fmt::format(R"(
INSERT INTO public.achievements (id, organization_id, key, name, condition, points) VALUES ('{0}', {1}, 'a{2}', 'A', '{3}', {4})
ON CONFLICT (id) DO UPDATE SET condition = excluded.condition, points = excluded.points)",
                    achievement_of(n).text(), organization ? "'" + organization->text() + "'" : "NULL", n, condition, points));
    return awarded(n);
  }
  static std::shared_ptr<runtime::Event> awarded(int n) { return event_of(AchievementChanged{achievement_of(n)}, kStart); }

  struct Done {
    int completion = 1;
    int user = 1;
    int activity = 11;
    std::string at = "2026-11-02T12:00Z";  // a Monday
    bool succeeded = true;
    std::string score = "NULL";
  };
  std::shared_ptr<runtime::Event> complete(const Done& done) {
    run(fmt::format(R"(
INSERT INTO public.activity_completions (id, organization_id, user_id, activity_id, succeeded, score, completed_at)
VALUES ('{}', '{}', '{}', '{}', {}, {}, '{}'))",
                    completion_of(done.completion).text(), kOrganization.text(), user(done.user).text(), activity_of(done.activity).text(),
                    done.succeeded, done.score, done.at));
    return completed(done.user, done.activity);
  }
  static std::shared_ptr<runtime::Event> completed(int user, int activity) {
    return event_of(CompletionChanged{kOrganization, weir::scoring::user(user), activity_of(activity)}, kStart);
  }
  std::shared_ptr<runtime::Event> undo(const Done& done) {
    run(fmt::format("DELETE FROM public.activity_completions WHERE id = '{}'", completion_of(done.completion).text()));
    return completed(done.user, done.activity);
  }

  /// The user's row changes, at a time.
  std::shared_ptr<runtime::Event> move(int n, const std::string& zone, const std::string& at, bool is_snapshot = false) {
    run(fmt::format("UPDATE public.users SET time_zone = '{}', updated_at = '{}' WHERE id = '{}'", zone, at, user(n).text()));
    return changed_user(n, is_snapshot);
  }
  std::shared_ptr<runtime::Event> changed_user(int n, bool is_snapshot = false) {
    const auto rows = must(owner.script("SELECT time_zone, updated_at FROM public.users WHERE id = '" + user(n).text() + "'"));
    return event_of(UserChanged{kOrganization, user(n), rows[0].get<std::string>(0), rows[0].get<Instant>(1), is_snapshot}, kStart);
  }

  // ---- What is there: the users' last two digits are hexadecimal, 65 for the first. ----

  std::string progress(int n) {
    return dump(
        "SELECT right(module_id::text, 1)::int, status, round(percent), unlocked_at AT TIME ZONE 'UTC', completed_at AT TIME ZONE 'UTC' "
        "FROM public.module_progress WHERE user_id = '" +
        user(n).text() + "' ORDER BY module_id");
  }
  std::string streak(int n) {
    return value(
        "SELECT concat_ws(' ', streak_days, longest_streak_days, last_active_on, freeze_used_on) FROM public.learner_states WHERE user_id "
        "= '" +
        user(n).text() + "'");
  }
  std::string points(int n) { return value("SELECT points FROM public.learner_states WHERE user_id = '" + user(n).text() + "'"); }
  std::string unlocked(int n) {
    return value(
        "SELECT string_agg(a.key || ' ' || to_char(u.unlocked_at AT TIME ZONE 'UTC', 'DD HH24:MI'), ', ' ORDER BY a.key) FROM "
        "public.achievements_unlocked u JOIN public.achievements a ON a.id = u.achievement_id WHERE u.user_id = '" +
        user(n).text() + "'");
  }
  std::string ratings() {
    return dump("SELECT round(difficulty_rating::numeric, 3), attempts FROM public.activity_ratings ORDER BY activity_id");
  }
  std::string holders() { return dump("SELECT holders FROM weir.achievement_holders ORDER BY achievement_id, organization_id"); }
  std::string marks() { return value("SELECT count(*) FROM weir.learning_marks"); }
};

}  // namespace weir::scoring
