// Statements within a transaction that somebody else opens and ends: bound parameters, named statements, COPY in, arrays of rows, staging
// tables and savepoints. Stores take this and not a Connection, so that no consumer can commit what its runtime has to commit.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/postgres/row_writer.hpp"

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir::postgres {

/// Bound parameters of one statement, in order $1, $2, … Each carries its type, so SQL needs no casts. Values are copied.
class Params {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) Params& add(T value) { return add_int8(static_cast<std::int64_t>(value)); }
  Params& add(bool value);
  Params& add(double value);
  Params& add(std::string_view text);  // text
  Params& add(const char* text) { return add(std::string_view(text)); }
  Params& add(const std::string& text) { return add(std::string_view(text)); }
  Params& add(const Uuid& id);
  template <class Tag>
  Params& add(const Id<Tag>& id) {
    return add(id.value);
  }
  Params& add(Instant instant);               // timestamptz
  Params& add_bytes(std::string_view bytes);  // bytea
  Params& add_json(std::string_view json);    // jsonb
  template <class T>
  Params& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null();
  }
  Params& add_null();                                       // of unknown type: cast it in SQL where the context gives none
  Params& add_array(std::span<const std::int64_t> values);  // bigint[]
  Params& add_array(std::span<const std::string> values);   // text[]
  Params& add_array(std::span<const Uuid> values);          // uuid[]
  Params& add_array(std::span<const Instant> values);       // timestamptz[]

 private:
  friend class Statements;
  struct Value {
    std::optional<std::string> bytes;
    Oid type = 0;
    int format = 0;  // 0 text, 1 binary
  };
  Params& add_int8(std::int64_t value);
  std::vector<Value> values_;
};

class Row;

/// The rows of one answer, in text form. Owns the memory of its views.
class Rows {
 public:
  Rows() = default;
  explicit Rows(PGresult* result) : result_(result, &PQclear) {}
  [[nodiscard]] std::size_t size() const { return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] Row operator[](std::size_t index) const;
  [[nodiscard]] PGresult* raw() const { return result_.get(); }

 private:
  std::shared_ptr<PGresult> result_;
};

/// One row of an answer. Columns are counted from 0. Asking for a type that the text does not hold is a broken invariant:
/// the statement and its reader are written together.
class Row {
 public:
  Row(PGresult* result, std::size_t index) : result_(result), index_(static_cast<int>(index)) {}
  [[nodiscard]] bool is_null(int column) const { return PQgetisnull(result_, index_, column) != 0; }
  [[nodiscard]] std::string_view text(int column) const;
  /// T: bool, an integer, double, std::string, Uuid, Id<…>, Instant, std::vector<std::int64_t>, std::vector<std::string>.
  template <class T>
  [[nodiscard]] T get(int column) const;
  template <class T>
  [[nodiscard]] std::optional<T> maybe(int column) const {
    return is_null(column) ? std::nullopt : std::optional<T>(get<T>(column));
  }
  /// bytea, decoded.
  [[nodiscard]] std::string bytes(int column) const;

 private:
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] bool boolean(int column) const;
  [[nodiscard]] Uuid uuid(int column) const;
  [[nodiscard]] Instant instant(int column) const;
  [[nodiscard]] std::vector<std::int64_t> integers(int column) const;
  [[nodiscard]] std::vector<std::string> texts(int column) const;

  PGresult* result_;
  int index_;
};

/// A table of the session that rows are copied into, and from there, in one statement, into the table that they belong to.
struct StagingTable {
  std::string_view name;
  std::string_view columns;  // as CREATE TABLE takes them between its parentheses
};

/// Whoever opens a session holds it as a Connection. Not thread-safe: one thread at a time uses a session.
class Statements {
 public:
  Statements(const Statements&) = delete;
  Statements& operator=(const Statements&) = delete;

