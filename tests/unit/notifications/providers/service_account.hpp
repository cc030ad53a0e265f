// A service account that was made for tests, and the assertion that Python's cryptography makes of it.
#pragma once

#include <string>

namespace weir::testing {

inline const std::string kServiceAccount = R"({"type":"service_account","project_id":"weir-test","private_key_id":"k1",)"
                                           R"("client_email":"sender@weir-test.example","token_uri":"https://oauth2.example/token",)"
                                           R"("private_key":"-----BEGIN PRIVATE KEY-----\n)"
                                           R"(MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCzDVxJLnqx0gF9\n)"
                                           R"(lr8Sy/cqkjiVTTBdYKaegoXufRHkPAz81xlSBNQ/0adbEXXwzyFeSCFn8StguPV7\n)"
                                           R"(GXqe2SpdKJOIv94vOeU87Jg78v1V0yAGphe6ShmCKPXtG3DIZfvOgQuapPa9tXWf\n)"
                                           R"(nv3U3OOWfReM9OGXpcxVV19dkLZ8plmqqocdG9HVR1u/vmmfaRlPdQB37gS0LHct\n)"
                                           R"(Q7dDbGyQ07MmBe/opK+D8iEsJNRuhqOK+bb7Q72Ye7JIuaG3Q9LdAi1kA8HZ+sHa\n)"
                                           R"(vW3hS9Q9Ba4lDkdfJhGasjxLHEjd+E8Vd4pTudnH5GJPqZmWQcmT7ZnD/rI4R8v8\n)"
                                           R"(YgXgXtRLAgMBAAECggEABU6Rn6qLAN49QRIeE69vfm0T8LOT3y0XSkWnNMxd+A4F\n)"
                                           R"(0BQ2Plr6SUdI1sdEmL0HV+/QQTdQCETBXIo7rNaAuH8GRcABMTEk/SCeE1/pBImG\n)"
                                           R"(hbMJqzjyIe/sahWRA7+K9YdCg61SPKWn/GNjiwvQGUWJqdLCCITXgOgJ01dzW93y\n)"
                                           R"(7nOPF75fz7rIkPjwuv4m3Ouu8QDJC2mnOwtGPXmPnYYVz3GpzW64omUc3GGpVRZQ\n)"
                                           R"(7EfvzyzsVm/96YNkpaWdw1x3U0MW8xhxQgml1lYvROMcrseRa8gRbfk9cpUMbOOU\n)"
                                           R"(m0akSYtCtQYegDhsmDLw0gomcfHSRVtbjjonRNlSkQKBgQDq+reVGWGT9QLMEaYk\n)"
                                           R"(j+6BEHzTmSB9b1a5gWIIJxSidhB8PeYbu1ApfP9qHPyV0NHYbHASSwsGxAsd9to9\n)"
                                           R"(5lUMc6yLVJrAi9riJjbqUWl1dWlX1SOpWpn7gXah85XqMpqhsSd08m0k8g7+PAq4\n)"
                                           R"(brtl6+mHTq5M7BLEIgUEdriKJwKBgQDDEdmsBaSRtjiDtFblVEaKfG4TH8xKw7uI\n)"
                                           R"(KNelHOV0adkuCUJPtnjUuKrTNlzS23137F9XMbEepkxVkFiWug3PNxsdTruvN8VF\n)"
                                           R"(YshPQc0wXVXmPnyd/ICBMlTlQLuKMtGarnq5ij6HDRPdXnlfTOXvuapUoo6aTH2K\n)"
                                           R"(991Zo+lvPQKBgQCFd91Y4i7LpKpvEUNGlz6Irr3ITrzmopwnCDePm+sbkGYyu9H9\n)"
                                           R"(RHr25doKAubxjcfz3zwVF+zubeJGpdU2vaLnTLjf9zFjVs0AEWa114JIRmWMjzMP\n)"
                                           R"(WbgG5HVm7f3kJdQxLXfU9HJMPvWHMMGCGtt0u/hMc8OLS7gpEY26CFkvlwKBgHrv\n)"
                                           R"(RvUIYVyLMDagcpr4b7RbEqvuwDrl+8ulobGm8lxZUMuYfjfqUWAOOWn+uqUQOpRX\n)"
                                           R"(XQaAhJVCTJ0n6QykmItcuTPRKKsWRLajuIVqfLvcNoRyIOsX9Ix3gdUw5IAF4t7O\n)"
                                           R"(0v0XSKyn6zr5jRgoSEi6A8Ru5dwMFJp99vvFNxopAoGAGnIbZ92XqeKfU4HIaUJ+\n)"
                                           R"(vbDvXkgxiYX1X1fomD1KtPpmHPgFCaoWhAx6IEiff6s9fGvogO478EEes6sSFm7d\n)"
                                           R"(yjDyZH/e4r7V5KommlNxN7ECfk1TtZVf8lD/GDcVarJcFz3xsE7FiXvx5YEZ3SVg\n)"
                                           R"(xpZzhKCQgbd/JqlXOZA8Agw=\n)"
                                           R"(-----END PRIVATE KEY-----\n)"
                                           R"("})";

/// For the scope of FCM, at 2012-11-16T17:49:39Z.
inline const std::string kAssertion =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJpc3MiOiJzZW5kZXJAd2Vpci10ZXN0LmV4YW1wbGUiLCJz"
    "Y29wZSI6Imh0dHBzOi8vd3d3Lmdvb2dsZWFwaXMuY29tL2F1dGgvZmlyZWJhc2UubWVzc2FnaW5nIiwiYXVkIjoiaHR0cHM6Ly9v"
    "YXV0aDIuZXhhbXBsZS90b2tlbiIsImlhdCI6MTM1MzA4ODE3OSwiZXhwIjoxMzUzMDkxNzc5fQ.cxlRRbGrG26AkRji0oS9izXu8"
    "dRkVLwA38LUCObTcabv6FFL-z4rTJ7JaJPwX647KfvI8KDYMM24EynO2lxbKVeDb7KbpdrNBmKd-vpvKyrV646t4TB3PqmhHL7Vg"
    "i2Vw5t8l_dHAeljer3dHoXRdHDtmGe-SthS2XQPtoFNBvt99TjX0zVZ7qwtrjUqmwClmITDLEDGckPWuYs0Vh59s83A03iUHV76i"
    "hBmEqFTikCUlkWak8ckE7sp_mZhlphsTqo3B7PdTiWpnul3STXUw2u7XrJCGniofI8EaDh2x1oGJPcpj5mw5qFk6WxR33D6ghi20"
    "uNrcMW_trk07ecFiw";

}  // namespace weir::testing
