#include "demo/witness/deliveries_sql.hpp"

#include "demo/witness/deliveries.hpp"

#include <fmt/format.h>

namespace weir::demo {

std::string Deliveries::line() const {
  return fmt::format(
      "messages: {} = {} sent + {} delivered + {} suppressed + {} expired + {} cancelled + {} dead + {} held in doubt + {} waiting; "
      "{} retried, {} failed over, {} sent again after a call without an answer",
      messages, sent, delivered, suppressed, expired, cancelled, dead, held, waiting, retried, failed_over, repeated);
}

Result<void> give_arrivals(SqlSession& session, std::span<const GivenArrival> arrivals) {
  WEIR_TRY(session.script("DROP TABLE IF EXISTS pg_temp.given_arrivals CASCADE; DROP VIEW IF EXISTS pg_temp.tried"));
  WEIR_TRY(session.script(sql::kMakeArrivals));
  return session.outside([&](pqxx::transaction_base& transaction) {
    pqxx::stream_to rows(transaction, "given_arrivals");
    for (const GivenArrival& arrival : arrivals) {
      rows << std::make_tuple(arrival.provider, arrival.message ? std::optional(arrival.message->text()) : std::nullopt, arrival.status,
                              arrival.fault);
    }
    rows.complete();
  });
}

process::ResultChecks delivery_checks() {
  return {.waits = {sql::kMessagesDue},
          .tables = {{"messages", sql::kNeitherFinalNorWaiting},
                     {"receivers", sql::kTakenOtherwise, "taken"},
                     {"receivers", sql::kUnknownCalls},
                     {"receivers", sql::kFaultyCalls},
                     {"messages of failed tasks", sql::kFailuresToldOtherwise, "messages"}}};
}

Result<Deliveries> count_deliveries(SqlSession& session) {
  const pqxx::result rows = WEIR_TRY(session.ask(sql::kDeliveries));
  const auto number = [&](int column) { return rows[0][column].as<std::int64_t>(); };
  return Deliveries{.messages = number(0),
                    .sent = number(1),
                    .delivered = number(2),
                    .suppressed = number(3),
                    .expired = number(4),
                    .cancelled = number(5),
                    .dead = number(6),
                    .held = number(7),
                    .waiting = number(8),
                    .retried = number(9),
                    .failed_over = number(10),
                    .repeated = number(11)};
}

}  // namespace weir::demo
