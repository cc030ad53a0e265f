// The rows of the table "Bad input" in docs/scoring.md: which submissions are refused, why, and what the person sees. A refused submission
// has no score.
#include "tests/component/scoring/site.hpp"

#include <thread>

using namespace weir;
using namespace weir::scoring;

namespace {

std::string version_3(const std::string& members) { return R"({"instrument_version": 3, "answers": {)" + members + "}}"; }

struct Refused {
  Site site;
  Worker worker{site};
  int next = 0;

  /// How the event ended, and what the response says afterwards.
  std::string end_of(Site::Submission submission, std::optional<Instant> recorded_at = std::nullopt) {
    submission.response = ++next;
    site.submit(submission);
    const std::string end = worker.apply(site.changed(next, recorded_at));
    CHECK(site.scores(next) == "");
    return end + " | " + site.status(next);
  }
  std::string end_of_answers(const std::string& plaintext) { return end_of({.plaintext = plaintext}); }
};

}  // namespace

TEST_CASE("answers that do not fit the instrument are refused as a whole, with each reason and item") {
  Refused refused;
  CHECK(refused.end_of_answers(version_3(R"("a1": 4, "zz": 1)")) == "dead unknown_item | rejected unknown_item");
  CHECK(refused.end_of_answers(version_3(R"("a1": 4, "a1": 4)")) == "dead repeated_key | rejected repeated_key:a1");
  CHECK(refused.end_of_answers(version_3(R"("a1": 6, "b2": 0)")) == "dead out_of_scale | rejected out_of_scale:a1 out_of_scale:b2");
  CHECK(refused.end_of_answers(version_3(R"("a1": 4.0)")) == "dead not_an_integer | rejected not_an_integer:a1");
  CHECK(refused.end_of_answers(version_3(R"("a1": null)")) == "dead not_an_integer | rejected not_an_integer:a1");
  CHECK(refused.end_of_answers(answers({4}, 2)) == "dead wrong_version | rejected wrong_version");
  CHECK(refused.end_of_answers("[1, 2]") == "dead not_an_object | rejected not_an_object");
  CHECK(refused.end_of_answers("{not json}") == "dead malformed_json | rejected malformed_json");
  CHECK(refused.end_of_answers(R"({"instrument_version": 3})") == "dead missing_field | rejected missing_field");
  CHECK(refused.end_of_answers(R"({"instrument_version": 3, "answers": {}, "x": 1})") == "dead unknown_field | rejected unknown_field");
  std::string many;
  for (int n = 0; n < 10'000; ++n) many += fmt::format(R"({}"q{}": 3)", n == 0 ? "" : ", ", n);
  CHECK(refused.end_of_answers(version_3(many)) == "dead unknown_item | rejected unknown_item");
  CHECK(refused.end_of_answers(version_3(std::string(kMaxAnswersBytes, ' '))) == "dead too_large | rejected too_large");
}

TEST_CASE("a draft and another organization's assessment are refused, a retired one is scored") {
  Refused refused;
  const auto of = [&](const Uuid& assessment) { return refused.end_of({.assessment = assessment}); };
  std::string own = sample_instrument();
  own.replace(own.find("\"sample\""), 8, "\"theirs\"");
  CHECK(of(refused.site.load(own, kOtherOrganization.value)) == "dead foreign_assessment | rejected foreign_assessment");
  refused.site.run("INSERT INTO public.assessments (id, key, instrument_version, title) VALUES ('" + id(77).text() + "', 'd', 1, 'D')");
  CHECK(of(id(77)) == "dead draft_assessment | rejected draft_assessment");
  // A draft is not remembered, because it may be published. This draft has no scoring.
  refused.site.run("UPDATE public.assessments SET status = 'published', published_at = now() WHERE id = '" + id(77).text() + "'");
  CHECK(of(id(77)) == "dead faulty_assessment | rejected faulty_assessment");
  refused.site.run("UPDATE public.assessments SET status = 'retired' WHERE id = '" + refused.site.assessment.text() + "'");
  refused.site.submit({.response = 50});
  CHECK(refused.worker.apply(refused.site.changed(50)) == "done");
  CHECK(refused.site.status(50) == "scored");
}

TEST_CASE("a submission before its start, or too far after its record, is refused; one ten minutes after is not") {
  Refused refused;
  CHECK(refused.end_of({.started_at = kStart + Seconds{1}}) == "dead out_of_time | rejected out_of_time");
  CHECK(refused.end_of({}, kStart - std::chrono::minutes{10} - Microseconds{1}) == "dead out_of_time | rejected out_of_time");
  refused.site.submit({.response = 50, .started_at = kStart});
  CHECK(refused.worker.apply(refused.site.changed(50, kStart - std::chrono::minutes{10})) == "done");
}

TEST_CASE("answers that do not decrypt are refused: altered, of another row, of another organization's or a user's key") {
  Refused refused;
  Site& site = refused.site;
  const std::string good = site.encrypted(response(1), answers({4}));
  std::string altered = good;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  CHECK(refused.end_of({.encrypted = altered}) == "dead undecryptable | rejected undecryptable");
  CHECK(refused.end_of({.encrypted = good}) == "dead undecryptable | rejected undecryptable");  // this is the second row
  CHECK(refused.end_of({.encrypted = site.encrypted(response(3), answers({4}), kOtherOrganization)}) ==
        "dead undecryptable | rejected undecryptable");
  encryption::KeyRing ring(site.owner, *site.masters);
  const encryption::Place place{"public.assessment_responses", "answers_encrypted", response(4).text()};
  const std::string by_user = must(ring.encrypt({kOrganization.value, user(1).value}, place, answers({4})));
  CHECK(refused.end_of({.encrypted = by_user}) == "dead undecryptable | rejected undecryptable");
}

TEST_CASE("a submission whose key is missing stays as it is, and is scored once the key has come") {
  Site site;
  Worker worker(site);
  const auto event = site.submit({});
  site.run("CREATE TEMP TABLE away AS SELECT * FROM weir.data_keys; DELETE FROM weir.data_keys");
  CHECK(worker.apply(event) == "parked key_missing");
  CHECK(site.status(1) == "submitted");
  site.run("INSERT INTO weir.data_keys SELECT * FROM away");
  CHECK(worker.apply(event) == "done");
  CHECK(site.status(1) == "scored");
}

TEST_CASE("after its key was destroyed a waiting submission is refused, and scores stay") {
  Site site;
  Worker worker(site);
  worker.apply(site.submit({.response = 1}));
  const auto waiting = site.submit({.response = 2});
  site.run("UPDATE weir.data_keys SET status = 'destroyed', wrapped_key = NULL, destroyed_at = now()");
  CHECK(worker.apply(waiting) == "dead key_destroyed");
  CHECK(site.status(2) == "rejected key_destroyed");
  CHECK(worker.apply(site.changed(1)) == "key_destroyed");
  CHECK(site.status(1) == "scored");
  CHECK(site.scores(1) != "");
}

TEST_CASE("a master key that does not fit is the operator's fault, and refuses nobody's answers") {
  Site site;
  const auto event = site.submit({});
  auto other = std::make_shared<encryption::MasterKeys>();
  must(encryption::make_master_key(site.folder / "other.key"));
  other->current = must(encryption::master_key_of_file(site.folder / "other.key"));
  site.masters = other;
  Worker worker(site);
  must(worker.connection().begin());
  const std::vector<const runtime::Event*> batch{event.get()};
  const auto ended = worker.consumer.apply(batch, nullptr, worker, worker.now);
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().kind == FaultKind::kConfiguration);
  worker.roll_back();
  CHECK(site.status(1) == "submitted");
}

