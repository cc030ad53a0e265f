#include "tests/unit/rollups/limits.hpp"

#include "consumers/rollups/decoders.hpp"
#include "consumers/rollups/facts.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using namespace weir::rollups;

namespace {

const std::string kId = R"("id":"00000000-0000-4000-8000-000000000001")";
const std::string kOrganization = R"("organization_id":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")";
const std::string kExecution = kId + "," + kOrganization +
                               R"(,"agent_id":"00000000-0000-4000-8000-0000000000a1","progress":100,"started_at":"2026-11-18T01:00:00Z",)"
                               R"("completed_at":"2026-11-18T01:07:00Z","updated_at":"2026-11-18T01:07:00Z")";
const std::string kAgent = kId + "," + kOrganization + R"(,"created_at":"2026-11-18T01:00:00Z","status_changed_at":"2026-11-18T01:02:00Z")";

/// Recorded at 2026-11-18T01:10:00Z.
std::string envelope(const std::string& op, const std::string& before, const std::string& after,
                     const std::string& table = "agent_executions") {
  return R"({"before":)" + before + R"(,"after":)" + after +
         R"(,"source":{"version":"1","connector":"postgresql","name":"weir.cdc","ts_ms":1794964200000,"snapshot":"false","db":"app",)"
         R"("sequence":"[\"10\",\"11\"]","schema":"public","table":")" +
         table + R"(","txId":1,"lsn":11,"xmin":null},"transaction":null,"op":")" + op + R"(","ts_ms":1794964200000})";
}

/// `status` and `time` as JSON.
std::string execution(const std::string& status, const std::string& time = "null", const std::string& memory = "null") {
  return "{" + kExecution + R"(,"status":)" + status + R"(,"execution_time_ms":)" + time + R"(,"memory_mb":)" + memory +
         R"(,"cpu_percent":null,"quality_score":null,"confidence_score":null,"user_rating":4})";
}
const std::string kCompleted = execution(R"("completed")");

std::string agent(const std::string& status) { return "{" + kAgent + R"(,"status":")" + status + "\"}"; }

runtime::DecodeResult decode(const std::shared_ptr<runtime::Decoder>& decoder, const std::string& value) {
  runtime::Record record;
  record.topic = "weir.cdc.public.agent_executions";
  record.value = value;
  return decoder->decode(record);
}

runtime::DecodeResult decode(const std::string& value) { return decode(execution_decoder(kLimits), value); }

template <class T>
const T& fact(const runtime::DecodeResult& result) {
  REQUIRE_FALSE(result.ending);
  const auto& body = static_cast<const Fact&>(*result.decoded.payload).body;
  REQUIRE(std::holds_alternative<T>(body));
  return std::get<T>(body);
}

/// The effect, in whichever form the fact keeps it.
ExecutionEffect effect_of(const runtime::DecodeResult& result) {
  REQUIRE_FALSE(result.ending);
  const auto& body = static_cast<const Fact&>(*result.decoded.payload).body;
  ExecutionEffect effect;
  if (const auto* ignored = std::get_if<Ignored>(&body)) {
    effect.skipped = ignored->reason;
  } else if (const auto* plus = std::get_if<Contribution>(&body)) {
    effect.plus = *plus;
  } else {
    REQUIRE(std::holds_alternative<std::unique_ptr<const ExecutionEffect>>(body));
    effect = *std::get<std::unique_ptr<const ExecutionEffect>>(body);
  }
  return effect;
}

std::string refused(const runtime::DecodeResult& result) {
  if (!result.ending) {
    const Fact& kept = static_cast<const Fact&>(*result.decoded.payload);
    const auto effect = rollups::effect_of(kept);
    if (effect && effect->refusal) return std::string(effect->refusal->reason) + " " + effect->refusal->path;
    const auto* incomplete = std::get_if<Incomplete>(&kept.body);
    return incomplete != nullptr && !incomplete->skipped.empty() ? "skipped" : "taken";
  }
  const auto* dead = std::get_if<runtime::Dead>(&*result.ending);
  return dead == nullptr ? "skipped" : dead->reason + " " + dead->path;
}

}  // namespace

