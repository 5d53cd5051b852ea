// What cannot fail in a test that is set up rightly: the process ends with the reason if it does.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <absl/status/statusor.h>

namespace flosync {

inline void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

template <typename T>
[[nodiscard]] T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

}  // namespace flosync
