// Submissions in, scores and growth out: which rows are written, taken back, and left alone.
#include "tests/component/scoring/site.hpp"

#include <thread>

using namespace weir;
using namespace weir::scoring;

TEST_CASE("a submission is scored as the rules say, and its response is set to scored") {
  Site site;
  Worker worker(site);
  CHECK(worker.apply(site.submit({})) == "done");
  CHECK(site.status(1) == "scored");
  CHECK(site.scores(1) == "(calm,60.000,)\n(composite,52.500,)\n(warm,50.000,)");
  CHECK(site.value(R"(
SELECT (t_score, percentile, standard_error, interval_low, interval_high, norm_group, answered_items, flags, instrument_version,
        submitted_at = '2026-11-18 12:00Z')::text
  FROM public.assessment_scores
 WHERE dimension = 'calm')") == "(50,50,4,52.16,67.84,all,5,{},3,t)");
  CHECK(site.growth() == "");
}

TEST_CASE("a submission that comes again, or has right results, is left alone") {
  Site site;
  Worker worker(site);
  const auto event = site.submit({});
  CHECK(worker.apply(Events{event, event}) == std::vector<std::string>{"done", "unchanged"});
  const std::string rows = site.dump("SELECT xmin, * FROM public.assessment_scores ORDER BY dimension");
  CHECK(worker.apply(event) == "unchanged");
  CHECK(worker.apply(site.changed(1)) == "unchanged");
  CHECK(site.dump("SELECT xmin, * FROM public.assessment_scores ORDER BY dimension") == rows);
}

TEST_CASE("missing answers are no refusal: a dimension without score says why, and the rest is scored") {
  Site site;
  Worker worker(site);
  CHECK(worker.apply(site.submit({.plaintext = answers({4, 4, 4, 4, 5, 3, 3, 3, 0, 0})})) == "done");
  CHECK(site.status(1) == "scored");
  CHECK(site.scores(1) == "(calm,60.000,)\n(composite,,dimension_without_score)\n(warm,,too_few_answers)");
  CHECK(worker.apply(site.submit({.response = 2, .plaintext = answers({})})) == "done");
  CHECK(site.scores(2) == "(calm,,no_answers)\n(composite,,dimension_without_score)\n(warm,,no_answers)");
}

TEST_CASE("growth compares each submission with the one before, in order of submission and not of arrival") {
  Site site;
  Worker worker(site);
  const auto hours = [](int n) { return kStart + std::chrono::hours{n}; };
  worker.apply(site.submit({.response = 1, .submitted_at = hours(1)}));
  worker.apply(site.submit({.response = 3, .plaintext = answers({5, 5, 5, 5, 1, 3, 3, 3, 3, 3}), .submitted_at = hours(3)}));
  CHECK(site.growth() == "(03eb,03e9,calm,40.000,improving)\n(03eb,03e9,composite,10.000,stable)\n(03eb,03e9,warm,0.000,stable)");
  // The second comes late.
  worker.apply(site.submit({.response = 2, .plaintext = answers({3, 3, 3, 3, 3, 3, 3, 3, 3, 3}), .submitted_at = hours(2)}));
  CHECK(site.growth() ==
        "(03ea,03e9,calm,-10.000,stable)\n(03eb,03ea,calm,50.000,improving)\n(03ea,03e9,composite,-2.500,stable)\n(03eb,03ea,composite,12."
        "500,stable)\n"
        "(03ea,03e9,warm,0.000,stable)\n(03eb,03ea,warm,0.000,stable)");
}

TEST_CASE("a corrected submission is scored anew, a withdrawn or deleted one leaves no row, and later growth follows") {
  Site site;
  Worker worker(site);
  const auto hours = [](int n) { return kStart + std::chrono::hours{n}; };
  for (int n = 1; n <= 3; ++n) worker.apply(site.submit({.response = n, .submitted_at = hours(n)}));
  const std::string all = site.settled();
  CHECK(worker.apply(site.correct(2, answers({5, 5, 5, 5, 1, 5, 5, 5, 5, 1}))) == "done");
  CHECK(site.status(2) == "scored");
  CHECK(site.scores(2) == "(calm,100.000,)\n(composite,100.000,)\n(warm,100.000,)");
  CHECK(site.value("SELECT string_agg(direction, ' ' ORDER BY response_id) FROM public.growth_scores WHERE dimension = 'calm'") ==
        "improving declining");
  CHECK(worker.apply(site.withdraw(2)) == "done");
  CHECK(site.scores(2) == "");
  CHECK(site.growth().find("(03eb,03e9,calm,0.000,stable)") != std::string::npos);
  CHECK(worker.apply(site.correct(2, answers({4, 4, 4, 4, 5, 3, 3, 3, 3, 3}))) == "done");
  CHECK(site.settled() == all);
  CHECK(worker.apply(site.remove(2)) == "done");
  CHECK(site.scores(2) == "");
  CHECK(site.value("SELECT count(*) FROM public.growth_scores") == "3");
}

TEST_CASE("a response that is given to another user leaves the first user's series and enters the other's") {
  Site site;
  Worker worker(site);
  worker.apply(site.submit({.response = 1}));
  worker.apply(site.submit({.response = 2, .submitted_at = kStart + std::chrono::hours{1}}));
  worker.apply(site.submit({.response = 3, .user = 2}));
  site.run("UPDATE public.assessment_responses SET user_id = '" + user(2).text() + "' WHERE id = '" + response(2).text() + "'");
  auto moved = site.changed(2);
  std::get<ResponseChanged>(static_cast<Fact&>(*moved->decoded.payload).body).previous_user = user(1);
  CHECK(worker.apply(moved) == "done");
  CHECK(site.value("SELECT count(*) FROM public.growth_scores WHERE user_id = '" + user(1).text() + "'") == "0");
  CHECK(site.value("SELECT count(*) FROM public.growth_scores WHERE user_id = '" + user(2).text() + "'") == "3");
}

TEST_CASE("an attachment instrument makes a profile beside the scores, and takes it back") {
  Site site;
  Worker worker(site);
  std::string json = sample_instrument();
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = json.find(from); at != std::string::npos; at = json.find(from, at + to.size())) json.replace(at, from.size(), to);
  };
  replace("\"sample\"", "\"styles\"");
  replace("\"calm\"", "\"anxiety\"");
  replace("\"warm\"", "\"avoidance\"");
  replace(R"("composite": {"weights")", R"("attachment": {}, "composite": {"weights")");
  const Uuid styles = site.load(json);
  CHECK(worker.apply(site.submit({.assessment = styles})) == "done");
  CHECK(site.dump("SELECT anxiety, avoidance, style, p_disorganized FROM public.attachment_profiles") == "(60,50,disorganized,0.25)");
  CHECK(worker.apply(site.correct(1, answers({1, 1, 1, 1, 5, 1, 1, 1, 1, 5}))) == "done");
  CHECK(site.value("SELECT style FROM public.attachment_profiles") == "secure");
  CHECK(worker.apply(site.correct(1, answers({1, 1, 1, 1, 5, 0, 0, 1, 1, 5}))) == "done");
  CHECK(site.value("SELECT count(*) FROM public.attachment_profiles") == "0");
}

TEST_CASE("where two instances score two submissions of a user at the same time, the second waits and no row is missing") {
  Site site;
  Worker first(site);
  Worker second(site);
  const auto one = site.submit({.response = 1});
  const auto two = site.submit({.response = 2, .submitted_at = kStart + std::chrono::hours{1}});
  first.begin_apply({one});
  std::thread other([&] { CHECK(second.apply(two) == "done"); });
  await_blocked(site.dsn);
  first.commit();
  other.join();
  CHECK(site.value("SELECT count(*) FROM public.assessment_scores") == "6");
  CHECK(site.value("SELECT count(*) FROM public.growth_scores") == "3");
}

TEST_CASE("a submission that is rolled back leaves no row, and is scored when it comes again") {
  Site site;
  Worker worker(site);
  const auto event = site.submit({});
  worker.begin_apply({event});
  worker.roll_back();
  CHECK(site.status(1) == "submitted");
  CHECK(site.scores(1) == "");
  CHECK(worker.apply(event) == "done");
  CHECK(site.status(1) == "scored");
}
