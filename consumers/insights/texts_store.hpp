// The SQL by which an insight gets a text: its row is made with the first one, and a model's may take the place of the template's once.
#pragma once

#include "common/postgres/statements.hpp"

#include <span>
#include <string>

namespace weir::insights {

struct Text {
  Uuid insight;
  std::string title;
  std::string body;
  std::string provider;    // "template" where no model worded it
  std::string model;       // "" of a template
  std::string input_hash;  // in hex; "": the draft's
  std::string reason;      // why a template stands; "" where a model worded it
};

/// Writes texts of insights whose drafts are there. Each tells what its calls cost so far. The insight that told the same before is
/// superseded when the row is made. `step` moves Postgres' clock, for tests.
[[nodiscard]] Result<void> keep_texts(postgres::Statements& connection, std::span<const Text> texts, Microseconds step);

/// Adds up again what the calls of these insights cost, where their rows are there.
[[nodiscard]] Result<void> add_costs(postgres::Statements& connection, std::span<const Uuid> insights);

}  // namespace weir::insights
