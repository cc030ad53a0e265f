#include "operations/console/actions_api.hpp"

#include "common/core/json.hpp"
#include "operations/commands/tail.hpp"
#include "operations/commands/trace_search.hpp"
#include "operations/console/answers.hpp"
#include "operations/console/letters_api.hpp"

#include <fmt/format.h>

#include <limits>

namespace weir::console {

namespace {

using operations::PausedPlace;
using postgres::Connection;

constexpr std::int64_t kMost = 1'000'000'000;
constexpr std::int64_t kMostPartitions = 1'000'000;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
constexpr int kGone = 410;
constexpr int kConflict = 409;
constexpr std::size_t kLongestReason = 1'000;

struct Who {
  std::string by;
  std::string why;
};

/// Opens the answer of a dry run, which goes on with what it counted.
void begin_plan(JsonWriter& json, const Plan& plan, const Plans::Kept& kept, std::string_view summary) {
  json.begin_object().member("plan", kept.id).member("action", action_of(plan)).member("summary", summary);
  json.member("expires_at", format_instant(kept.expires_at));
}

Result<PausedPlace> place_of(const Parameters& body) {
  const auto group = body.text("place.group");
  if (!group) return fail(FaultKind::kUsage, "place.group: a group must be named");
  PausedPlace place{*group, body.text("place.topic"), std::nullopt};
  const auto partition = WEIR_TRY(body.number("place.partition", 0, kMostPartitions));
  if (!partition) return place;
  if (!place.topic) return fail(FaultKind::kUsage, "place.topic: must say of which topic the partition is");
  place.partition = static_cast<std::int32_t>(*partition);
  return place;
}

/// More letters than a page shows may be concerned, and each is a row that is locked.
Result<void> allow_long(Connection& connection, bool is_long) {
  WEIR_TRY(connection.script(is_long ? "SET statement_timeout = '30s'" : "SET statement_timeout = '3s'"));
  return {};
}

http::Response counted(std::string_view action, std::string_view what, std::int64_t count, std::optional<std::int64_t> left = {}) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("action", action).member(what, count);
  if (left) json.member("left", *left);
  json.end_object();
  return json_answer(std::move(out));
}

Result<http::Response> decided(Connection& connection, const Plan& plan, const Result<operations::Decided>& done) {
  const auto shortened = allow_long(connection, false);
  if (!done) return fail(done.error());
  WEIR_TRY(shortened);
  if (done->differs) {
    return refusal(kConflict, "plan_changed", "The letters are no longer those of the dry run: others have come, or some have ended.");
  }
  const bool tells_left = std::holds_alternative<RedrivePlan>(plan);
  return counted(action_of(plan), "letters", done->letters, tells_left ? std::optional(done->unfaithful) : std::nullopt);
}

/// What cannot be there is not waited for, since two questions that wait hold up all others.
Result<kafka::StoredRecord> record_at(const kafka::Settings& settings, const UnmaskRecordPlan& place) {
  const auto admin = WEIR_TRY(kafka::Admin::open(settings));
  return WEIR_TRY(operations::record_at(*admin, settings, place.topic, place.partition, place.offset)).record;
}

/// Carries out what was planned.
struct Doing {
  Connection& connection;
  const Plan& plan;
  const kafka::Settings& kafka;
  const Who& who;

  Result<http::Response> operator()(const RedrivePlan& of) const {
    WEIR_TRY(allow_long(connection, true));
    return decided(connection, plan, operations::redrive(connection, of.filter, of.rate, who.by, who.why, of.letters));
  }
  Result<http::Response> operator()(const DiscardPlan& of) const {
    WEIR_TRY(allow_long(connection, true));
    return decided(connection, plan, operations::discard(connection, of.filter, who.by, who.why, of.letters));
  }
  Result<http::Response> operator()(const PausePlan& of) const {
    return counted(action_of(plan), "partitions", WEIR_TRY(operations::pause(connection, of.place, who.by, who.why)));
  }
  Result<http::Response> operator()(const ResumePlan& of) const {
    return counted(action_of(plan), "pauses", WEIR_TRY(operations::resume(connection, of.place, who.by, who.why)));
  }
  Result<http::Response> operator()(const UnmaskLetterPlan& of) const {
    const auto letter = WEIR_TRY(operations::whole_letter(connection, of.id));
    WEIR_TRY(operations::note_unmasked(connection, of.id, who.by, who.why));
    return shown(letter_json(letter, false));
  }
  Result<http::Response> operator()(const UnmaskRecordPlan& of) const {
    auto record = WEIR_TRY(record_at(kafka, of));
    operations::TailWanted wanted{.topic = of.topic, .partition = of.partition};
    wanted.is_masked = false;
    wanted.offset = of.offset;
    WEIR_TRY(operations::note_unmasked(connection, wanted, who.by, who.why));
    return shown(operations::record_json(of.topic, std::move(record), false));
  }
  [[nodiscard]] http::Response shown(const std::string& record) const {
    std::string out;
    JsonWriter(out).begin_object().member("action", action_of(plan)).name("record").json(record).end_object();
    return json_answer(std::move(out));
  }
};

}  // namespace

