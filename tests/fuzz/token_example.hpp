// A header and claims, a line each, that the fuzzer of tokens takes once they are signed.
#pragma once

#include <string_view>

namespace weir::gateway::testing {

inline constexpr std::string_view kTokenHeader = R"({"alg":"HS256","kid":"k","typ":"JWT"})";
inline constexpr std::string_view kTokenClaims =
    R"({"iss":"https://login.example","aud":["weir"],"exp":1800000600,"nbf":1799999990,"sub":"00000000-0000-4000-8000-000000000001",)"
    R"("org":"00000000-0000-4000-8000-000000000002","user_role":"student"})";

}  // namespace weir::gateway::testing