TEST_CASE("an execution is read without updated_at, which is only used where completed_at is missing") {
  const auto smallest = [](const std::string& completed_at) {
    return R"({"before":null,"after":{)" + kId + "," + kOrganization +
           R"(,"agent_id":"00000000-0000-4000-8000-0000000000a1","status":"completed","started_at":"2026-11-18T01:00:00Z","completed_at":)" +
           completed_at +
           R"(,"progress":100,"execution_time_ms":1.5,"memory_mb":64.25,"cpu_percent":3.5,"quality_score":0.9,"confidence_score":0.8,)"
           R"("user_rating":4},"source":{"name":"weir.cdc","db":"app","schema":"public","table":"agent_executions","ts_ms":1794964200000,)"
           R"("sequence":"[\"10\",\"11\"]","txId":1},"op":"c"})";
  };
  const auto taken = decode(smallest(R"("2026-11-18T01:07:00Z")"));
  CHECK(effect_of(taken).plus->key.start == *parse_instant("2026-11-18T01:05:00Z"));
  CHECK(effect_of(decode(smallest("null"))).refusal->path == "/after/updated_at");
}

TEST_CASE("an ended execution is read to the last digit, with its time for the watermark") {
  const auto result = decode(envelope("c", "null", execution(R"("completed")", "0.1", "12.5")));
  const ExecutionEffect effect = effect_of(result);
  REQUIRE(effect.plus);
  CHECK(effect.plus->execution_time == 100'000'000);
  CHECK(effect.plus->memory == 12'500'000'000);
  CHECK(effect.plus->rating == 4'000'000'000);
  CHECK(!effect.plus->cpu);
  CHECK(effect.plus->key.start == *parse_instant("2026-11-18T01:05:00Z"));
  const runtime::Decoded& decoded = result.decoded;
  CHECK(decoded.event_time == *parse_instant("2026-11-18T01:07:00Z"));
  CHECK(decoded.change->lsn == 11);
}

TEST_CASE("a change without the row before it is known, in whichever way that row is missing") {
  CHECK(fact<MissingIdentity>(decode(envelope("u", "null", kCompleted))).table == "public.agent_executions");
  CHECK(fact<MissingIdentity>(decode(envelope("d", "null", "null"))).table == "public.agent_executions");
  const std::string key_alone = "{" + kId + R"(,"organization_id":null,"agent_id":null,"status":null})";
  CHECK(fact<MissingIdentity>(decode(envelope("d", key_alone, "null"))).table == "public.agent_executions");
  CHECK(fact<MissingIdentity>(decode(envelope("d", "{" + kId + "}", "null"))).table == "public.agent_executions");
  CHECK(effect_of(decode(envelope("d", kCompleted, "null"))).minus);
}

TEST_CASE("snapshots and truncations are skipped by name, and leave the windows before them in doubt") {
  const Instant doubtful = *parse_instant("2026-11-18T01:20:00Z");
  for (const char* op : {"r", "t"}) {
    const auto of_executions = decode(envelope(op, "null", *op == 't' ? "null" : kCompleted));
    const auto of_agents = decode(agent_decoder(kLimits), envelope(op, "null", *op == 't' ? "null" : agent("idle")));
    CHECK(fact<Incomplete>(of_executions).skipped == "snapshot");
    CHECK(fact<Incomplete>(of_executions).source == Source::kExecutions);
    CHECK(fact<Incomplete>(of_executions).until == doubtful);
    CHECK_FALSE(fact<Incomplete>(of_executions).diverges_until);
    CHECK_FALSE(of_executions.decoded.event_time);
    CHECK(fact<Incomplete>(of_agents).source == Source::kAgents);
    CHECK(fact<Incomplete>(of_agents).until == doubtful);
  }
}

TEST_CASE("a snapshot's row far in the future is remembered, because its deletion will look like that of a counted row") {
  std::string later = kCompleted;
  later.replace(later.find("01:07"), 5, "09:00");
  const auto result = decode(envelope("r", "null", later));
  CHECK(fact<Incomplete>(result).diverges_until == *parse_instant("2026-12-18T09:00:00Z"));
  CHECK(static_cast<const Fact&>(*result.decoded.payload).row == ExecutionId{*Uuid::parse("00000000-0000-4000-8000-000000000001")});
}

TEST_CASE("a refused execution is remembered for as long as a change of it may take it for counted") {
  std::string later = kCompleted;
  later.replace(later.find("01:07"), 5, "09:00");
  CHECK(effect_of(decode(envelope("c", "null", later))).diverges_until == *parse_instant("2026-12-18T09:00:00Z"));
  later.replace(later.find(R"("user_rating":4)"), 15, R"("user_rating":9)");
  CHECK(effect_of(decode(envelope("c", "null", later))).diverges_until == *parse_instant("2026-12-18T01:20:00Z"));
  const auto result = decode(envelope("c", "null", execution(R"("completed")", R"("soon")")));
  CHECK(effect_of(result).refusal->path == "/after/execution_time_ms");
  CHECK(effect_of(result).refusal->of_form);
  CHECK(effect_of(result).diverges_until == *parse_instant("2026-12-18T01:20:00Z"));
  CHECK(static_cast<const Fact&>(*result.decoded.payload).row == ExecutionId{*Uuid::parse("00000000-0000-4000-8000-000000000001")});
}

TEST_CASE("a former row of unknown form may have counted, so the windows before it are in doubt") {
  const Instant doubtful = *parse_instant("2026-11-18T01:20:00Z");
  std::string renamed = kCompleted;
  renamed.replace(renamed.find("execution_time_ms"), 17, "execution_time_µs");
  CHECK(effect_of(decode(envelope("u", renamed, kCompleted))).incomplete_until == doubtful);
  CHECK(effect_of(decode(envelope("u", renamed, renamed))).incomplete_until == doubtful);
  CHECK(effect_of(decode(envelope("u", renamed, renamed))).refusal->path == "/after/execution_time_ms");
  CHECK(effect_of(decode(envelope("d", renamed, "null"))).incomplete_until == doubtful);
  CHECK(refused(decode(envelope("c", "null", renamed))) == "missing_field /after/execution_time_ms");
  const std::string impossible = execution(R"("completed")", R"("NaN")");
  CHECK_FALSE(effect_of(decode(envelope("u", impossible, kCompleted))).incomplete_until);
}

TEST_CASE("a message of weir cdc puts the windows of its table in doubt; any other message is skipped by name") {
  const auto message = [](const std::string& prefix, const std::string& table) {
    return R"({"op":"m","ts_ms":1794964200500,"source":{"ts_ms":1794964200000,"schema":)" +
           (table.empty() ? std::string(R"("")") : R"("public")") + R"(,"table":")" + table + R"("},"message":{"prefix":")" + prefix +
           R"(","content":"e30="}})";
  };
  const auto decoder =
      notice_decoder("weir.cdc.public.agent_executions", "weir.cdc.public.agent_instances", "weir.cdc.public.agent_task_queue", kLimits);
  const auto of_executions = decode(decoder, message("weir.skip", "agent_executions"));
  CHECK(fact<Incomplete>(of_executions).source == Source::kExecutions);
  CHECK(fact<Incomplete>(of_executions).until == *parse_instant("2026-11-18T01:20:00Z"));
  CHECK(fact<Incomplete>(of_executions).skipped.empty());
  const auto of_agents = decode(decoder, message("weir.skip", "agent_instances"));
  CHECK(fact<Incomplete>(of_agents).source == Source::kAgents);
  const auto skipped = [&](const std::string& value) {
    const auto result = decode(decoder, value);
    REQUIRE(result.ending);
    const auto* why = std::get_if<runtime::Skipped>(&*result.ending);
    return why == nullptr ? std::string("dead") : std::string(why->reason);
  };
  CHECK(fact<Incomplete>(decode(decoder, message("weir.skip", "agent_task_queue"))).source == Source::kTasks);
  CHECK(skipped(message("weir.skip", "instances")) == "other_table");
  CHECK(skipped(message("weir.skip", "")) == "other_message");  // an application's
  CHECK(skipped(message("greeting", "agent_executions")) == "other_message");
  CHECK(skipped("{") == "dead");
}

