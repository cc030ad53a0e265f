// What a component says of itself. `weir up`, the demo, `weir check`, the shipped configuration and the tests that hold the deployment
// against the program all follow from it, so that a new component is its own folder and one line in the list.
#pragma once

#include "common/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::process {

/// What a component has to do with a table. Those that publish it come first, each needing more than the one before.
enum class TableUse : std::uint8_t {
  kOffers,        // others may read its changes, whether or not a component of this list does: weir cdc has to publish it
  kFollows,       // it reads the changes of the table: weir cdc has to publish it
  kFollowsWhole,  // and what stood in a row before each change: the table needs REPLICA IDENTITY FULL
  kWrites,        // its results: its role may insert and update rows
};

struct TableRow {
  std::string name;  // "public.agent_executions"
  TableUse use = TableUse::kFollows;
  std::string key{};                   // the column whose value keys its messages; empty: the primary key does
  std::vector<std::string> columns{};  // those alone that are published; none: all are
};

/// A line of the shipped configuration: a setting that has to be stated once, because no default suits everybody.
struct ExampleRow {
  std::string key;
  std::string value;  // as in the environment: a list as a,b
  std::string why;    // one sentence, which stands above the line
};

/// Of the component that publishes changes: its list of tables and its map of their keys, whose values in the shipped configuration are
/// what all components together need published.
struct PublishingRows {
  ExampleRow tables;
  ExampleRow keys;
};

/// How one table of results is compared, in SQL over what applications wrote. Whoever runs it has a client of its own, so that no line of
/// the component's code takes part.
struct ResultCheck {
  std::string_view table;        // whose rows are compared
  std::string_view differences;  // a row for each value that differs: three columns that say where, its name, expected, found
  std::string_view counter{};    // the name under which results are counted: a difference there is a loss or a doubling
};

/// What `weir demo` runs once every record has ended. What only the applications know stands in tables of the session, named in the SQL.
struct ResultChecks {
  std::vector<std::string_view> waits{};    // a row with a text where something is still to be computed though no record is left
  std::vector<std::string_view> prepare{};  // statements that come first
  std::vector<ResultCheck> tables{};
};

/// Whether the group may read records again that it has taken (weir offsets reset): only where its results are the same afterwards.
struct Rereading {
  bool is_exact = false;                 // a record that is read again adds nothing
  std::optional<Microseconds> within{};  // only for records that are no older, because what tells repetitions apart is kept for so long
  std::vector<std::string> without{};    // keys of configuration: topics that are never read again
  std::string_view instead{};            // a literal; where it is not exact: the command that is right, and why
};

/// Everything may be left out: a component that says nothing is started like the others, and nothing is checked of it.
struct Declaration {
  std::string role{};   // the database role that it works as: "weir_rollups"
  std::string group{};  // its consumer group; empty: it reads no topic
  std::vector<TableRow> tables{};
  std::vector<ExampleRow> example{};
  std::optional<PublishingRows> publishes{};
  Rereading rereading{};
  ResultChecks results{};      // what its results have to be
  bool one_a_machine = false;  // it listens at an address of its own
};

}  // namespace weir::process
