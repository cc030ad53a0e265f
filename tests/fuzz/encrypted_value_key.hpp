// The key and the place of the fuzzer of encrypted values, and of its seeds: some of what it is given decrypts.
#pragma once

#include "common/encryption/encrypted_value.hpp"

namespace weir::encryption::testing {

inline Key fuzz_key() { return Key(std::string(kKeyBytes, 'k')); }
inline Place fuzz_place() { return {"public.connectors", "credentials_encrypted", "00000000-0000-4000-8000-000000000001"}; }

}  // namespace weir::encryption::testing
