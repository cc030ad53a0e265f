#include "consumers/insights/providers/preview.hpp"

#include "common/core/digest.hpp"
#include "consumers/insights/providers/registry.hpp"

#include <fmt/format.h>

namespace weir::insights {

std::string preview(const OrganizationId& organization, const Outgoing& outgoing) {
  const ModelAccount& account = *outgoing.account;
  const Tokens reserved = reservation(static_cast<std::int64_t>(body_of(outgoing).size()), account.most_output);
  return fmt::format(
      "provider: {}\nmodel: {}\nprompt version: {}\ninput hash: {}\nreserved: {} tokens in, {} out, {} millionths of a dollar\n\n"
      "system:\n{}\n\nuser:\n{}\nschema:\n{}\n",
      account.provider, account.model, kPromptVersion, hex(input_hash(organization, account.model, outgoing.prompt)), reserved.in,
      reserved.out, cost_micro_usd(reserved, account.prices), outgoing.prompt.system(), outgoing.prompt.text(outgoing.nonce),
      outgoing.prompt.schema());
}

}  // namespace weir::insights
