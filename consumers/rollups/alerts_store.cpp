#include "consumers/rollups/alerts_store.hpp"

#include "common/core/json.hpp"
#include "common/postgres/columns.hpp"
#include "consumers/rollups/marks_store.hpp"
#include "consumers/rollups/pure/alert.hpp"

#include <fmt/format.h>

#include <map>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr std::int64_t kWindowsAStep = 288;  // of one organization

/// $2: up to where windows are final. $3: the start of the first window that counts. A window that is still marked has no health yet.
constexpr const char* kTurns = R"(
SELECT o.organization_id, greatest(p.folded_until, $3),
       least($2, (SELECT min(w.window_start) FROM weir.window_changes w
                   WHERE w.organization_id = o.organization_id AND NOT w.is_half_derived))
  FROM unnest($1) AS o(organization_id) LEFT JOIN weir.alert_progress p USING (organization_id))";

constexpr const char* kMarkCorrected = R"(
UPDATE public.alerts a
   SET corrected_at = $5
  FROM unnest($1, $2, $3, $4) AS c(organization_id, window_start, kind, agent_id)
 WHERE a.organization_id = c.organization_id AND a.kind = c.kind
   AND a.agent_id IS NOT DISTINCT FROM nullif(c.agent_id, '00000000-0000-0000-0000-000000000000')
   AND c.window_start BETWEEN a.opened_window AND a.last_window)";

constexpr const char* kIssues = R"(
SELECT h.organization_id, h.window_start, i->>'kind', (i->>'agent_id')::uuid, i->>'severity', (i->>'value')::double precision,
       (i->>'threshold')::double precision, i->>'message', l.name
  FROM unnest($1, $2, $3) AS o(organization_id, folded_from, folded_to)
  JOIN public.system_health h
    ON h.organization_id = o.organization_id AND h.window_start >= o.folded_from AND h.window_start < o.folded_to
 CROSS JOIN LATERAL jsonb_array_elements(h.issues) AS i
  LEFT JOIN weir.agent_lifetimes l ON l.organization_id = h.organization_id AND l.agent_id = (i->>'agent_id')::uuid)";

constexpr const char* kOpen = R"(
SELECT organization_id, opened_window, kind, agent_id, severity, value, threshold, message, last_window, clean_windows, last_seen_at,
       escalated_at
  FROM public.alerts
 WHERE resolved_at IS NULL AND organization_id = ANY ($1) AND kind <> 'storage_quota'
   FOR UPDATE)";

/// The id follows from what opened the alert, so that no restart makes another.
constexpr const char* kWrite = R"(
INSERT INTO public.alerts AS a (
       id, organization_id, kind, agent_id, severity, value, threshold, message, opened_window, last_window, clean_windows, opened_at,
       last_seen_at, escalated_at, resolved_at)
SELECT md5(concat_ws('/', 'weir alert', organization_id, kind, agent_id, extract(epoch FROM opened_window)))::uuid, r.*
  FROM jsonb_to_recordset($1) AS r(
       organization_id uuid, kind text, agent_id uuid, severity text, value double precision, threshold double precision, message text,
       opened_window timestamptz, last_window timestamptz, clean_windows integer, opened_at timestamptz, last_seen_at timestamptz,
       escalated_at timestamptz, resolved_at timestamptz)
 ORDER BY 1
ON CONFLICT (id) DO UPDATE
   SET severity = excluded.severity, value = excluded.value, threshold = excluded.threshold, message = excluded.message,
       last_window = excluded.last_window, clean_windows = excluded.clean_windows, last_seen_at = excluded.last_seen_at,
       escalated_at = excluded.escalated_at, resolved_at = excluded.resolved_at
 WHERE a.last_window < excluded.last_window)";

constexpr const char* kFolded = R"(
INSERT INTO weir.alert_progress AS p (organization_id, folded_until)
SELECT organization_id, folded_until FROM unnest($1, $2) AS f(organization_id, folded_until)
 ORDER BY organization_id
ON CONFLICT (organization_id) DO UPDATE SET folded_until = greatest(p.folded_until, excluded.folded_until))";

/// The windows of an organization that are folded now.
using Turn = OrganizationRange;

