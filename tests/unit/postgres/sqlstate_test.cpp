#include "common/postgres/connection.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("each SQLSTATE leads to the action that the table promises") {
  struct Row {
    const char* sqlstate;
    Action action;
  };
  for (const Row& row :
       {Row{"40001", Action::kRetry},  Row{"40P01", Action::kRetry},    Row{"55P03", Action::kRetry},  Row{"57014", Action::kRetry},
        Row{"55006", Action::kRetry},  Row{"08P01", Action::kRetryFew}, Row{"25P03", Action::kRetry},  Row{"25P04", Action::kRetry},
        Row{"25006", Action::kRetry},  Row{"08006", Action::kRetry},    Row{"57P01", Action::kRetry},  Row{"57P03", Action::kRetry},
        Row{"53300", Action::kRetry},  Row{"23503", Action::kPark},     Row{"23505", Action::kDivide}, Row{"23514", Action::kDivide},
        Row{"22003", Action::kDivide}, Row{"22P02", Action::kDivide},   Row{"54000", Action::kDivide}, Row{"P0001", Action::kDivide},
        Row{"42P01", Action::kStop},   Row{"42703", Action::kStop},     Row{"28P01", Action::kStop},   Row{"3D000", Action::kStop},
        Row{"3F000", Action::kStop},   Row{"XX000", Action::kRetryFew}}) {
    CHECK_MESSAGE(fault_row(postgres::fault_of_sqlstate(row.sqlstate)).action == row.action, row.sqlstate);
  }
}

TEST_CASE("a missing grant ends with exit 77, a missing table with 78") {
  CHECK(fault_row(postgres::fault_of_sqlstate("42501")).exit_code == ExitCode::kRefused);
  CHECK(fault_row(postgres::fault_of_sqlstate("42P01")).exit_code == ExitCode::kConfiguration);
}
