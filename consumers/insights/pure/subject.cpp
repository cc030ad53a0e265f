#include "consumers/insights/pure/subject.hpp"

namespace weir::insights {

namespace {

// A name space of its own, drawn once: ids of intents meet no others that are made of the same texts.
constexpr std::string_view kNameSpace = "0c6b0f6e-5c0a-4a7e-8a53-9a3f4f2b7d18";

}  // namespace

Uuid intent_id(const Subject& subject, const Uuid& event) {
  const std::string user = subject.user ? subject.user->text() : "agents";
  return Uuid::v5(*Uuid::parse(kNameSpace), subject.organization.text() + ':' + user + ':' + event.text());
}

}  // namespace weir::insights
