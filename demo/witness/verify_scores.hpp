// The verification of scores: what weir scoring made of answers that it decrypted, against SQL over the same answers as they were given.
#pragma once

#include "demo/clients/given_answers.hpp"
#include "demo/witness/verify.hpp"

#include <span>

namespace weir::demo {

/// What weir scoring reads.
[[nodiscard]] Expectation scores_expected();

/// "" once no alignment is still to be computed; else what is waited for.
[[nodiscard]] Result<std::string> unsettled_alignments(SqlSession& session);

/// Adds to the verdict what differs in statuses, scores, growth, attachment profiles and alignments. `given` is every response that there
/// is or was.
[[nodiscard]] Result<void> verify_scores(SqlSession& session, std::span<const GivenResponse> given, Verdict& verdict);

}  // namespace weir::demo
