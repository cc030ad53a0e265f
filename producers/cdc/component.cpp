#include "producers/cdc/component.hpp"

#include "common/process/services.hpp"
#include "producers/cdc/check.hpp"
#include "producers/cdc/check_gaps.hpp"
#include "producers/cdc/check_outbox.hpp"
#include "producers/cdc/settings.hpp"
#include "producers/cdc/supervise.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

using config::Type;

std::vector<config::Field> source_fields() {
  return {
      {.key = "cdc.dsn",
       .type = Type::kText,
       .help = "The application's Postgres whose changes are published, as a libpq connection string or URI; best as weir_cdc.",
       .secret = true,
       .instead = "postgres.dsn"},
      {.key = "cdc.slot", .type = Type::kText, .help = "The replication slot; made at the first start.", .fallback = "weir"},
      {.key = "cdc.publication",
       .type = Type::kText,
       .help = "The publication; made from cdc.tables where it does not exist and the role owns the tables.",
       .fallback = "weir"},
      {.key = "cdc.tables",
       .type = Type::kTextList,
       .help = "The tables to publish, as schema.table with the letters that the catalog has, in the order of the snapshot; a schema that "
               "holds a dot goes in double quotes. Where not set, those of the publication."},
      {.key = "cdc.keys",
       .type = Type::kTextMap,
       .help = "Message keys other than the primary key: a table and its columns, separated by commas. Needs REPLICA IDENTITY FULL."},
      {.key = "cdc.topic_prefix", .type = Type::kText, .help = "Topics are named PREFIX.schema.table.", .fallback = "weir.cdc"},
      {.key = "cdc.source_name", .type = Type::kText, .help = "source.name of every change.", .fallback = "weir.cdc"},
  };
}

std::vector<config::Field> stream_fields() {
  return {
      {.key = "cdc.position_topic",
       .type = Type::kText,
       .help = "The compacted topic of one partition that keeps how far the stream is published.",
       .fallback = "weir.cdc.positions"},
      {.key = "cdc.partitions",
       .type = Type::kInteger,
       .help = "Partitions of topics of changes that weir cdc finds missing and makes.",
       .fallback = "6",
       .minimum = "1",
       .maximum = "10000"},
      {.key = "cdc.delivery",
       .type = Type::kChoice,
       .help = "exactly_once: a Kafka transaction holds the changes and the position; at_least_once: lower latency, repeats after a fault.",
       .fallback = "exactly_once",
       .choices = {"exactly_once", "at_least_once"}},
      {.key = "cdc.max_transaction_events",
       .type = Type::kInteger,
       .help = "A source transaction of more changes goes out in several Kafka transactions (header weir.part).",
       .fallback = "1000000",
       .minimum = "1",
       .maximum = "100000000"},
      {.key = "cdc.max_record_bytes",
       .type = Type::kBytes,
       .help = "A larger record goes out without its largest columns (header weir.omitted).",
       .fallback = "8MiB",
       .minimum = "16KiB",
       .maximum = "32MiB"},
      {.key = "cdc.heartbeat",
       .type = Type::kDuration,
       .help = "How often the position of an idle database moves, so that the server can remove its WAL.",
       .fallback = "10s",
       .minimum = "100ms",
       .maximum = "1h"},
      {.key = "cdc.retained_limit",
       .type = Type::kBytes,
       .help = "weir cdc ends with an alarm when the slot makes the source keep more WAL than this; 0: no limit.",
       .fallback = "64GiB"},
      {.key = "cdc.queue_bytes",
       .type = Type::kBytes,
       .help = "How much may wait between Postgres and Kafka.",
       .fallback = "64MiB",
       .minimum = "1MiB",
       .maximum = "4GiB"},
  };
}

std::vector<config::Field> outbox_fields() {
  return {
      {.key = "cdc.outbox.table",
       .type = Type::kText,
       .help =
           "The outbox: where this table is one of the published tables, each row that is inserted into it goes out as an event, and is "
           "deleted once its event is in Kafka.",
       .fallback = "weir.outbox"},
      {.key = "cdc.outbox.types",
       .type = Type::kTextList,
       .help = "The aggregate types whose events are published, each on a topic of its own, which is made when the type first appears. "
               "Events of other types are left out, and their rows stay. Where not set, all types."},
      {.key = "cdc.outbox.topic_prefix",
       .type = Type::kText,
       .help = "Topics of events are named PREFIX.type, by the aggregate type.",
       .fallback = "weir.outbox"},
      {.key = "cdc.outbox.dlq_topic",
       .type = Type::kText,
       .help = "The topic of events of type dlq, which tell of weir's dead letters.",
       .fallback = "weir.dlq"},
  };
}

