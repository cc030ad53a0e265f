#include "consumers/notifications/destination_command.hpp"

#include "common/cli/view.hpp"
#include "common/core/base64.hpp"
#include "common/encryption/key_ring.hpp"
#include "common/http/url.hpp"
#include "consumers/notifications/pure/channel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::notifications {

namespace {

using cli::Invocation;

constexpr const char* kTable = "public.notification_destinations";

constexpr const char* kOrganization = R"(
SELECT organization_id
  FROM public.users
 WHERE id = $1)";

constexpr const char* kInsert = R"(
INSERT INTO public.notification_destinations (id, organization_id, user_id, channel, address_encrypted, address_hash, secret_encrypted, verified_at)
VALUES ($1, $2, $3, $4, $5, $6::bytea, $7::bytea, CASE WHEN $8 THEN now() END))";

/// Says what is wrong with an address of the channel; "" where nothing is.
std::string fault_of(Channel channel, std::string_view address) {
  if (channel == Channel::kWebhook || channel == Channel::kSlack) {
    const auto url = http::parse_url(address);
    return url ? "" : "the URL is refused: " + url.error();
  }
  const bool is_plain = std::ranges::all_of(address, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
  if (address.empty() || !is_plain) return "it is empty, or has a blank or a control character";
  const std::size_t at = address.rfind('@');
  if (channel == Channel::kEmail && (at == std::string_view::npos || at == 0 || at + 1 == address.size())) return "it is no e-mail address";
  return "";
}

struct Destination {
  Uuid id = Uuid::random();
  encryption::KeyOwner owner;
  Channel channel = Channel::kEmail;
  std::string address;
  std::string secret;  // of a webhook's endpoint; "" of others
  bool is_confirmed = false;
};

Result<Destination> destination_of(const Invocation& invocation) {
  if (invocation.arguments.size() != 3)
    return fail(FaultKind::kUsage,
                "name a user, a channel and an address: weir notifications destination add USER webhook https://example.org/hook");
  const auto user = Uuid::parse(invocation.arguments[0]);
  if (!user) return fail(FaultKind::kUsage, invocation.arguments[0] + ": is no uuid of a user");
  const auto channel = channel_named(invocation.arguments[1]);
  if (!channel || !facts_of(*channel).is_called || *channel == Channel::kPusher)
    return fail(FaultKind::kUsage, invocation.arguments[1] + ": is none of email, push, slack and webhook");
  Destination made;
  made.owner.user = user;
  made.channel = *channel;
  made.address = invocation.arguments[2];
  if (const std::string fault = fault_of(*channel, made.address); !fault.empty())
    return fail(FaultKind::kUsage, fmt::format("the address: {}", fault));
  if (*channel == Channel::kWebhook) made.secret = webhook_secret();
  made.is_confirmed = *channel == Channel::kPush || *channel == Channel::kSlack || invocation.flag("--confirmed");
  return made;
}

Result<void> write(postgres::Connection& connection, encryption::KeyRing& ring, const Destination& destination) {
  const auto place = [&](const char* column) { return encryption::Place{kTable, column, destination.id.text()}; };
  postgres::Params params;
  params.add(destination.id).add(destination.owner.organization).add(destination.owner.user).add(name_of(destination.channel));
  params.add_bytes(WEIR_TRY(ring.encrypt(destination.owner, place("address_encrypted"), destination.address)));
  if (destination.channel == Channel::kEmail) {
    const auto key = WEIR_TRY(ring.encrypting_key({destination.owner.organization, std::nullopt}));
    params.add_bytes(encryption::blind_index(key.key, kTable, "address_encrypted", destination.address));
  } else {
    params.add_null();
  }
  if (destination.secret.empty()) {
    params.add_null();
  } else {
    params.add_bytes(WEIR_TRY(ring.encrypt(destination.owner, place("secret_encrypted"), destination.secret)));
  }
  params.add(destination.is_confirmed);
  WEIR_TRY(connection.execute("notifications_destination_add", kInsert, params));
  return {};
}

std::string_view use_of(const Destination& destination) {
  if (destination.is_confirmed) return "at once";
  return destination.channel == Channel::kWebhook ? "once the endpoint has answered a challenge" : "once it is confirmed";
}

Result<void> add(process::Context& context, const Invocation& invocation) {
  Destination destination = WEIR_TRY(destination_of(invocation));
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection = WEIR_TRY(
      cli::connect_to_read(context, "weir notifications destination add", {{"public", "users"}, {"public", "notification_destinations"}}));
  encryption::KeyRing ring(connection, masters);
  WEIR_TRY(connection.within_transaction([&]() -> Result<void> {
    const auto rows = connection.query("notifications_destination_user", kOrganization, postgres::Params{}.add(*destination.owner.user));
    if (!rows) return fail(cli::explained(rows.error()));
    if (rows->empty()) return fail(FaultKind::kData, "there is no user " + destination.owner.user->text());
    destination.owner.organization = (*rows)[0].get<Uuid>(0);
    return write(connection, ring, destination);
  }));
  cli::Table table({"destination", "channel", "used", "secret"});
  table.add({destination.id.text(), std::string(name_of(destination.channel)), std::string(use_of(destination)), destination.secret});
  cli::show(table, invocation);
  return {};
}

}  // namespace

cli::Command destination_command() {
  cli::Command command;
  command.path = "notifications destination add";
  command.help =
      "Give a user an address for messages, encrypted before it is stored. Of a webhook the secret that signs is made, and shown this "
      "once.";
  command.examples = {"weir notifications destination add 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a webhook https://example.org/hook"};
  command.arguments = "USER CHANNEL ADDRESS";
  command.options = {{.name = "--confirmed",
                      .help = "It is known to be the user's: an e-mail address is used without a link, a webhook without a challenge."},
                     cli::json_option()};
  command.required = {"postgres.dsn"};
  command.fields = encryption::encryption_fields();
  command.run = add;
  return command;
}

std::string webhook_secret() { return "whsec_" + base64(encryption::Key::random().bytes()); }

cli::Group destination_group() { return {"destination", "Addresses of users."}; }

}  // namespace weir::notifications
