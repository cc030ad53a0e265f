#include "operations/keys/keys_commands.hpp"

#include "common/cli/view.hpp"
#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "common/encryption/reencrypt.hpp"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

namespace weir::keys {

namespace {

using cli::Invocation;
using cli::print;

/// Connects where row security hides none of the rows that hold encrypted values: keys would otherwise be retired under which values lie.
Result<postgres::Connection> connect_to_values(const process::Context& context) {
  std::vector<postgres::TableName> tables;
  for (const encryption::EncryptedColumn& column : encryption::encrypted_columns())
    tables.push_back(postgres::TableName::parse(column.table));
  return cli::connect_to_read(context, "weir keys", tables);
}

/// That nobody has the id is known by the database alone, which refuses the key.
Fault explained(Fault fault, const encryption::KeyOwner& owner) {
  if (fault.kind != FaultKind::kPgMissingRow) return fault;
  Fault told;
  told.kind = FaultKind::kUsage;
  told.message = owner.user ? fmt::format("organization {} has no user {}", owner.organization.text(), owner.user->text())
                            : fmt::format("there is no organization {}", owner.organization.text());
  told.hint = "SELECT id, name FROM organizations lists them";
  return told;
}

Result<void> init(process::Context& context, const Invocation& invocation) {
  // Before the file is made: the key of somebody whom the database refuses would be left behind, and could not be read by the right one.
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir keys", {{"public", "organizations"}}));
  const std::string file = context.configuration.text("encryption.master_key_file");
  if (!file.empty() && !std::filesystem::exists(file)) {
    WEIR_TRY(encryption::make_master_key(file));
    print(fmt::format("made the master key {}: keep a copy where the database's backups are not; without it nothing decrypts", file));
  }
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  encryption::KeyRing ring(connection, masters);
  std::vector<Uuid> organizations;
  if (const auto one = WEIR_TRY(invocation.uuid("--organization"))) {
    organizations = {*one};
  } else {
    organizations = WEIR_TRY(encryption::organizations_without_key(connection));
  }
  for (const Uuid& organization : organizations) {
    const auto key = ring.encrypting_key({organization, std::nullopt});
    if (!key) return fail(explained(key.error(), {organization, std::nullopt}).in("organization " + organization.text()));
  }
  print(fmt::format("{} organizations have a key now, wrapped by {}", organizations.size(), masters.current->name()));
  return {};
}

Result<std::int64_t> batch_of(const Invocation& invocation) { return invocation.whole_number("--batch", 200, 1, 10'000); }

Result<void> reencrypt_and_tell(process::Context& context, const Invocation& invocation, postgres::Connection& connection,
                                encryption::KeyRing& ring) {
  encryption::ReencryptOptions options;
  options.organization = WEIR_TRY(invocation.uuid("--organization"));
  options.batch = WEIR_TRY(batch_of(invocation));
  options.stopped = [&] { return context.stop.stopped(); };
  const std::int64_t encrypted = WEIR_TRY(encryption::reencrypt(connection, ring, options));
  print(fmt::format("{} values were encrypted anew{}", encrypted, context.stop.stopped() ? "; stopped: weir keys reencrypt goes on" : ""));
  return {};
}

Result<void> reencrypt_all(process::Context& context, const Invocation& invocation) {
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection = WEIR_TRY(connect_to_values(context));
  encryption::KeyRing ring(connection, masters);
  return reencrypt_and_tell(context, invocation, connection, ring);
}

/// Keys of organizations that another master key wrapped. Users' keys lie below them and stay as they are.
Result<std::int64_t> rewrap_all(postgres::Connection& connection, const encryption::MasterKeys& masters) {
  std::int64_t rewrapped = 0;
  for (const encryption::StoredKey& stored : WEIR_TRY(encryption::organization_keys(connection, std::nullopt))) {
    if (stored.wrapped_by == masters.current->name() && masters.all_previous.empty()) continue;
    const auto already =
        stored.wrapped_by == masters.current->name() ? masters.current->unwrap(stored.wrapped, stored.id) : fail(FaultKind::kData, "");
    if (already) continue;
    const encryption::Key key = WEIR_TRY(masters.unwrap(stored.wrapped, stored.wrapped_by, stored.id));
    const bool done =
        WEIR_TRY(encryption::rewrap_key(connection, stored, WEIR_TRY(masters.current->wrap(key, stored.id)), masters.current->name()));
    rewrapped += done ? 1 : 0;
  }
  return rewrapped;
}

Result<void> rotate(process::Context& context, const Invocation& invocation) {
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection = WEIR_TRY(connect_to_values(context));
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  WEIR_TRY(batch_of(invocation));
  const std::int64_t rewrapped = WEIR_TRY(rewrap_all(connection, masters));
  print(fmt::format("{} keys were wrapped anew by {}", rewrapped, masters.current->name()));
  if (!organization) return {};
  encryption::KeyRing ring(connection, masters);
  // One transaction: there is always a key that encrypts.
  WEIR_TRY(connection.begin());
  const std::uint64_t retired = WEIR_TRY(encryption::retire_keys(connection, *organization));
  const auto made = ring.encrypting_key({*organization, std::nullopt});
  if (!made) return fail(explained(made.error(), {*organization, std::nullopt}));
  WEIR_TRY(connection.commit());
  print(fmt::format("{} keys of the organization are retiring: they decrypt what they encrypted, until it is encrypted anew", retired));
  return reencrypt_and_tell(context, invocation, connection, ring);
}

Result<void> status(process::Context& context, const Invocation& invocation) {
  auto connection = WEIR_TRY(connect_to_values(context));
  const auto counted = encryption::count_keys(connection);
  if (!counted) return fail(cli::explained(counted.error()));
  cli::Table keys({"organization", "keys_of", "status", "wrapped_by", "keys"});
  for (const encryption::KeyCount& row : *counted) {
    keys.add({row.organization.text(), std::string(row.of_users ? "users" : "organization"), row.status,
              row.of_users ? std::string("the organization's") : row.wrapped_by, row.keys});
  }
  cli::Table columns({"column", "encrypted_by_retiring_keys"});
  for (const encryption::EncryptedColumn& column : encryption::encrypted_columns()) {
    columns.add({fmt::format("{}.{}", column.table, column.column), WEIR_TRY(encryption::count_retiring(connection, column))});
  }
  if (invocation.flag("--json")) {
    std::string out;
    JsonWriter(out).begin_object().name("keys").json(keys.json()).name("columns").json(columns.json()).end_object();
    print(out);
    return {};
  }
  print(counted->empty() ? "no keys yet: weir keys init makes them" : keys.text());
  print("\n" + columns.text());
  return {};
}

/// A key of a user is made where it is first needed, so that a wrong id would make one that nobody's deletion ever destroys.
Result<void> check_member(postgres::Connection& connection, const Uuid& organization, const Uuid& user) {
  postgres::Params params;
  params.add(organization).add(user);
  const auto rows = WEIR_TRY(connection.query("keys_member", "SELECT 1 FROM public.users WHERE organization_id = $1 AND id = $2", params));
  if (!rows.empty()) return {};
  return fail(FaultKind::kData, fmt::format("organization {} has no user {}", organization.text(), user.text()));
}

/// The owner of a value: the command line names it, else the row that is there does.
Result<encryption::KeyOwner> owner_of(postgres::Connection& connection, const encryption::EncryptedColumn& column,
                                      const Invocation& invocation, const Uuid& row) {
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const auto user = WEIR_TRY(invocation.uuid("--user"));
  if (organization) {
    if (column.of_users && user) WEIR_TRY(check_member(connection, *organization, *user));
    return encryption::KeyOwner{*organization, column.of_users ? user : std::nullopt};
  }
  postgres::Params params;
  params.add(row);
  const auto rows = WEIR_TRY(connection.query(
      "keys_owner",
      fmt::format("SELECT organization_id, {} FROM {} WHERE id = $1", column.of_users ? "user_id" : "NULL::uuid", column.table), params));
  if (rows.empty()) {
    return fail(FaultKind::kUsage, fmt::format("{} has no row {} yet", column.table, row.text()),
                "say --organization, and --user where it is a user's");
  }
  return encryption::KeyOwner{rows[0].get<Uuid>(0), rows[0].maybe<Uuid>(1)};
}

std::string standard_input() { return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()}; }

Result<void> encrypt(process::Context& context, const Invocation& invocation) {
  const encryption::EncryptedColumn* column =
      encryption::find_column(invocation.option("--table").value_or(""), invocation.option("--column").value_or(""));
  if (column == nullptr) {
    return fail(FaultKind::kUsage, "this is no column of encrypted values", "weir keys status lists them");
  }
  const auto row = WEIR_TRY(invocation.uuid("--row"));
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection = WEIR_TRY(cli::connect_to_read(context, "weir keys", {postgres::TableName::parse(column->table), {"public", "users"}}));
  encryption::KeyRing ring(connection, masters);
  const encryption::KeyOwner owner = WEIR_TRY(owner_of(connection, *column, invocation, *row));
  const encryption::Place place{std::string(column->table), std::string(column->column), row->text()};
  const auto encrypted = ring.encrypt(owner, place, standard_input());
  if (!encrypted) return fail(explained(encrypted.error(), owner));
  print(column->is_json ? encryption::to_json(*encrypted) : "\\x" + hex(*encrypted));
  return {};
}

Result<void> index(process::Context& context, const Invocation& invocation) {
  const auto organization = WEIR_TRY(invocation.uuid("--organization"));
  const encryption::EncryptedColumn& column = *encryption::find_column("public.notification_destinations", "address_encrypted");
  const encryption::MasterKeys masters = WEIR_TRY(encryption::master_keys(context.configuration));
  auto connection = WEIR_TRY(cli::connect_to_look(context, "weir keys"));
  encryption::KeyRing ring(connection, masters);
  const auto key = ring.encrypting_key({*organization, std::nullopt});
  if (!key) return fail(explained(key.error(), {*organization, std::nullopt}));
  const std::string address = standard_input();
  for (const encryption::StoredKey& stored : WEIR_TRY(encryption::organization_keys(connection, organization))) {
    print("\\x" + hex(encryption::blind_index(WEIR_TRY(ring.decrypting_key(stored.id)), column.table, column.column, address)));
  }
  return {};
}

cli::Command base(std::string path, std::string help, std::vector<std::string> examples,
                  Result<void> (*run)(process::Context&, const Invocation&)) {
  cli::Command command;
  command.path = std::move(path);
  command.help = std::move(help);
  command.examples = std::move(examples);
  command.required = {"postgres.dsn"};
  command.fields = encryption::encryption_fields();
  command.run = run;
  return command;
}

cli::Option organization_option(std::string help, bool required = false) {
  return {.name = "--organization", .placeholder = "UUID", .help = std::move(help), .required = required};
}

}  // namespace

std::vector<cli::Command> commands() {
  const cli::Option batch{.name = "--batch", .placeholder = "N", .help = "Values of one transaction (default 200)."};
  std::vector<cli::Command> all;
  all.push_back(base("keys init", "Make the master key's file where it is missing, and a data key for each organization without one.",
                     {"weir keys init --set encryption.master_key_file=/etc/weir/master.key"}, init));
  all.back().options = {organization_option("This organization only.")};
  all.push_back(base("keys rotate",
                     "Wrap all keys by the current master key; with --organization also give it new data keys and encrypt its values anew.",
                     {"weir keys rotate", "weir keys rotate --organization $ORG"}, rotate));
  all.back().options = {organization_option("Give this organization and its users new keys."), batch};
  all.back().drains = true;
  all.push_back(base("keys reencrypt", "Encrypt anew what retiring keys encrypted: goes on where a rotation was stopped.",
                     {"weir keys reencrypt"}, reencrypt_all));
  all.back().former_path = "keys reseal";
  all.back().options = {organization_option("Of this organization only."), batch};
  all.back().drains = true;
  all.push_back(base("keys status", "Count data keys by organization and status, and the values that retiring keys still encrypt.",
                     {"weir keys status", "weir keys status --json"}, status));
  all.back().options = {cli::json_option()};
  all.push_back(
      base("keys encrypt", "Encrypt what standard input holds for one column of one row, and print it as an INSERT takes it.",
           {"weir keys encrypt --table public.connectors --column credentials_encrypted --row $ROW --organization $ORG --user $USER "
            "< credentials.json"},
           encrypt));
  all.back().options = {
      {.name = "--table", .placeholder = "SCHEMA.TABLE", .help = "The table.", .required = true},
      {.name = "--column", .placeholder = "COLUMN", .help = "The column.", .required = true},
      {.name = "--row", .placeholder = "UUID", .help = "The row's id, which may be one that is inserted next.", .required = true},
      organization_option("Whose row it is; without it the row must be there."),
      {.name = "--user", .placeholder = "UUID", .help = "The row's user, with --organization."}};
  all.push_back(base("keys index", "Print the blind index of the e-mail address on standard input, one line a key that may have made it.",
                     {"weir keys index --organization $ORG <<< someone@example.org"}, index));
  all.back().options = {organization_option("Where it is looked for.", true)};
  return all;
}

}  // namespace weir::keys
