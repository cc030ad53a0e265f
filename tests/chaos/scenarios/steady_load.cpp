// dice(n, k): the k-th throw for execution n, 0 ≤ x < 1, the same for the same seed.
#include "tests/chaos/scenarios/steady_load.hpp"

#include "common/core/await.hpp"
#include "demo/application/application.hpp"

#include <algorithm>
#include <array>

namespace weir::testing {
namespace {

constexpr Milliseconds kPause{100};
constexpr int kStepsAChunk = 4;

constexpr const char* kPrepare = R"sql(
CREATE SCHEMA steady;
CREATE TABLE steady.steps (number bigint PRIMARY KEY);
CREATE TABLE steady.agents (number bigint PRIMARY KEY, id uuid NOT NULL, organization_id uuid NOT NULL);
CREATE FUNCTION steady.dice(n bigint, throw int, seed bigint) RETURNS double precision IMMUTABLE LANGUAGE sql
  AS $$ SELECT (hashtextextended(n || ':' || throw, seed) & 16777215) / 16777216.0::double precision $$;
CREATE FUNCTION steady.id(n bigint, seed bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT md5(seed || ':' || n)::uuid $$)sql";

// $1, $2: the first and last execution; $3: the seed.
constexpr const char* kQueue = R"sql(
INSERT INTO public.agent_executions (id, organization_id, agent_id, task_type, status, created_at, updated_at)
SELECT steady.id(n, $3), a.organization_id, a.id, 'steady', 'queued', now(), now()
  FROM generate_series($1, $2) n JOIN steady.agents a ON a.number = n % (SELECT count(*) FROM steady.agents))sql";

constexpr const char* kRun = R"sql(
UPDATE public.agent_executions SET status = 'running', progress = 10, started_at = now(), updated_at = now()
  FROM generate_series($1, $2) n WHERE id = steady.id(n, $3))sql";

// $4, $5: the shares of late executions and of those at the edges of what counts.
constexpr const char* kEnd = R"sql(
UPDATE public.agent_executions
   SET status = CASE WHEN steady.dice(n, 1, $3) < 0.85 THEN 'completed' WHEN steady.dice(n, 1, $3) < 0.95 THEN 'failed' ELSE 'cancelled' END,
       completed_at = CASE WHEN steady.dice(n, 2, $3) >= 0.98 THEN NULL
                           WHEN steady.dice(n, 14, $3) < 0.25 * $5 THEN now() + interval '9 minutes'
                           WHEN steady.dice(n, 14, $3) < 0.50 * $5 THEN now() + interval '23 hours'
                           WHEN steady.dice(n, 14, $3) < 0.75 * $5 THEN now() - interval '29 days 12 hours'
                           WHEN steady.dice(n, 14, $3) < $5 THEN now() - interval '30 days 12 hours'
                           WHEN steady.dice(n, 15, $3) < $4 THEN now() - steady.dice(n, 3, $3) * interval '40 minutes'
                           ELSE now() END,
       started_at = NULL,
       execution_time_ms = CASE WHEN steady.dice(n, 4, $3) < 0.95 THEN round((steady.dice(n, 5, $3) * 9000)::numeric, 3) END,
       memory_mb = CASE WHEN steady.dice(n, 6, $3) < 0.9 THEN round((steady.dice(n, 7, $3) * 900)::numeric, 3) END,
       cpu_percent = CASE WHEN steady.dice(n, 8, $3) < 0.9 THEN round((steady.dice(n, 9, $3) * 100)::numeric, 2) END,
       quality_score = CASE WHEN steady.dice(n, 10, $3) < 0.002 THEN 1.7
                            WHEN steady.dice(n, 10, $3) < 0.8 THEN round(steady.dice(n, 11, $3)::numeric, 3) END,
       updated_at = now()
  FROM generate_series($1, $2) n WHERE id = steady.id(n, $3))sql";

constexpr const char* kThinkAgain = R"sql(
WITH gone AS (
  DELETE FROM public.agent_executions USING generate_series($1, $2) n
   WHERE id = steady.id(n, $3) AND steady.dice(n, 12, $3) < 0.01 RETURNING id
)
UPDATE public.agent_executions
   SET user_rating = CASE WHEN steady.dice(n, 12, $3) < 0.06 THEN 1 + floor(steady.dice(n, 13, $3) * 5) END,
       completed_at = completed_at - CASE WHEN steady.dice(n, 12, $3) >= 0.06 THEN interval '7 minutes' ELSE interval '0' END,
       updated_at = now()
  FROM generate_series($1, $2) n
 WHERE id = steady.id(n, $3) AND steady.dice(n, 12, $3) BETWEEN 0.01 AND 0.07)sql";