using Issues = std::map<AlertKey, Issue>;
using IssuesByWindow = std::map<OrganizationWindow, Issues>;
using OpenAlerts = std::map<OrganizationId, std::map<AlertKey, Alert>>;

/// Rows in the order in which they are written: people must be told of each step of an alert, so that each step is a change of its row.
class Writes {
 public:
  void add(std::size_t round, const OrganizationId& organization, const Alert& alert) {
    if (round >= rounds_.size()) rounds_.resize(round + 1);
    rounds_[round].emplace_back(organization, alert);
  }
  [[nodiscard]] Result<void> execute(Statements& connection) const {
    for (const auto& round : rounds_) {
      std::string text;
      JsonWriter json(text);
      json.begin_array();
      for (const auto& [organization, alert] : round) put(json, organization, alert);
      json.end_array();
      WEIR_TRY(connection.execute("rollups_write_alerts", kWrite, Params{}.add_json(text)));
    }
    return {};
  }

 private:
  static void put(JsonWriter& json, const OrganizationId& organization, const Alert& alert) {
    const Issue& issue = alert.issue;
    json.begin_object().member("organization_id", organization.text()).member("kind", text_of(issue.kind));
    if (issue.agent) json.member("agent_id", issue.agent->text());
    json.member("severity", text_of(issue.severity)).member("message", issue.message);
    if (issue.value) json.member("value", *issue.value);
    if (issue.threshold) json.member("threshold", *issue.threshold);
    json.member("opened_window", format_instant(alert.opened_window)).member("last_window", format_instant(alert.last_window));
    json.member("clean_windows", alert.clean_windows).member("opened_at", format_instant(alert.opened_at()));
    json.member("last_seen_at", format_instant(alert.last_seen_at));
    if (alert.escalated_at) json.member("escalated_at", format_instant(*alert.escalated_at));
    if (alert.resolved_at) json.member("resolved_at", format_instant(*alert.resolved_at));
    json.end_object();
  }

  std::vector<std::vector<std::pair<OrganizationId, Alert>>> rounds_;
};

/// One alert on its way through the windows of a turn.
class Course {
 public:
  explicit Course(std::optional<Alert> alert) : alert_(std::move(alert)) {}
  void fold(Instant window, const Issue* issue, const OrganizationId& organization, Writes& writes) {
    const AlertStep step = rollups::fold(alert_, window, issue);
    has_changed_ = has_changed_ || step != AlertStep::kNone;
    if (is_told(step)) write(organization, writes);
    if (step == AlertStep::kResolved) alert_.reset();
  }
  void finish(const OrganizationId& organization, Writes& writes) {
    if (has_changed_) write(organization, writes);
  }

 private:
  void write(const OrganizationId& organization, Writes& writes) {
    writes.add(round_++, organization, *alert_);
    has_changed_ = false;
  }

  std::optional<Alert> alert_;
  std::size_t round_ = 0;
  bool has_changed_ = false;
};

Severity severity_of(std::string_view text) { return text == "critical" ? Severity::kCritical : Severity::kWarning; }

/// The issue that five columns from `column` on tell: severity, value, threshold, message.
Issue issue_at(const Row& row, const AlertKey& key, int column) {
  return {severity_of(row.text(column)),   key.kind, key.agent, row.maybe<double>(column + 1), row.maybe<double>(column + 2),
          row.get<std::string>(column + 3)};
}

AlertKey key_at(const Row& row) {
  const auto kind = parse_issue_kind(row.text(2));
  WEIR_ASSERT(kind.has_value());
  return {*kind, row.maybe<AgentId>(3)};
}

Result<std::vector<Turn>> read_turns(Statements& connection, std::span<const OrganizationId> organizations, Instant closed_until,
                                     Instant derives_from, bool& more) {
  Params params = columns_of(organizations, &OrganizationId::value);
  const Rows rows = WEIR_TRY(connection.query("rollups_alert_turns", kTurns, params.add(closed_until).add(window_of(derives_from))));
  std::vector<Turn> turns;
  std::vector<OrganizationRange> left;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Turn turn{rows[i].get<OrganizationId>(0), {rows[i].get<Instant>(1), rows[i].get<Instant>(2)}};
    if (turn.windows.from >= turn.windows.until) continue;
    const Instant most = turn.windows.from + kWindowsAStep * kWindowLength;
    if (turn.windows.until > most) left.push_back({turn.organization, {most, most + kWindowLength}});
    turn.windows.until = std::min(turn.windows.until, most);
    turns.push_back(turn);
  }
  WEIR_TRY(append_marks(connection, left));
  more = !left.empty();
  return turns;
}

