// The configuration of providers, with the values that a test gives.
#pragma once

#include "consumers/notifications/providers/registry.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>

namespace weir::testing {

using Flags = std::map<std::string, std::string>;

struct Loaded {
  explicit Loaded(Flags flags) {
    schema.add(notifications::provider_fields());
    config::Inputs inputs;
    inputs.default_path = "";
    inputs.flags = std::move(flags);
    auto loaded = config::load(schema, inputs);
    if (!loaded) FAIL(loaded.error().line());
    configuration = *std::move(loaded);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  config::Schema schema;
  config::Configuration configuration;
};

}  // namespace weir::testing