constexpr std::array kStatements{kQueue, kRun, kEnd, kThinkAgain};
constexpr std::array kNames{"steady_queue", "steady_run", "steady_end", "steady_think_again"};

Result<postgres::Connection> connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "steady load";
  return postgres::Connection::open(settings);
}

}  // namespace

SteadyLoad::SteadyLoad(const SteadyLoadOptions& options, demo::World world)
    : options_(options), world_(std::move(world)), chunks_(options.executions / options.executions_a_step) {}

SteadyLoad::~SteadyLoad() {
  stop_ = true;
  if (writer_.joinable()) writer_.join();
}

Result<void> SteadyLoad::settle() {
  demo::Application application(WEIR_TRY(demo::SqlSession::open(options_.dsn, "steady load")));
  const SystemClock clock;
  WEIR_TRY(application.found(world_));
  WEIR_TRY(application.employ(world_, clock.now()));
  connection_.emplace(WEIR_TRY(connect(options_.dsn)));
  WEIR_TRY(connection_->script(kPrepare));
  std::int64_t number = 0;
  for (const demo::Agent& agent : world_.agents) {
    WEIR_TRY(connection_->execute("steady_agent", "INSERT INTO steady.agents VALUES ($1, $2, $3)",
                                  postgres::Params().add(number++).add(agent.id).add(agent.organization)));
  }
  return {};
}

void SteadyLoad::start() {
  writer_ = std::thread([this] { write(); });
}

std::optional<Fault> SteadyLoad::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

// The chunk behind the last one adds no executions: it corrects and deletes some of the last one's.
std::int64_t SteadyLoad::all_steps() const { return (chunks_ + 1) * kStepsAChunk; }

void SteadyLoad::allow(double share) {
  allowed_steps_ = share >= 1 ? all_steps() : static_cast<std::int64_t>(share * static_cast<double>(all_steps()));
}

void SteadyLoad::write() {
  for (std::int64_t number = 0; number < all_steps() && !stop_; ++number) {
    while (number >= allowed_steps_ && !stop_) await(kPause, [&] { return number < allowed_steps_ || stop_; });
    if (ending_ && number % kStepsAChunk == 0) chunks_ = std::min<std::int64_t>(chunks_, number / kStepsAChunk);
    const Result<void> taken = take_step(number);
    if (taken) continue;
    const std::lock_guard lock(mutex_);
    fault_ = taken.error();
    break;
  }
  done_ = true;
}

Result<void> SteadyLoad::take_step(std::int64_t number) {
  while (!stop_) {
    const Result<void> tried = try_step(number);
    if (tried) return {};
    const bool lost = tried.error().kind == FaultKind::kPgConnection || tried.error().kind == FaultKind::kCommitInDoubt ||
                      (connection_ && !connection_->usable());
    if (!lost) return tried;
    connection_.reset();
    await(kPause, [this] { return stop_.load(); });
  }
  return {};
}

Result<void> SteadyLoad::try_step(std::int64_t number) {
  if (!connection_) connection_.emplace(WEIR_TRY(connect(options_.dsn)));
  const std::int64_t chunk = number / kStepsAChunk;
  const int kind = static_cast<int>(number % kStepsAChunk);
  WEIR_TRY(connection_->begin());
  const auto marked = WEIR_TRY(
      connection_->execute("steady_mark", "INSERT INTO steady.steps VALUES ($1) ON CONFLICT DO NOTHING", postgres::Params().add(number)));
  if (marked == 1) WEIR_TRY(apply(chunk, kind));
  return connection_->commit();
}

Result<void> SteadyLoad::apply(std::int64_t chunk, int kind) {
  const std::int64_t about = kind == kStepsAChunk - 1 ? chunk - 1 : chunk;
  if (about < 0 || about >= chunks_) return {};
  const std::int64_t first = about * options_.executions_a_step;
  const auto index = static_cast<std::size_t>(kind);
  auto params = postgres::Params().add(first).add(first + options_.executions_a_step - 1).add(options_.seed);
  if (kStatements[index] == kEnd) params.add(options_.late).add(options_.edges);
  WEIR_TRY(connection_->execute(kNames[index], kStatements[index], params));
  return {};
}

}  // namespace weir::testing