TEST_CASE("a value that cannot be read makes a dead letter with its path") {
  CHECK(refused(decode(R"({"before":null,"after":{)")).starts_with("malformed_json"));
  CHECK(refused(decode(envelope("x", "null", kCompleted))).starts_with("unknown_op"));
  std::string homeless = kCompleted;
  homeless.replace(homeless.find(kOrganization), kOrganization.size(), R"("organization_id":null)");
  CHECK(refused(decode(envelope("c", "null", homeless))) == "missing_organization /after/organization_id");
  CHECK(refused(decode(envelope("c", "null", execution(R"("completed")", "1", R"("much")")))) == "wrong_type /after/memory_mb");
  CHECK(refused(decode(envelope("c", "null", execution("null")))) == "missing_field /after/status");
}

TEST_CASE("a row that turns unreadable is taken out of its window, and counts again once it is mended") {
  const std::string broken = execution(R"("completed")", R"("NaN")");
  const auto turned_result = decode(envelope("u", kCompleted, broken));
  const ExecutionEffect turned = effect_of(turned_result);
  CHECK(turned.minus);
  CHECK_FALSE(turned.plus);
  CHECK(turned.refusal->reason == "out_of_domain");
  CHECK(turned.refusal->path == "/after/execution_time_ms");
  const auto mended_result = decode(envelope("u", broken, kCompleted));
  const ExecutionEffect mended = effect_of(mended_result);
  CHECK_FALSE(mended.minus);
  CHECK(mended.plus);
  CHECK_FALSE(mended.refusal);
  CHECK(refused(decode(envelope("u", broken, broken))) == "out_of_domain /after/execution_time_ms");
  CHECK(effect_of(decode(envelope("d", broken, "null"))).skipped == "not_ended");
}

