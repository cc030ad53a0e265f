// A program with one component and a few commands that remember how they were run.
#pragma once

#include "common/cli/program.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::cli::sample {

/// What was run, in words.
struct Seen {
  std::vector<std::string> runs;
};

inline Program program(const std::shared_ptr<Seen>& seen) {
  process::Component cdc;
  cdc.name = "cdc";
  cdc.help = "Publish changes.";
  cdc.fields = {{.key = "cdc.slot", .help = "Slot.", .fallback = "weir", .flag = "--slot"}};
  cdc.required = {"postgres.dsn"};
  cdc.modes = {{.name = "resnapshot", .help = "Begin anew.", .arguments = "[SYSTEM]"}};
  cdc.run = [seen](process::Context& context) -> Result<void> {
    seen->runs.push_back("cdc " + context.configuration.text("cdc.slot"));
    for (const std::string& argument : context.arguments) seen->runs.back() += " " + argument;
    return {};
  };
  Command lag;
  lag.path = "lag";
  lag.help = "Show lag.";
  lag.options = {{.name = "--json", .help = "JSON."},
                 {.name = "--group", .placeholder = "GROUP", .help = "Group."},
                 {.name = "--path", .placeholder = "POINTER", .help = "Place.", .may_be_empty = true},
                 {.name = "--file", .placeholder = "FILE", .help = "File."}};
  lag.arguments = "[TOPIC…]";
  lag.run = [seen](process::Context&, const Invocation& invocation) -> Result<void> {
    seen->runs.push_back("lag " + invocation.option("--group").value_or("-") + (invocation.flag("--json") ? " json" : ""));
    for (const std::string& argument : invocation.arguments) seen->runs.back() += " " + argument;
    return {};
  };
  Command down;
  down.path = "migrate down";
  down.former_path = "migrate revert";
  down.help = "Take back.";
  down.options = {{.name = "--to", .placeholder = "VERSION", .help = "Version.", .required = true}};
  down.run = [](process::Context&, const Invocation&) -> Result<void> { return fail(FaultKind::kPgRefused, "no right", "ask for it"); };
  Command skip;
  skip.path = "cdc skip";
  skip.help = "Leave out.";
  skip.options = {{.name = "--lsn", .placeholder = "LSN", .help = "Place."}};
  skip.run = [](process::Context&, const Invocation&) -> Result<void> { return {}; };
  Command bug;
  bug.path = "bug";
  bug.help = "Throws.";
  bug.run = [](process::Context&, const Invocation&) -> Result<void> { throw std::runtime_error("oops"); };
  return Program{.components = {cdc}, .commands = {lag, down, bug, skip}, .groups = {{"migrate", "Migrations."}}};
}

}  // namespace weir::cli::sample