Result<Questions::Question> ActionsApi::plan(const Session& session, const Parameters& body) {
  const std::string action = body.text("action").value_or("");
  if (action == "dlq.redrive" || action == "dlq.discard") return plan_letters(session.id, body, action == "dlq.redrive");
  if (action == "groups.pause" || action == "groups.resume") return plan_place(session.id, body, action == "groups.pause");
  if (action == "letter.unmask") return plan_letter(session.id, body);
  if (action == "record.unmask") return plan_record(session.id, body);
  return fail(FaultKind::kUsage, "action: is none of dlq.redrive, dlq.discard, groups.pause, groups.resume, letter.unmask, record.unmask");
}

Result<Questions::Question> ActionsApi::plan_letters(const std::string& session, const Parameters& body, bool is_redrive) {
  const auto filter = WEIR_TRY(filter_of(body, "filter."));
  if (!filter.id && !filter.group) return fail(FaultKind::kUsage, "filter: a group or an id must say whose letters are meant");
  const std::int64_t rate = WEIR_TRY(body.number("rate", 1, kMost)).value_or(0);
  return [this, session, filter, rate, is_redrive](Connection& connection) -> Result<http::Response> {
    const auto decision = is_redrive ? operations::LetterDecision::kRedrive : operations::LetterDecision::kDiscard;
    const auto found = WEIR_TRY(operations::rehearse(connection, filter, decision));
    const Plan plan = is_redrive ? Plan(RedrivePlan{filter, rate, found.sum}) : Plan(DiscardPlan{filter, found.sum});
    const std::string whose = filter.group ? " of " + *filter.group : std::string();
    const std::string summary = is_redrive ? fmt::format("{} dead letters{} go through their group again", found.sum.letters, whose)
                                           : fmt::format("{} dead or parked letters{} are given up", found.sum.letters, whose);
    std::string out;
    JsonWriter json(out);
    begin_plan(json, plan, plans_.keep(session, plan), summary);
    json.member("letters", found.sum.letters).member("left", found.unfaithful);
    json.name("reasons").json(reasons_json(found.reasons)).end_object();
    return json_answer(std::move(out));
  };
}

Result<Questions::Question> ActionsApi::plan_place(const std::string& session, const Parameters& body, bool is_pause) {
  const auto place = WEIR_TRY(place_of(body));
  return [this, session, place, is_pause](Connection& connection) -> Result<http::Response> {
    const std::int64_t count =
        WEIR_TRY(is_pause ? operations::would_pause(connection, place) : operations::would_resume(connection, place));
    const Plan plan = is_pause ? Plan(PausePlan{place}) : Plan(ResumePlan{place});
    const std::string summary = is_pause ? fmt::format("{} partitions of {} stand still", count, place.text())
                                         : fmt::format("{} pauses of {} end", count, place.text());
    std::string out;
    JsonWriter json(out);
    begin_plan(json, plan, plans_.keep(session, plan), summary);
    json.member(is_pause ? "partitions" : "pauses", count).end_object();
    return json_answer(std::move(out));
  };
}

Result<Questions::Question> ActionsApi::plan_letter(const std::string& session, const Parameters& body) {
  const auto id = WEIR_TRY(body.number("id", 0, kAny));
  if (!id) return fail(FaultKind::kUsage, "id: a letter must be named");
  return [this, session, id = *id](Connection& connection) -> Result<http::Response> {
    WEIR_TRY(operations::whole_letter(connection, id));
    const Plan plan = UnmaskLetterPlan{id};
    std::string out;
    JsonWriter json(out);
    begin_plan(json, plan, plans_.keep(session, plan), fmt::format("letter {} is shown unmasked, which is kept with your name", id));
    json.end_object();
    return json_answer(std::move(out));
  };
}

Result<Questions::Question> ActionsApi::plan_record(const std::string& session, const Parameters& body) {
  const auto topic = body.text("topic");
  const auto partition = WEIR_TRY(body.number("partition", 0, kMostPartitions));
  const auto offset = WEIR_TRY(body.number("offset", 0, kAny));
  if (!topic || !partition || !offset) return fail(FaultKind::kUsage, "topic, partition and offset must name a record");
  const UnmaskRecordPlan place{*topic, static_cast<std::int32_t>(*partition), *offset};
  return [this, session, place](Connection&) -> Result<http::Response> {
    const Plan plan = place;
    std::string out;
    JsonWriter json(out);
    begin_plan(json, plan, plans_.keep(session, plan),
               fmt::format("the record of {} partition {} offset {} is shown unmasked, which is kept with your name", place.topic,
                           place.partition, place.offset));
    json.end_object();
    return json_answer(std::move(out));
  };
}

Result<Questions::Question> ActionsApi::confirm(const Session& session, const Parameters& body) {
  const auto id = body.text("plan");
  const auto why = body.text("why");
  if (!id) return fail(FaultKind::kUsage, "plan: must name what a dry run has answered");
  if (!why || why->find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(FaultKind::kUsage, "why: must say why; it is kept with your name");
  if (why->size() > kLongestReason) return fail(FaultKind::kUsage, fmt::format("why: is longer than {} bytes", kLongestReason));
  auto plan = plans_.take(session.id, *id);
  if (!plan) {
    return [](Connection&) -> Result<http::Response> {
      return refusal(kGone, "plan_gone", "There is no such plan any more: make the dry run again.");
    };
  }
  return [plan = std::move(*plan), who = Who{session.name, *why}, kafka = kafka_](Connection& connection) {
    return std::visit(Doing{connection, plan, kafka, who}, plan);
  };
}

}  // namespace weir::console
