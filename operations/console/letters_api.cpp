#include "operations/console/letters_api.hpp"

#include "common/core/json.hpp"
#include "operations/commands/shown_record.hpp"
#include "operations/console/answers.hpp"

#include <limits>

namespace weir::console {

namespace {

using operations::LetterFilter;
using operations::LetterReason;
using operations::LetterRow;
using operations::WholeLetter;

constexpr std::int64_t kPage = 50;
constexpr std::int64_t kMostOfPage = 200;
constexpr std::int64_t kMostPartitions = 1'000'000;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

/// The members of an object that is open.
void add_row(JsonWriter& json, const LetterRow& row) {
  json.member("id", row.id).member("group", row.group).member("topic", row.topic).member("partition", row.partition);
  json.member("offset", row.offset).member("status", row.status).member("kind", row.kind).member("reason", row.reason);
  json.member("path", row.path).member("attempts", row.attempts).name("waits_for");
  row.waits_for ? json.value(*row.waits_for) : json.null();
  json.member("time", format_instant(row.occurred_at));
}

std::string page_json(const std::vector<LetterRow>& rows, std::int64_t most) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().name("letters").begin_array();
  for (const LetterRow& row : rows) {
    json.begin_object();
    add_row(json, row);
    json.end_object();
  }
  json.end_array().name("next");
  static_cast<std::int64_t>(rows.size()) == most ? json.value(rows.back().id) : json.null();
  json.end_object();
  return out;
}

}  // namespace

Result<LetterFilter> filter_of(const Parameters& parameters, const std::string& before) {
  LetterFilter filter;
  filter.id = WEIR_TRY(parameters.number(before + "id", 0, kAny));
  filter.group = parameters.text(before + "group");
  filter.topic = parameters.text(before + "topic");
  filter.partition = WEIR_TRY(parameters.number(before + "partition", 0, kMostPartitions));
  filter.kind = parameters.text(before + "kind");
  filter.reason = parameters.text(before + "reason");
  filter.path = parameters.text(before + "path");
  filter.from = WEIR_TRY(parameters.time(before + "from"));
  filter.to = WEIR_TRY(parameters.time(before + "to"));
  filter.organization = WEIR_TRY(parameters.uuid(before + "organization"));
  return filter;
}

Result<Questions::Question> letters_question(const Parameters& parameters) {
  LetterFilter filter = WEIR_TRY(filter_of(parameters, ""));
  filter.status = parameters.text("status");
  const std::int64_t most = WEIR_TRY(parameters.number("limit", 1, kMostOfPage)).value_or(kPage);
  const std::int64_t after = WEIR_TRY(parameters.number("after", 0, kAny)).value_or(0);
  return [filter, most, after](postgres::Connection& connection) -> Result<http::Response> {
    return json_answer(page_json(WEIR_TRY(operations::letters_after(connection, filter, after, most)), most));
  };
}

Result<Questions::Question> reasons_question(const Parameters& parameters) {
  LetterFilter filter = WEIR_TRY(filter_of(parameters, ""));
  filter.status = parameters.text("status");
  return [filter](postgres::Connection& connection) -> Result<http::Response> {
    return json_answer("{\"reasons\":" + reasons_json(WEIR_TRY(operations::letter_reasons(connection, filter))) + "}");
  };
}

Questions::Question letter_question(std::int64_t id) {
  return [id](postgres::Connection& connection) -> Result<http::Response> {
    const auto letter = operations::whole_letter(connection, id);
    if (letter) return json_answer(letter_json(*letter, true));
    constexpr int kNotFound = 404;
    if (letter.error().kind == FaultKind::kData) return refusal(kNotFound, "not_found", letter.error().message);
    return fail(letter.error());
  };
}

std::string reasons_json(const std::vector<LetterReason>& reasons) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const LetterReason& row : reasons) {
    json.begin_object().member("group", row.group).member("topic", row.topic).member("status", row.status).member("kind", row.kind);
    json.member("reason", row.reason).member("path", row.path).member("letters", row.letters);
    json.member("unfaithful", row.unfaithful).end_object();
  }
  json.end_array();
  return out;
}

/// The message may quote the record, so that it is shown with the record alone.
std::string letter_json(const WholeLetter& letter, bool is_masked) {
  operations::ShownRecord shown{letter.headers, letter.key, letter.value, false};
  if (is_masked) shown = operations::masked_record(std::move(shown));
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  add_row(json, letter.row);
  json.member("constraint", letter.constraint).member("trace_id", letter.trace_id).name("message");
  is_masked ? json.null() : json.value(letter.message);
  shown.add_to(json);
  json.end_object();
  return out;
}

}  // namespace weir::console