TEST_CASE("a corrected submission that is refused loses its scores, and a refused one that is corrected is scored") {
  Site site;
  Worker worker(site);
  worker.apply(site.submit({}));
  CHECK(worker.apply(site.correct(1, version_3(R"("a1": 9)"))) == "dead out_of_scale");
  CHECK(site.status(1) == "rejected out_of_scale:a1");
  CHECK(site.scores(1) == "");
  CHECK(worker.apply(site.changed(1)) == "unchanged");
  CHECK(worker.apply(site.correct(1, answers({4, 4, 4, 4, 5, 3, 3, 3, 3, 3}))) == "done");
  CHECK(site.status(1) == "scored");
  CHECK(site.scores(1) != "");
}

TEST_CASE("a row that is withdrawn while it is scored is not scored; a row that is re-encrypted meanwhile is") {
  for (const bool withdrawn : {true, false}) {
    CAPTURE(withdrawn);
    Site site;
    Worker worker(site);
    const auto event = site.submit({});
    auto application = connect(site.dsn);
    must(application.begin());
    must(application.script(withdrawn ? "UPDATE public.assessment_responses SET status = 'in_progress'"
                                      : "UPDATE public.assessment_responses SET answers_encrypted = '" +
                                            Site::as_bytea(site.encrypted(response(1), answers({4, 4, 4, 4, 5, 3, 3, 3, 3, 3}))) + "'"));
    std::string end;
    std::thread other([&] { end = worker.apply(event); });
    await_blocked(site.dsn);
    must(application.commit());
    other.join();
    CHECK(end == (withdrawn ? "unchanged" : "done"));
    CHECK(site.status(1) == (withdrawn ? "in_progress" : "scored"));
    CHECK((site.scores(1) == "") == withdrawn);
  }
}

TEST_CASE("an event of an earlier submission than the row's leaves the scoring to the later event") {
  Site site;
  Worker worker(site);
  const auto early = site.submit({});
  const auto late = site.correct(1, answers({5, 5, 5, 5, 1, 5, 5, 5, 5, 1}), kStart + std::chrono::hours{2});
  CHECK(worker.apply(early) == "superseded");
  CHECK(site.status(1) == "submitted");
  CHECK(worker.apply(late) == "done");
  CHECK(worker.apply(early) == "superseded");
  CHECK(site.value("SELECT count(*) FROM public.assessment_scores WHERE raw_score = 100") == "3");
}