std::vector<config::Field> fields() {
  auto all = source_fields();
  for (const auto& more : {stream_fields(), outbox_fields()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The mode resnapshot, and behind it the system identifier of a server that is gone.
Result<void> read_arguments(const std::vector<std::string>& arguments, Settings& settings) {
  if (arguments.empty()) return {};
  settings.resnapshot = true;
  if (arguments.size() > 1) settings.replaced_server = arguments[1];
  if (arguments.size() <= 2) return {};
  return fail(FaultKind::kUsage, fmt::format("weir cdc resnapshot does not know '{}'", arguments[2]),
              "behind it may stand one system identifier: that of the server that is gone");
}

Result<process::Findings> check_source(const config::Configuration& configuration, postgres::Connection& source,
                                       std::span<const process::TableRow> wanted) {
  const Settings settings = WEIR_TRY(read_settings(configuration));
  process::Findings findings = WEIR_TRY(check_published(source, settings.tables, wanted));
  for (process::Finding& finding : WEIR_TRY(check_gaps(source, settings))) findings.push_back(std::move(finding));
  for (process::Finding& finding : WEIR_TRY(check_outbox(source, settings.tables))) findings.push_back(std::move(finding));
  return findings;
}

Result<void> run(process::Context& context) {
  auto settings = WEIR_TRY(read_settings(context.configuration));
  WEIR_TRY(read_arguments(context.arguments, settings));
  WEIR_TRY(process::await_kafka(context, settings.publisher.kafka));
  return run_captures(std::move(settings), context, context.configuration.duration("startup_timeout"));
}

/// The tables that are published for readers outside the list of components, and the outbox. Their scores, titles, texts, names and
/// addresses are left out, because a topic's reader reads all of it.
std::vector<process::TableRow> offered() {
  using process::TableUse;
  const std::string by_user = "user_id";
  return {
      {"public.organizations", TableUse::kOffers},
      {"public.users", TableUse::kOffers},
      {"public.assessment_responses", TableUse::kOffers, by_user},
      {"public.activity_completions", TableUse::kOffers, by_user},
      {"public.consents", TableUse::kOffers, by_user},
      {"public.projects", TableUse::kOffers},
      {"public.project_members", TableUse::kOffers, by_user},
      {"public.learning_modules", TableUse::kOffers},
      {"public.module_prerequisites", TableUse::kOffers},
      {"public.learning_activities", TableUse::kOffers},
      {"public.achievements", TableUse::kOffers},
      {"public.growth_scores",
       TableUse::kOffers,
       "",
       {"organization_id", "response_id", "dimension", "user_id", "previous_response_id", "submitted_at", "created_at", "updated_at"}},
      {"weir.outbox", TableUse::kOffers},
  };
}

}  // namespace

process::Component cdc_component() {
  process::Component component;
  component.name = "cdc";
  component.help = "Publish the changes of an application's Postgres to Kafka.";
  component.fields = fields();
  component.required = {"cdc.dsn"};
  component.run = run;
  component.examples = {"weir cdc --config weir.yaml", "weir cdc resnapshot    # give the slot up, and snapshot all tables again"};
  component.modes = {{.name = "resnapshot",
                      .help = "Give up the slot and its position, snapshot all tables again, and stream on from there. Of a server that is "
                              "gone its position is given up only where its system identifier is named.",
                      .arguments = "[SYSTEM_IDENTIFIER]",
                      .examples = {"weir cdc resnapshot", "weir cdc resnapshot 7300000000000000001"}}};
  component.check_source = check_source;
  component.declaration = {
      .role = "weir_cdc",
      .tables = offered(),
      .publishes = process::PublishingRows{
          .tables = {"cdc.tables", "",
                     "Published in this order; a table needs a primary key. deploy/roles.sql publishes them, of some the columns without "
                     "scores and texts alone."},
          .keys = {"cdc.keys", "", "All of a user's rows in one partition, in their order."}}};
  return component;
}

}  // namespace weir::cdc
