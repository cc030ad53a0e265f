#include "consumers/notifications/test_command.hpp"

#include "common/cli/view.hpp"
#include "common/process/services.hpp"
#include "consumers/notifications/component.hpp"
#include "consumers/notifications/facts.hpp"
#include "consumers/notifications/receivers_store.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using cli::Invocation;

constexpr const char* kMade = R"(
SELECT n.id, n.channel, n.destination, n.status, n.reason, n.due_at
  FROM weir.notification_keys k
  JOIN public.notifications n ON n.created_at = k.message_created_at AND n.id = k.notification_id
 WHERE hashtextextended(k.cause, 0) = hashtextextended($1, 0) AND k.cause = $1
 ORDER BY n.channel, n.destination)";

/// A transaction that the command opens and ends itself.
class OneTransaction final : public runtime::Work {
 public:
  explicit OneTransaction(postgres::Statements& statements) : statements_(statements) {}
  postgres::Statements& statements() override { return statements_; }
  Result<std::optional<Instant>> group_watermark() override { return std::optional<Instant>(); }

 private:
  postgres::Statements& statements_;
};

Result<std::vector<Channel>> channels_of(const Invocation& invocation) {
  std::vector<Channel> channels;
  std::string_view rest = invocation.options.contains("--channels") ? std::string_view(invocation.options.at("--channels")) : "in_app";
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    const auto channel = channel_named(name);
    if (!channel) return fail(FaultKind::kUsage, fmt::format("--channels {}: is no channel", name));
    channels.push_back(*channel);
  }
  return channels;
}

Result<OrganizationId> organization_of(postgres::Statements& connection, const UserId& user) {
  const auto rows =
      WEIR_TRY(connection.query("notifications_test_user", "SELECT organization_id FROM public.users WHERE id = $1 AND deleted_at IS NULL",
                                postgres::Params{}.add(user)));
  if (rows.empty()) return fail(FaultKind::kData, "there is no user " + user.text());
  return rows[0].get<OrganizationId>(0);
}

/// The request of an application, with a value of each variable of the template unless some are given.
Result<Occurrence> request_of(postgres::Statements& connection, const Invocation& invocation, const UserId& user, Instant now) {
  Occurrence event;
  event.organization = WEIR_TRY(organization_of(connection, user));
  event.source = "notification.requested";
  event.row.after = Fields{{"user_id", user.text()}};
  event.id = Uuid::random();
  event.at = now;
  Request request{user, invocation.arguments[0], WEIR_TRY(channels_of(invocation)), std::nullopt, {}};
  const StoredSettings stored = WEIR_TRY(read_settings(connection));
  for (const Channel channel : request.channels) {
    const Template* const found = stored.settings.templates.find(event.organization, request.template_key, channel, "en");
    if (found != nullptr) request.variables.merge(found->sample());
  }
  if (const auto given = invocation.option("--variables")) {
    auto read = read_variables(*given);
    if (!read) return fail(FaultKind::kUsage, "--variables: is no JSON object");
    request.variables = *std::move(read);
  }
  event.request = std::move(request);
  return event;
}

Result<void> run(process::Context& context, const Invocation& invocation) {
  if (invocation.arguments.size() != 2)
    return fail(FaultKind::kUsage, "name a template and a user: weir notifications test task.completed USER");
  const auto user = Uuid::parse(invocation.arguments[1]);
  if (!user) return fail(FaultKind::kUsage, invocation.arguments[1] + ": is no uuid of a user");
  auto connection = WEIR_TRY(postgres::Connection::open(
      process::postgres_settings(context.configuration, "weir notifications test", "consumers.notifications.dsn")));
  Options options = options_from(context.configuration);
  options.links = WEIR_TRY(process::mail_links(context.configuration));
  NotificationsConsumer consumer(std::move(options));
  WEIR_TRY(consumer.prepare(connection));
  const Instant now = context.clock.now();
  runtime::Event event;
  event.decoded.payload = std::make_unique<Fact>(WEIR_TRY(request_of(connection, invocation, UserId{*user}, now)));
  const std::string cause = event.as<Fact>().event.id.text();
  OneTransaction work(connection);
  const runtime::Event* const batch[] = {&event};
  const auto outcomes = WEIR_TRY(connection.within_transaction([&] { return consumer.apply(batch, nullptr, work, now); }));
  if (const auto* dead = std::get_if<runtime::Dead>(&outcomes.front())) return fail(FaultKind::kData, dead->message);
  const auto rows = WEIR_TRY(connection.query("notifications_test_made", kMade, postgres::Params{}.add(cause)));
  cli::Table table({"message", "channel", "destination", "status", "reason", "due_at"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.add({rows[i].get<std::string>(0), rows[i].get<std::string>(1), rows[i].get<std::string>(2), rows[i].get<std::string>(3),
               rows[i].get<std::string>(4), cli::time_cell(rows[i].get<Instant>(5))});
  }
  cli::show(table, invocation);
  return {};
}

}  // namespace

cli::Command test_command() {
  cli::Command command;
  command.path = "notifications test";
  command.help =
      "Send a user a message made from a template, as an application's request would: preferences, quiet hours and limits hold. Prints "
      "what "
      "became of it on each channel.";
  command.examples = {"weir notifications test task.completed 7f1c0a52-1f7e-4c2e-9a55-0d0c9b1e2f3a --channels in_app,email"};
  command.arguments = "TEMPLATE USER";
  command.options = {
      {.name = "--channels", .placeholder = "LIST", .help = "Channels, separated by commas; in_app unless told."},
      {.name = "--variables", .placeholder = "JSON", .help = "An object of values; each variable says its name unless told."},
      cli::json_option()};
  command.required = {"consumers.notifications.dsn"};
  command.run = run;
  return command;
}

}  // namespace weir::notifications
