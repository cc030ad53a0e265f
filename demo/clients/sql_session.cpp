#include "demo/clients/sql_session.hpp"

#include "common/core/digest.hpp"

namespace weir::demo {

namespace {

/// A text in quotes, as an element of an array has it.
std::string array_element(std::string_view text) {
  std::string out = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  return out + '"';
}

/// libpqxx hands on the server's text with its line breaks.
std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

}  // namespace

Parameter Parameter::bytes(std::string_view bytes) { return "\\x" + hex(bytes); }

Parameter Parameter::array(std::span<const std::string> texts) {
  std::string text = "{";
  for (const std::string& element : texts) text += (text.size() > 1 ? "," : "") + array_element(element);
  return text + "}";
}

Parameter Parameter::array(std::span<const std::int64_t> numbers) {
  std::string text = "{";
  for (const std::int64_t number : numbers) text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "}";
}

pqxx::result execute(pqxx::transaction_base& transaction, const std::string& sql, const Parameters& parameters) {
  std::vector<const char*> texts;
  for (const Parameter& parameter : parameters) texts.push_back(parameter.text());
  return transaction.exec_params(sql, pqxx::prepare::make_dynamic_params(texts));
}

Fault fault_of(const std::exception& error) {
  Fault fault;
  fault.kind = FaultKind::kPgOther;
  fault.message = first_line(error.what());
  if (const auto* refused = dynamic_cast<const pqxx::sql_error*>(&error)) fault.sqlstate = refused->sqlstate();
  if (dynamic_cast<const pqxx::in_doubt_error*>(&error) != nullptr) fault.kind = FaultKind::kCommitInDoubt;
  if (dynamic_cast<const pqxx::broken_connection*>(&error) != nullptr) fault.kind = FaultKind::kPgConnection;
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) fault.kind = FaultKind::kPgRefused;
  return fault;
}

void SqlSession::connect() {
  quiet_.reset();
  connection_ = std::make_unique<pqxx::connection>(dsn_);
  quiet_ = std::make_unique<pqxx::quiet_errorhandler>(*connection_);
}

Result<SqlSession> SqlSession::open(const std::string& dsn, const std::string& application_name) {
  SqlSession session(dsn + " application_name='" + application_name + "' connect_timeout=5 options='-c TimeZone=UTC'");
  try {
    session.connect();
  } catch (const std::exception& error) {
    return fail(fault_of(error));
  }
  return session;
}

Result<pqxx::result> SqlSession::ask(const std::string& sql, const Parameters& parameters) {
  return outside([&](pqxx::transaction_base& transaction) { return execute(transaction, sql, parameters); });
}

Result<pqxx::result> SqlSession::script(const std::string& sql) {
  return outside([&](pqxx::transaction_base& transaction) { return transaction.exec(sql); });
}

}  // namespace weir::demo