Result<IssuesByWindow> read_issues(Statements& connection, std::span<const Turn> turns) {
  const Params params = columns_of(
      turns, &Turn::organization, [](const Turn& turn) { return turn.windows.from; }, [](const Turn& turn) { return turn.windows.until; });
  const Rows rows = WEIR_TRY(connection.query("rollups_alert_issues", kIssues, params));
  IssuesByWindow issues;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AlertKey key = key_at(rows[i]);
    Issue issue = issue_at(rows[i], key, 4);
    if (key.agent) issue.message = fmt::format("agent {}: {}", rows[i].maybe<std::string>(8).value_or(key.agent->text()), issue.message);
    issues[{rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1)}].emplace(key, std::move(issue));
  }
  return issues;
}

Result<OpenAlerts> read_open(Statements& connection, std::span<const Turn> turns) {
  const Rows rows = WEIR_TRY(connection.query("rollups_open_alerts", kOpen, columns_of(turns, &Turn::organization)));
  OpenAlerts open;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const AlertKey key = key_at(rows[i]);
    Alert alert{issue_at(rows[i], key, 4), rows[i].get<Instant>(1),  rows[i].get<Instant>(8),
                rows[i].get<int>(9),       rows[i].get<Instant>(10), rows[i].maybe<Instant>(11)};
    open[rows[i].get<OrganizationId>(0)].emplace(key, std::move(alert));
  }
  return open;
}

/// Folds the windows of one organization, in order.
void fold_turn(const Turn& turn, const IssuesByWindow& issues, std::map<AlertKey, Alert> open, Writes& writes) {
  std::map<AlertKey, Course> courses;
  for (auto& [key, alert] : open) courses.emplace(key, Course(std::move(alert)));
  static const Issues kClean;
  for (Instant window = turn.windows.from; window < turn.windows.until; window += kWindowLength) {
    const auto found = issues.find({turn.organization, window});
    const Issues& here = found == issues.end() ? kClean : found->second;
    for (const auto& [key, issue] : here) courses.try_emplace(key, std::nullopt);
    for (auto& [key, course] : courses) {
      const auto issue = here.find(key);
      course.fold(window, issue == here.end() ? nullptr : &issue->second, turn.organization, writes);
    }
  }
  for (auto& [key, course] : courses) course.finish(turn.organization, writes);
}

Result<void> mark_corrected(Statements& connection, std::span<const CorrectedIssue> corrected, Instant now) {
  if (corrected.empty()) return {};
  Params params = columns_of(
      corrected, [](const CorrectedIssue& issue) { return issue.window.first; },
      [](const CorrectedIssue& issue) { return issue.window.second; }, &CorrectedIssue::kind,
      [](const CorrectedIssue& issue) { return issue.agent.value_or(AgentId{}); });
  WEIR_TRY(connection.execute("rollups_mark_corrected_alerts", kMarkCorrected, params.add(now)));
  return {};
}

}  // namespace

Result<bool> fold_alerts(Statements& connection, const DeriveScope& scope, Instant derives_from, std::span<const CorrectedIssue> corrected,
                         Instant now) {
  WEIR_TRY(mark_corrected(connection, corrected, now));
  if (!scope.closed_until || scope.windows.empty()) return false;
  bool more = false;
  const auto turns = WEIR_TRY(read_turns(connection, organizations_of(scope.windows), *scope.closed_until, derives_from, more));
  if (turns.empty()) return false;
  const IssuesByWindow issues = WEIR_TRY(read_issues(connection, turns));
  OpenAlerts open = WEIR_TRY(read_open(connection, turns));
  Writes writes;
  for (const Turn& turn : turns) fold_turn(turn, issues, std::move(open[turn.organization]), writes);
  WEIR_TRY(writes.execute(connection));
  const Params folded = columns_of(turns, &Turn::organization, [](const Turn& turn) { return turn.windows.until; });
  WEIR_TRY(connection.execute("rollups_alerts_folded", kFolded, folded));
  return more;
}

}  // namespace weir::rollups
