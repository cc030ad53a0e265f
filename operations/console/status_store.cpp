#include "operations/console/status_store.hpp"

namespace weir::console {

namespace {

// A queue is counted up to 100,000 messages, since to count more costs more than it tells.
const std::string kNumbers = R"(
SELECT count(*) FILTER (WHERE severity = 'critical'), count(*) FILTER (WHERE severity = 'warning'),
       (SELECT count(*) FROM (SELECT FROM weir.delivery_queue LIMIT 100000) q),
       (SELECT count(*) FROM weir.rate_limit_buckets WHERE paused_until IS NOT NULL AND paused_until > now())
  FROM public.alerts
 WHERE resolved_at IS NULL)";

}  // namespace

Result<Status> load_status(postgres::Connection& connection) {
  Status status;
  status.groups = WEIR_TRY(operations::groups(connection));
  status.gaps = WEIR_TRY(operations::gaps(connection, std::nullopt, false));
  status.reasons = WEIR_TRY(operations::reasons(connection));
  status.wakeups = WEIR_TRY(operations::refused_wakeups(connection));
  status.slots = WEIR_TRY(operations::slots(connection));
  const auto numbers = WEIR_TRY(connection.query("console_numbers", kNumbers));
  status.critical_alerts = numbers[0].get<std::int64_t>(0);
  status.warnings = numbers[0].get<std::int64_t>(1);
  status.waiting_messages = numbers[0].get<std::int64_t>(2);
  status.resting_accounts = numbers[0].get<std::int64_t>(3);
  return status;
}

}  // namespace weir::console