TEST_CASE("an old row without organization is no sign of a missing replica identity") {
  std::string homeless = kCompleted;
  homeless.replace(homeless.find(kOrganization), kOrganization.size(), R"("organization_id":null)");
  CHECK(effect_of(decode(envelope("u", homeless, kCompleted))).plus);
  CHECK(effect_of(decode(envelope("u", kCompleted, homeless))).refusal->reason == "missing_organization");
}

TEST_CASE("an agent's change tells its life and its status") {
  const auto decoder = agent_decoder(kLimits);
  const auto born = decode(decoder, envelope("c", "null", agent("idle"), "agent_instances"));
  REQUIRE(fact<AgentChange>(born).facts.size() == 1);
  const AgentFact& life = fact<AgentChange>(born).facts[0];
  CHECK(life.status->status == AgentStatus::kIdle);
  CHECK(life.status_is_new);
  CHECK(life.created_at == *parse_instant("2026-11-18T01:00:00Z"));
  CHECK(life.order == SourceOrder{"weir.cdc", "app", {10, 11}, *parse_instant("2026-11-18T01:10:00Z")});
  CHECK(!fact<AgentChange>(decode(decoder, envelope("u", agent("idle"), agent("idle"), "agent_instances"))).facts[0].status_is_new);
  const auto gone = decode(decoder, envelope("d", agent("idle"), "null", "agent_instances"));
  CHECK(fact<AgentChange>(gone).facts[0].deleted_at == *parse_instant("2026-11-18T01:10:00Z"));
  CHECK(refused(decode(decoder, envelope("c", "null", agent("asleep"), "agent_instances"))) == "out_of_domain /after/status");
}

