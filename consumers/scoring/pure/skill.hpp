// Skill of learners and difficulty of activities, both on the Elo scale: a learner whose skill is as high as an activity is difficult
// solves that activity every other time, and 400 points more make it ten times as likely as failing.
#pragma once

#include <cstdint>
#include <optional>

namespace weir::scoring {

inline constexpr double kLowestRating = 0;
inline constexpr double kHighestRating = 4'000;
inline constexpr double kFirstSkill = 1'200;
/// How far a single attempt can move a skill.
inline constexpr double kSkillStep = 24;

/// The share of success to expect: 1/(1 + 10^((difficulty − skill)/400)) (Elo, The Rating of Chessplayers, Past and Present, 1978, 8.4, in
/// its logistic form).
[[nodiscard]] double expected_success(double skill, double difficulty);

/// The skill after an attempt: skill + K·(S − expected), with K = 24 and S from 0 to 1 (Elo 1978, 1.6), cut to 0–4000.
[[nodiscard]] double skill_after(double skill, double difficulty, double success);

/// S of an attempt: its score where it has one, else 1 or 0.
[[nodiscard]] double success_of(bool succeeded, std::optional<double> score);

/// How difficult an activity turned out to be: start + 400·log10((failed + 5)/(succeeded + 5)), cut to 0–4000. It is the difficulty at
/// which a learner of skill `start` would be expected to have failed as often as was seen, had five more failed and five more succeeded; so
/// few results move it little.
[[nodiscard]] double difficulty_rating(double start, std::int64_t failed, std::int64_t succeeded);

}  // namespace weir::scoring
