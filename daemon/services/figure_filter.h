// Which figures a request asks for. A value; any thread.
#pragma once

#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>

#include "state/geography/geography.h"
#include "state/indicators/figure.h"

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

class FigureFilter {
 public:
  // Matches every figure.
  FigureFilter() = default;

  // INVALID_ARGUMENT with the fields that name what does not exist; `area_exists` says which area codes there are.
  [[nodiscard]] static grpc::Status Read(const v1::IndicatorFilter& request, const Definitions& definitions,
                                         const std::function<bool(std::string_view)>& area_exists,
                                         FigureFilter& filter);

  [[nodiscard]] bool MatchesArea(Level level, std::string_view code) const {
    return (levels_.empty() || levels_.contains(level)) && Allows(areas_, code);
  }
  [[nodiscard]] bool MatchesFigure(std::string_view definition, std::string_view measure,
                                   std::string_view breakdown) const {
    return Allows(definitions_, definition) && Allows(measures_, measure) && Allows(breakdowns_, breakdown);
  }
  // The definitions named; none = those published.
  [[nodiscard]] const std::set<std::string, std::less<>>& definitions() const { return definitions_; }

  // The same for filters that name the same things, in whatever order; what binds a token to a filter.
  [[nodiscard]] std::string Hash() const;

 private:
  using Names = std::set<std::string, std::less<>>;
  [[nodiscard]] static bool Allows(const Names& names, std::string_view name) {
    return names.empty() || names.contains(name);
  }

  Names definitions_;
  Names measures_;
  Names breakdowns_;
  std::set<Level> levels_;
  Names areas_;
};

}  // namespace flosync