TEST_CASE("a change of a task makes the queue longer or shorter, or has no effect") {
  const auto task = [](const char* status) {
    return "{" + kId + "," + kOrganization + R"(,"status":")" + status +
           R"(","enqueued_at":"2026-11-18T01:01:00Z","updated_at":"2026-11-18T01:07:00Z"})";
  };
  const auto result = [](const char* op, const std::string& before, const std::string& after) {
    return decode(task_decoder(kLimits), envelope(op, before, after, "agent_task_queue"));
  };
  const auto moves = [](const runtime::DecodeResult& of) { return static_cast<const Fact&>(*of.decoded.payload).moves; };
  const OrganizationId organization{*Uuid::parse("7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f")};
  const Instant joined = *parse_instant("2026-11-18T01:01:00Z");
  const auto move = [&](const char* window, std::int64_t by) { return QueueMove{{organization, *parse_instant(window)}, {by, 0}, joined}; };
  const auto queued = result("c", "null", task("queued"));
  static_cast<void>(fact<TaskChange>(queued));
  CHECK(moves(queued) == std::vector{move("2026-11-18T01:00:00Z", 1)});
  CHECK(queued.decoded.event_time == joined);
  const auto taken = result("u", task("queued"), task("assigned"));
  CHECK(moves(taken) == std::vector{move("2026-11-18T01:05:00Z", -1)});
  CHECK(taken.decoded.event_time == *parse_instant("2026-11-18T01:07:00Z"));
  CHECK(moves(result("d", task("queued"), "null")) == std::vector{move("2026-11-18T01:10:00Z", -1)});
  CHECK(fact<Ignored>(result("u", task("assigned"), task("done"))).reason == "not_queued");
  CHECK(refused(result("c", "null", task("lost"))) == "out_of_domain /after/status");
  CHECK(refused(result("r", "null", task("queued"))) == "skipped");
}

TEST_CASE("a change of a task without its old row stops nothing, but leaves the queue's length unknown") {
  const std::string after =
      "{" + kId + "," + kOrganization + R"(,"status":"assigned","enqueued_at":"2026-11-18T01:01:00Z","updated_at":"2026-11-18T01:07:00Z"})";
  const std::string key = "{" + kId + "}";
  for (const auto& [op, before, after_row] : {std::tuple{"u", std::string("null"), after},
                                              {"u", key, after},
                                              {"d", key, std::string("null")},
                                              {"t", std::string("null"), std::string("null")}}) {
    CAPTURE(op);
    const auto result = decode(task_decoder(kLimits), envelope(op, before, after_row, "agent_task_queue"));
    const auto& incomplete = fact<Incomplete>(result);
    CHECK(incomplete.source == Source::kTasks);
    CHECK(incomplete.until == *parse_instant("2026-11-18T01:20:00Z"));
    CHECK(incomplete.skipped == (std::string_view(op) == "t" ? "snapshot" : "without_old_row"));
  }
}

TEST_CASE("an execution that starts, ends or is refused for its values moves the number of running executions") {
  const auto moves = [](const std::string& value) { return static_cast<const Fact&>(*decode(value).decoded.payload).moves; };
  const auto by = [](const std::vector<QueueMove>& all) {
    std::string out;
    for (const QueueMove& move : all) out += format_instant(move.window.second).substr(11, 5) + (move.change.running > 0 ? "+ " : "- ");
    return out;
  };
  CHECK(by(moves(envelope("c", "null", execution(R"("running")")))) == "01:00+ ");
  CHECK(by(moves(envelope("u", execution(R"("running")"), kCompleted))) == "01:05- ");
  CHECK(by(moves(envelope("u", execution(R"("running")"), execution(R"("failed")", "-1")))) == "01:05- ");
  CHECK(by(moves(envelope("c", "null", execution(R"("queued")")))).empty());
}