  /// Runs one statement. `name` names it in faults, logs and the server's prepared statements: it is prepared at its first use
  /// under that name, so one name must always come with one text.
  [[nodiscard]] Result<Rows> query(std::string_view name, const std::string& sql, const Params& params = {});
  /// Runs one statement, gives the number of rows that it touched.
  [[nodiscard]] Result<std::uint64_t> execute(std::string_view name, const std::string& sql, const Params& params = {});
  /// Runs `copy_sql` (COPY … FROM STDIN (FORMAT binary)) over the buffer. Gives the number of rows.
  [[nodiscard]] Result<std::uint64_t> copy_in(const std::string& copy_sql, CopyBuffer& buffer);
  /// Runs one statement over rows that do not exist yet: its only parameter, $1, is an array of the composite `type` ("schema.name"), and
  /// `next` adds the next row to it, or answers false. Rows go in pieces, each a run of the statement, and Postgres is at some of them
  /// while more are added: within a transaction, so that they are all or none. Gives the number of rows touched.
  [[nodiscard]] Result<std::uint64_t> execute_over(std::string_view name, const std::string& sql, const std::string& type,
                                                   const std::function<bool(RowArray&)>& next);
  /// The same over `values` that exist: `put` adds the row of one value. No value: nothing is run.
  template <class Values, class Put>
  [[nodiscard]] Result<std::uint64_t> execute_over(std::string_view name, const std::string& sql, const std::string& type,
                                                   const Values& values, Put put) {
    auto next = std::begin(values);
    if (next == std::end(values)) return std::uint64_t{0};
    return execute_over(name, sql, type, [&](RowArray& out) {
      if (next == std::end(values)) return false;
      put(out, *next++);
      return true;
    });
  }
  /// Makes the tables that the session does not have yet, and empties them. They are empty again when the transaction ends.
  [[nodiscard]] Result<void> make_staging(std::initializer_list<StagingTable> tables);
  /// Does `work` within a savepoint: where it ends in a fault, nothing of it stays and the transaction goes on. Gives the fault of `work`,
  /// or that of the savepoint's own statements, after which the transaction is gone.
  [[nodiscard]] Result<void> within_savepoint(const std::function<Result<void>()>& work);

 protected:
  Statements(PGconn* connection, Milliseconds patience) : connection_(connection, &PQfinish), patience_(patience) {}
  Statements(Statements&&) noexcept = default;
  Statements& operator=(Statements&&) noexcept = default;
  ~Statements() = default;

  /// Runs several statements by the simple protocol.
  [[nodiscard]] Result<Rows> script(const std::string& sql);
  [[nodiscard]] bool usable() const;
  [[nodiscard]] PGconn* raw() const { return connection_.get(); }
  [[nodiscard]] Rows answer(int sent);
  [[nodiscard]] Fault fault(const Rows& answered, std::string_view name);
  void prepare_nothing() { prepares_ = false; }
  void meanwhile(std::function<std::optional<Milliseconds>()> work) { meanwhile_ = std::move(work); }

 private:
  void await_answer();
  [[nodiscard]] Result<void> prepare(const std::string& name, const std::string& sql, std::span<const Oid> types);
  [[nodiscard]] Result<RowType> row_type(const std::string& name);
  [[nodiscard]] Result<std::uint64_t> send_runs(const std::string& name, const RowType& type, const std::function<bool(RowArray&)>& next);
  [[nodiscard]] Result<Rows> checked(Rows answered, std::string_view name);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  Milliseconds patience_;  // for an answer; 0: without end
  bool silent_ = false;    // no answer came in that time
  bool standby_ = false;
  bool prepares_ = true;
  std::function<std::optional<Milliseconds>()> meanwhile_;
  std::unordered_set<std::string> prepared_;
  std::unordered_map<std::string, RowType> row_types_;
};

inline Row Rows::operator[](std::size_t index) const {
  WEIR_ASSERT(index < size());
  return {result_.get(), index};
}

template <class T>
T Row::get(int column) const {
  if constexpr (std::same_as<T, bool>) {
    return boolean(column);
  } else if constexpr (std::integral<T>) {
    return static_cast<T>(integer(column));
  } else if constexpr (std::same_as<T, double>) {
    return real(column);
  } else if constexpr (std::same_as<T, std::string>) {
    return std::string(text(column));
  } else if constexpr (std::same_as<T, Uuid>) {
    return uuid(column);
  } else if constexpr (std::same_as<T, Instant>) {
    return instant(column);
  } else if constexpr (std::same_as<T, std::vector<std::int64_t>>) {
    return integers(column);
  } else if constexpr (std::same_as<T, std::vector<std::string>>) {
    return texts(column);
  } else {
    return T{uuid(column)};  // Id<…>
  }
}

}  // namespace weir::postgres
