// A session with Postgres by libpqxx, for the demo's application and for checks of what weir wrote, which must share no client with weir
// itself (docs/decisions/0003). Exceptions of libpqxx become faults here.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <pqxx/pqxx>

#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weir::demo {

/// A value for $1, $2, …, as text whose type the statement decides.
class Parameter {
 public:
  Parameter(std::nullopt_t) {}
  Parameter(std::string_view text) : text_(text) {}
  Parameter(const std::string& text) : text_(text) {}
  Parameter(const char* text) : text_(text) {}
  Parameter(double number) : text_(pqxx::to_string(number)) {}
  template <std::integral T>
  Parameter(T number) : text_(pqxx::to_string(number)) {}
  Parameter(const Uuid& id) : text_(id.text()) {}
  Parameter(Instant instant) : text_(format_instant(instant)) {}
  template <class T>
  Parameter(const std::optional<T>& value) {
    if (value) *this = Parameter(*value);
  }
  [[nodiscard]] static Parameter bytes(std::string_view bytes);                 // bytea
  [[nodiscard]] static Parameter array(std::span<const std::string> texts);     // of any type, by its elements' texts
  [[nodiscard]] static Parameter array(std::span<const std::int64_t> numbers);  // of numbers

  [[nodiscard]] const char* text() const { return text_ ? text_->c_str() : nullptr; }

 private:
  std::optional<std::string> text_;  // none: null
};
using Parameters = std::vector<Parameter>;

/// Runs one statement. Throws as libpqxx does: for use inside of a SqlSession's transactions.
pqxx::result execute(pqxx::transaction_base& transaction, const std::string& sql, const Parameters& parameters = {});

/// The fault of an exception of libpqxx: kPgConnection, kCommitInDoubt, kPgRefused, or kPgOther for all else.
[[nodiscard]] Fault fault_of(const std::exception& error);

/// One session. Where it was lost, the next use opens another. Not thread-safe.
class SqlSession {
 public:
  [[nodiscard]] static Result<SqlSession> open(const std::string& dsn, const std::string& application_name);

  /// One statement, outside of a transaction.
  [[nodiscard]] Result<pqxx::result> ask(const std::string& sql, const Parameters& parameters = {});
  /// Several statements without parameters. Gives the last one's rows.
  [[nodiscard]] Result<pqxx::result> script(const std::string& sql);

  /// Gives `work` a transaction and commits it; where it throws, nothing is done.
  template <class Work>
  auto committed(Work work) {
    return within<pqxx::work>([&](pqxx::work& transaction) {
      if constexpr (std::is_void_v<std::invoke_result_t<Work, pqxx::work&>>) {
        work(transaction);
        transaction.commit();
      } else {
        auto answer = work(transaction);
        transaction.commit();
        return answer;
      }
    });
  }
  /// The same, rolled back in any case.
  template <class Work>
  auto discarded(Work work) {
    return within<pqxx::work>(std::move(work));
  }
  /// The same, each statement committed by itself.
  template <class Work>
  auto outside(Work work) {
    return within<pqxx::nontransaction>(std::move(work));
  }

 private:
  explicit SqlSession(std::string dsn) : dsn_(std::move(dsn)) {}
  /// Throws as libpqxx does.
  void connect();

  template <class Transaction, class Work>
  auto within(Work work) -> Result<std::invoke_result_t<Work, Transaction&>> {
    try {
      if (!connection_->is_open()) connect();
      Transaction transaction(*connection_);
      if constexpr (std::is_void_v<std::invoke_result_t<Work, Transaction&>>) {
        work(transaction);
        return {};
      } else {
        return work(transaction);
      }
    } catch (const std::exception& error) {
      return fail(fault_of(error));
    }
  }

  std::string dsn_;
  std::unique_ptr<pqxx::connection> connection_;
  std::unique_ptr<pqxx::quiet_errorhandler> quiet_;  // else libpqxx would write Postgres' notices to the terminal
};

}  // namespace weir::demo
