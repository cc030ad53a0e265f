#include "consumers/notifications/rotate_secret_command.hpp"

#include "common/cli/view.hpp"
#include "common/encryption/key_ring.hpp"
#include "consumers/notifications/destination_command.hpp"

#include <optional>

namespace weir::notifications {

namespace {

using cli::Invocation;
using postgres::Params;

constexpr std::chrono::hours kLongestOverlap{30 * 24};

constexpr const char* kFind = R"(
SELECT organization_id, user_id, secret_encrypted
  FROM public.notification_destinations
 WHERE id = $1 AND channel = 'webhook' AND secret_encrypted IS NOT NULL
   FOR UPDATE)";

constexpr const char* kWrite = R"(
UPDATE public.notification_destinations
   SET secret_encrypted = $2::bytea, overlap_until = CASE WHEN $3 > 0 THEN now() + $3 * interval '1 microsecond' END
 WHERE id = $1
RETURNING overlap_until)";

Result<Microseconds> overlap_of(const Invocation& invocation) {
  const auto text = invocation.option("--overlap");
  if (!text) return Microseconds{std::chrono::hours{24}};
  const auto overlap = parse_duration(*text);
  if (!overlap || *overlap < Microseconds{0} || *overlap > kLongestOverlap)
    return fail(FaultKind::kUsage, "--overlap " + *text + ": is no time between 0s and 30d");
  return *overlap;
}

struct Rotated {
  std::string secret;
  std::optional<Instant> former_until;
};

Result<Rotated> rotate(postgres::Connection& connection, encryption::KeyRing& ring, const Uuid& id, Microseconds overlap) {
  const auto found = connection.query("notifications_secret_find", kFind, Params{}.add(id));
  if (!found) return fail(cli::explained(found.error()));
  if (found->empty()) return fail(FaultKind::kData, "there is no webhook " + id.text() + " with a secret");
  const encryption::Place place{"public.notification_destinations", "secret_encrypted", id.text()};
  const std::string present = WEIR_TRY(ring.decrypt(place, (*found)[0].bytes(2)));
  Rotated rotated{.secret = webhook_secret(), .former_until = std::nullopt};
  // Of several present secrets only the newest goes on signing: the others were already replaced by it.
  const std::string former = overlap > Microseconds{0} ? " " + present.substr(0, present.find(' ')) : "";
  const encryption::KeyOwner owner{(*found)[0].get<Uuid>(0), (*found)[0].maybe<Uuid>(1)};
  Params params;
  params.add(id).add_bytes(WEIR_TRY(ring.encrypt(owner, place, rotated.secret + former))).add(overlap.count());
  const auto written = WEIR_TRY(connection.query("notifications_secret_write", kWrite, params));
  rotated.former_until = written[0].maybe<Instant>(0);
  return rotated;
}

Result<void> run(process::Context& context, const Invocation& invocation) {
  const auto id = invocation.arguments.size() == 1 ? Uuid::parse(invocation.arguments[0]) : std::nullopt;
  if (!id) return fail(FaultKind::kUsage, "name a webhook by its id: weir notifications destination rotate-secret DESTINATION");
  const Microseconds overlap = WEIR_TRY(overlap_of(invocation));
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection =
      WEIR_TRY(cli::connect_to_read(context, "weir notifications destination rotate-secret", {{"public", "notification_destinations"}}));
  encryption::KeyRing ring(connection, masters);
  const Rotated rotated = WEIR_TRY(connection.within_transaction([&] { return rotate(connection, ring, *id, overlap); }));
  cli::Table table({"destination", "secret", "former_until"});
  table.add({id->text(), rotated.secret, rotated.former_until ? cli::time_cell(*rotated.former_until) : cli::Cell()});
  cli::show(table, invocation);
  return {};
}

}  // namespace

cli::Command rotate_secret_command() {
  cli::Command command;
  command.path = "notifications destination rotate-secret";
  command.help =
      "Make a new secret for a webhook, and show it this once. Until the overlap ends, each request has a signature by the new secret and "
      "one by the former, so that the endpoint can be changed in the meantime.";
  command.examples = {"weir notifications destination rotate-secret 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a --overlap 48h",
                      "weir notifications destination rotate-secret 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a --overlap 0s"};
  command.arguments = "DESTINATION";
  command.options = {{.name = "--overlap",
                      .placeholder = "TIME",
                      .help = "How long the former secret signs, too; 24h unless told, 0s where others know it."},
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.fields = encryption::encryption_fields();
  command.run = run;
  return command;
}

}  // namespace weir::notifications
