#include "demo/stage/expectations.hpp"

namespace weir::demo {

Expectation expectation_of(const process::Component& component, const config::Configuration& configuration) {
  Expectation expectation;
  expectation.group = component.declaration.group;
  expectation.results = component.declaration.results;
  for (const process::ReadTopic& topic : component.reads(configuration)) expectation.topics.push_back(topic.name);
  return expectation;
}

std::vector<Expectation> expectations(std::span<const process::Component> components, const config::Configuration& configuration) {
  std::vector<Expectation> all;
  for (const process::Component& component : components) {
    if (component.reads) all.push_back(expectation_of(component, configuration));
  }
  return all;
}

}  // namespace weir::demo