TEST_CASE("a refused or skipped change tells its place in its source, so that it is known when it is sent again") {
  const auto place = [](const std::shared_ptr<runtime::Decoder>& decoder, const std::string& value, const std::string& how) {
    const auto result = decode(decoder, value);
    CHECK_MESSAGE(refused(result) == how, value);
    const bool has_image = value.find(R"("organization_id")") != std::string::npos;
    CHECK(result.decoded.organization.has_value() == has_image);
    return result.decoded.change ? result.decoded.change->lsn : 0;
  };
  const auto executions = execution_decoder(kLimits);
  const auto agents = agent_decoder(kLimits);
  const std::string no_status = "{" + kExecution + "}";
  const std::string task = "{" + kId + "," + kOrganization + R"(,"enqueued_at":null,"updated_at":null,"status":)";
  CHECK(place(executions, envelope("r", "null", kCompleted), "skipped") == 11);
  CHECK(place(executions, envelope("c", "null", no_status), "missing_field /after/status") == 11);
  CHECK(place(executions, envelope("c", "null", "[1]"), "wrong_type /after") == 11);
  CHECK(place(agents, envelope("r", "null", agent("idle"), "agent_instances"), "skipped") == 11);
  CHECK(place(agents, envelope("c", "null", agent("lost"), "agent_instances"), "out_of_domain /after/status") == 11);
  CHECK(place(agents, envelope("c", "null", "{" + kId + "}", "agent_instances"), "missing_organization /after/organization_id") == 11);
  CHECK(place(agents, envelope("d", "null", "null", "agent_instances"), "missing_field /before/created_at") == 11);
  CHECK(place(task_decoder(kLimits), envelope("c", "null", task + R"("lost"})", "agent_task_queue"), "out_of_domain /after/status") == 11);
  CHECK(place(task_decoder(kLimits), envelope("c", "null", task + "null}", "agent_task_queue"), "missing_field /after/status") == 11);
  CHECK(place(task_decoder(kLimits), envelope("c", "null", task + "1}", "agent_task_queue"), "wrong_type /after/status") == 11);
}

TEST_CASE("a missing column and another type are deaths of form; a null, a value and a time are not") {
  const auto of_form = [](const runtime::DecodeResult& result) {
    if (result.ending) return std::get<runtime::Dead>(*result.ending).of_form;
    return effect_of(result).refusal->of_form;
  };
  const auto executions = [&](const std::string& before, const std::string& after) {
    return of_form(decode(envelope(before == "null" ? "c" : "u", before, after)));
  };
  const std::string renamed = "{" + kExecution + "}";
  CHECK(executions("null", renamed));
  CHECK(executions(kCompleted, renamed));  // the old row is taken out even so
  CHECK(executions("null", execution("7")));
  CHECK(executions(kCompleted, execution(R"("completed")", "true")));
  CHECK_FALSE(executions("null", execution("null")));
  CHECK_FALSE(executions("null", execution(R"("lost")")));
  CHECK_FALSE(executions(kCompleted, execution(R"("completed")", "-1")));
  const auto agents = [&](const std::string& op, const std::string& before, const std::string& after) {
    return of_form(decode(agent_decoder(kLimits), envelope(op, before, after, "agent_instances")));
  };
  CHECK(agents("c", "null", "{" + kId + "}"));
  CHECK(agents("d", "null", "null"));
  CHECK_FALSE(agents("d", "{" + kId + R"(,"organization_id":null,"status":null,"status_changed_at":null,"created_at":null})", "null"));
  CHECK_FALSE(agents("c", "null", agent("lost")));
}

TEST_CASE("an action is judged against its record's time") {
  const std::string value =
      R"({"specversion":"1.0","id":"1","source":"/app","type":"user.action","subject":"page","time":"2026-11-18T01:00:00Z",)"
      R"("organizationid":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f","userid":"00000000-0000-4000-8000-000000000007","sessionid":"s",)"
      R"("datacontenttype":"application/json","data":{"action":"page_view"}})";
  const auto at = [&](const char* time) {
    const std::vector<runtime::Header> headers{{"content-type", "application/cloudevents+json"}};
    runtime::Record record;
    record.value = value;
    record.headers = headers;
    record.timestamp = *parse_instant(time);
    return action_decoder(kLimits)->decode(record);
  };
  const auto taken = at("2026-11-18T01:00:01Z");
  const auto& action = fact<ActionFact>(taken);
  CHECK(action.action_type == "page_view");
  CHECK(action.session == "s");
  const auto refused_action = at("2026-11-18T00:49:59Z");
  CHECK(refused(refused_action) == "too_far_in_future /time");
  CHECK(refused_action.decoded.organization == taken.decoded.organization);
  CHECK(refused_action.decoded.event_id == action.event_id);
  CHECK(taken.decoded.organization->text() == "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f");
  CHECK(refused(at("2026-12-18T01:00:01Z")) == "too_old /time");
}
